"""The gate: may we process this person's data for this purpose, now? (Art. 6, 7(3), 18, 21)

Asked at the moment of use, where the mail is handed over or the profile computed, never where it is queued.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.module_loading import import_string

from datamap.catalogue import catalogue
from datamap.declarations import Purpose
from datamap.registry import registry
from datamap.terms import LawfulBasis
from datamap.trace import Subject


@dataclass(frozen=True, slots=True)
class Decision:
    """Allowed or not, with the reason in the words of the register (no personal data), and the `proof` of a yes:
    the record that it rests on, such as `consent.ConsentEvent:17`."""

    allowed: bool
    reason: str
    proof: str = ""

    def __bool__(self) -> bool:
        return self.allowed


Gatekeeper = Callable[[Subject, Purpose, datetime], Decision | None]
"""Answers for the purposes it knows, None for all others."""


class UnknownPurpose(ValueError):
    """Somebody asked for a purpose that the catalogue does not have."""


def may_process(subject: Subject, purpose: str, *, now: datetime) -> Decision:
    """One refusal is enough to stop; a purpose on consent also needs one express yes: nobody answering means no.

    Raises UnknownPurpose for a code outside the catalogue.
    """
    try:
        declared = catalogue().purposes[purpose]
    except KeyError:
        raise UnknownPurpose(purpose) from None
    answers = [
        answer for path in registry().gatekeepers if (answer := import_string(path)(subject, declared, now)) is not None
    ]
    for answer in answers:
        if not answer.allowed:
            return answer
    if answers:
        return answers[0]
    if declared.basis is LawfulBasis.CONSENT:
        return Decision(False, "no consent on record")
    return Decision(True, f"basis {declared.basis.value}, nothing stands against it")
