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
        _("Say no"),
        (
            Topic(
                "object",
                _("Object to the use of your data"),
                _("Where we use data in our own interest, you can say no."),
                (
                    _form(_("Object"), Right.OBJECTION),
                    _form(_("No more advertising"), Right.MARKETING_OBJECTION),
                ),
                rights=frozenset({Right.OBJECTION, Right.MARKETING_OBJECTION}),
            ),
            Topic(
                "restrict",
                _("Have your data kept, but not used"),
                _("To restrict means: we keep the data and do nothing else with them."),
                (_form(_("Restrict processing"), Right.RESTRICTION),),
                (Term(_("Before a restriction ends we write to you, ahead of it by"), "LIFTING_NOTICE"),),
                frozenset({Right.RESTRICTION}),
            ),
            Topic(
                "consents",
                _("End a consent or a newsletter"),
                _("You take a consent back as easily as you gave it, and without a reason."),
                (
                    Button(_("My consents"), "consent:consents"),
                    _form(_("Ask us to end it"), Right.WITHDRAWAL),
                ),
                (
                    Term(_("The proof of what you agreed to"), "CONSENT_PROOF"),
                    Term(_("The note that you want no advertising"), "SUPPRESSION"),
                ),
                frozenset({Right.WITHDRAWAL}),
            ),
            Topic(
                "cookies",
                _("Cookies and visits"),
                _("Cookies are notes that a site leaves in your browser. Until you choose, only needed ones are left."),
                (Button(_("Cookie settings"), "cookies:settings"),),
                (Term(_("Notes about visits"), "VISIT_LOG"), Term(_("Your choice about cookies"), "COOKIE_CHOICE")),
            ),
            Topic(
                "human",
                _("A person decides, not a machine"),
                _("No machine alone decides about you here."),
                (_form(_("Ask for a person to look at it"), Right.HUMAN_REVIEW),),
                rights=frozenset({Right.HUMAN_REVIEW}),
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
    Group(
        _("Who can ask"),
        (
            Topic(
                "without-account",
                _("Without an account"),
                _("You need neither an account nor a cookie for any of this."),
                (Button(_("To the form"), "privacy:request-new"),),
                (
                    Term(_("The code in our letter"), "CODE"),
                    Term(_("The copy of an identity document"), "UNCHECKED_DOCUMENT"),
                ),
            ),
            Topic(
                "for-somebody-else",
                _("For somebody else"),
                _("You can act for another person if that person or the law allows it."),
                (Button(_("To the form for that"), "privacy:request-new", for_other=True),),
            ),
            Topic(
                "for-a-child",
                _("For a child"),
                _("Children cannot have an account here. If one has, we delete it."),
                (
                    Button(_("I am the parent"), "privacy:request-new", Right.ERASURE, for_other=True),
                    _form(_("It is about me"), Right.ERASURE),
                ),
            ),
        ),
    ),
    Group(
        _("How it goes"),
        (
            Topic(
                "how-a-request-goes",
                _("How a request goes"),
                _("From the first word to the answer you see where your request stands."),
                (
                    Button(_("My requests"), "privacy:request-list"),
                    _form(_("Ask something else"), Right.GENERAL),
                ),
                (Term(_("The file of your request, then it is deleted"), "CASE_FILE"),),
                frozenset({Right.GENERAL}),
            ),
            Topic(
                "how-long",
                _("How long an answer takes"),
                _("We answer as soon as we can, and the law sets the last day."),
                (Button(_("My requests"), "privacy:request-list"),),
            ),
            Topic(
                "complain",
                _("Complain"),
                _("You can complain to us, to the authority, or go to court. You choose, and in any order."),
                (_form(_("Complain to us"), Right.COMPLAINT),),
                rights=frozenset({Right.COMPLAINT}),
            ),
            Topic(
                "keep-safe",
                _("Keep your account safe"),
                _("Whoever gets into your account gets your data. You can do a lot against that."),
                (
                    Button(_("Second factor"), "mfa_index"),
                    Button(_("Change the password"), "account_change_password"),
                ),
                (
                    Term(_("We are careful after a change for"), "FRESH_CHANGE"),
                    Term(_("A copy or a deletion then waits for"), "SAFETY_WAIT"),
                    Term(_("Notes about your log-ins"), "VISIT_LOG"),
                ),
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
