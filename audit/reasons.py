"""Says in the reader's language why staff looked: the sentences that the site itself wrote into the trail (Art. 12(1)).

The trail is never changed, so what stands there stays as it was written; the words of staff are theirs and stay too.
"""

import re
from typing import Any, Final

from django.apps import apps
from django.utils.translation import gettext_lazy as _

from audit.revealing import RevealReason
from datamap.terms import Text
from datamap.words import tables

_PURPOSES: Final[dict[str, Text]] = {
    "communication": _("communication with visitors"),
    "optimisation": _("convenience and optimisation of the site"),
    "security": _("monitoring, stability and security"),
    "attack_detection": _("detection of attacks"),
    "administration": _("administration of the site"),
    "statistics": _("statistics"),
}
"""For what a visit was read, by its code."""

_SENTENCES: Final[tuple[tuple[re.Pattern[str], Text], ...]] = (
    (re.compile(r"work on requests"), _("work on requests")),
    (re.compile(r"work on request (?P<number>\S+)"), _("work on request %(number)s")),
    (re.compile(r"work on openings of sealed records"), _("work on openings of sealed records")),
    (re.compile(r"work on (?P<table>\w+\.\w+)"), _("work on: %(table)s")),
    (re.compile(r"a claim that a comment infringes rights"), _("a claim that a comment infringes rights")),
    (
        re.compile(r"looks whether a mail that was set aside is a request"),
        _("looks whether a mail that was set aside is a request"),
    ),
    (re.compile(r"(?P<purpose>[a-z_]+) \(policy 7\.3\)"), _("%(purpose)s (policy clause 7.3)")),
)


def spoken(reason: str) -> str:
    """A reason of the trail in the active language."""
    if whole := _sentence(reason):
        return whole
    head, separator, given = reason.rpartition(": ")
    if not separator:
        return _given(reason)
    return f"{_sentence(head) or head}: {_given(given)}"


def _sentence(text: str) -> str:
    for pattern, words in _SENTENCES:
        if found := pattern.fullmatch(text):
            return str(words) % {name: _named(name, value) for name, value in found.groupdict().items()}
    return ""


def _named(name: str, value: str) -> str:
    match name:
        case "table":
            return str(tables().get(value) or _called(value))
        case "purpose":
            return str(_PURPOSES.get(value, value))
        case _:
            return value


def _called(label: str) -> str:
    """What a table is called that is not declared as one about people."""
    try:
        model: Any = apps.get_model(label)
    except LookupError:
        return label
    return str(model._meta.verbose_name_plural)


def _given(code: str) -> str:
    return str(RevealReason(code).label) if code in RevealReason.values else code
