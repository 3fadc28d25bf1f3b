"""The gate: may we process this person's data for this purpose, now? (Art. 6, 7(3), 18, 21)

Asked at the moment of use, where the mail is handed over or the profile computed, never where it is queued.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from django.utils.module_loading import import_string

from datamap.catalogue import catalogue
from datamap.declarations import Purpose
from datamap.once import once
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


class Gatekeeper(Protocol):
    """Answers for the purposes it knows, None for all others; `scope` is the piece of the purpose that is asked for."""

    def __call__(self, subject: Subject, purpose: Purpose, now: datetime, /, *, scope: str) -> Decision | None: ...


class UnknownPurpose(ValueError):
    """Somebody asked for a purpose that the catalogue does not have."""


_Question = tuple[Subject, str, str]

_ONE_MOMENT: Final = timedelta(seconds=10)
"""An answer is not given again to who asks about another moment than that of the request."""


def may_process(subject: Subject, purpose: str, *, now: datetime, scope: str = "") -> Decision:
    """One refusal is enough to stop; a purpose on consent also needs one express yes: nobody answering means no.

    `scope` is what within the purpose is to be used, where it is consented to piece by piece (`datamap.scopes`).
    Raises UnknownPurpose for a code outside the catalogue.
    """
    answers: dict[_Question, tuple[datetime, Decision]] = once("answers of the gate", dict)
    question = (subject, purpose, scope)
    asked_at, decision = answers.get(question, (None, None))
    if decision is None or asked_at is None or not timedelta(0) <= now - asked_at <= _ONE_MOMENT:
        decision = _asked(subject, purpose, scope=scope, now=now)
        answers[question] = (now, decision)
    return decision


def _asked(subject: Subject, purpose: str, *, scope: str, now: datetime) -> Decision:
    try:
        declared = catalogue().purposes[purpose]
    except KeyError:
        raise UnknownPurpose(purpose) from None
    keepers: list[Gatekeeper] = [import_string(path) for path in registry().gatekeepers]
    answers = [answer for ask in keepers if (answer := ask(subject, declared, now, scope=scope)) is not None]
    for answer in answers:
        if not answer.allowed:
            return answer
    if answers:
        return answers[0]
    if declared.basis is LawfulBasis.CONSENT:
        return Decision(False, "no consent on record")
    return Decision(True, f"basis {declared.basis.value}, nothing stands against it")
