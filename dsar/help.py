"""Help for people (Art. 12(1)): one topic a page, in plain words.

How long something takes or stays is never typed on these pages: it is read from where the site itself reads it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from datamap.catalogue import period
from datamap.periods import Period
from datamap.registry import model_of, registry
from datamap.terms import Right, Text


@dataclass(frozen=True, slots=True)
class Button:
    """What does the thing that a page speaks of: a page of the site, or the form for one right."""

    label: Text
    page: str
    right: Right | None = None
    for_other: bool = False

    @property
    def address(self) -> str:
        asked = {"right": self.right.value if self.right else "", "for": "other" if self.for_other else ""}
        query = urlencode({name: value for name, value in asked.items() if value})
        return reverse(self.page) + (f"?{query}" if query else "")


@dataclass(frozen=True, slots=True)
class Term:
    """A period of the catalogue, and what lasts so long."""

    says: Text
    code: str

    @property
    def period(self) -> Period:
        return period(self.code)


@dataclass(frozen=True, slots=True)
class Topic:
    """One page of help. Its words are in `templates/dsar/help/SLUG.html`; `rights` are those that it explains."""

    slug: str
    title: Text
    lead: Text
    buttons: tuple[Button, ...]
    terms: tuple[Term, ...] = ()
    rights: frozenset[Right] = frozenset()

    @property
    def template(self) -> str:
        return f"dsar/help/{self.slug}.html"


@dataclass(frozen=True, slots=True)
class Group:
    """Topics that belong together on the index."""

    label: Text
    topics: tuple[Topic, ...]


def _form(label: Text, right: Right) -> Button:
    return Button(label, "privacy:request-new", right)


_DOWNLOAD: Final = (
    Term(_("You can download the file for"), "DOWNLOAD_LINK"),
    Term(_("We delete the file after"), "PACKAGE"),
)

GROUPS: Final = (
    Group(
        _("See, correct, take along"),
        (
            Topic(
                "see",
                _("See what we hold about you"),
                _("You can have a copy of everything that we hold about you, free of charge."),
                (_form(_("Get my copy"), Right.ACCESS), Button(_("My privacy"), "privacy:portal")),
                _DOWNLOAD,
                frozenset({Right.ACCESS}),
            ),
            Topic(
                "read-your-copy",
                _("Read your copy"),
                _("Your copy is one ZIP file. A computer or a telephone opens it without any other program."),
                (_form(_("Get my copy"), Right.ACCESS),),
            ),
            Topic(
                "correct",
                _("Correct or complete your data"),
                _("Most of it you can change yourself, at once."),
                (Button(_("My details"), "account"), _form(_("Ask for a correction"), Right.RECTIFICATION)),
                rights=frozenset({Right.RECTIFICATION}),
            ),
            Topic(
                "take-along",
                _("Take your data with you"),
                _("You can have your data in a form that other services read."),
                (_form(_("Data portability"), Right.PORTABILITY),),
                _DOWNLOAD,
                frozenset({Right.PORTABILITY}),
            ),
        ),
    ),
    Group(
        _("Leave"),
        (
            Topic(
                "delete",
                _("Delete your account"),
                _("Before you decide, you see a list of what goes and what stays."),
                (
                    Button(_("Delete my account"), "account-delete"),
                    _form(_("Without an account"), Right.ERASURE),
                ),
                (
                    Term(_("Invoices"), "INVOICE"),
                    Term(_("The archive, unless you object to it"), "ARCHIVE"),
                    Term(_("Backups"), "BACKUP"),
                ),
                frozenset({Right.ERASURE}),
            ),
            Topic(
                "archive",
                _("The archive of a deleted account"),
                _("After a deletion we keep a small sealed record, unless you object to it."),
                (Button(_("Object to the archive"), "privacy:archive-objection"),),
                (Term(_("The record"), "ARCHIVE"), Term(_("The link in our letter"), "TOKEN")),
            ),
            Topic(
                "receipt",
                _("The receipt, and how to check it"),
                _("A receipt is a text that we sign. With it you can prove what we told you."),
                (Button(_("Check a receipt"), "privacy:verify"),),
            ),
        ),
    ),
)


def topics() -> Iterator[Topic]:
    """Every topic, in the order of the index."""
    for group in GROUPS:
        yield from group.topics


def topic_of(right: Right) -> Topic:
    """The page that explains this right. Raises StopIteration for none; a test sees to it that there is one."""
    return next(topic for topic in topics() if right in topic.rights)


@dataclass(frozen=True, slots=True)
class Kept:
    """What an erasure leaves: what it is, why, because of which act, for how long."""

    label: Text
    reason: Text
    act: str
    term: Text


def kept() -> list[Kept]:
    """Everything that may stay after an erasure, read from the declarations; the plan of a person says what does."""
    found = [
        Kept(holding.label, item.reason, item.act, period(item.until or holding.period).label)
        for holding in registry().holdings
        for item in holding.kept.values()
    ]
    return list(dict.fromkeys(found))


def archived() -> list[Text]:
    """What the sealed record of a deleted account holds."""
    return [
        item.label or str(getattr(model_of(holding)._meta.get_field(name), "verbose_name", name))
        for holding in registry().holdings
        for name, item in holding.personal.items()
        if item.archive
    ]
