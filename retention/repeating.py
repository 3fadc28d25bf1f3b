"""What the journal outside the database knows of an erasure, and whom it means after a restore (Q10.9; security X2)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.contrib.auth import get_user_model
from django.utils import translation

from datamap.trace import Subject, subject_of_user
from replay.journal import born, note, opened
from replay.segments import Line

ERASED: Final = "retention.erased"


@dataclass(frozen=True, slots=True)
class Case:
    """Under which numbers an erasure runs: its own, which makes the receipt's secret, and that of the request.

    `why` is what staff wrote of a child's: it may name people and is stored sealed only.
    """

    number: UUID
    case_number: str
    child: bool = False
    why: str = ""


def note_erasure(subject: Subject, case: Case, *, objected: bool, now: datetime) -> None:
    """Have the journal remember it, before the account goes.

    The keys of somebody without an account, and of rows that are older than the account, stand in the line sealed: for
    as long as a backup that holds them readable could be restored, and not longer.
    """
    keys: dict[str, Any] = {
        "emails": sorted(subject.emails),
        "phones": sorted(subject.phones),
        "visitors": sorted(subject.visitors),
    }
    if case.why:
        keys["why"] = case.why
    details = {
        "case": case.case_number,
        "objected": objected,
        "child": case.child,
        "language": translation.get_language() or "",
    }
    note(ERASED, at=now, subject=subject.user_id, details=details, sealed=keys, entry=case.number)


def case_of(line: Line) -> Case:
    """The numbers of an erasure as its line tells them, and staff's why of a child's."""
    return Case(line.id, line.details["case"], child=line.details["child"], why=opened(line).get("why", ""))


def subject_of(line: Line) -> Subject | None:
    """Whom the line means in this database; None where all its keys belong to somebody else now.

    An account is the same only with its id and its time; an address that another account has is that account's.
    """
    keys = opened(line)
    account = _account(line)
    subject = Subject(
        user_id=line.subject if account is not None or born(line.subject) is None else None,
        emails=_still_hers(keys["emails"], account),
        phones=frozenset(keys["phones"]),
        visitors=frozenset(keys["visitors"]),
    )
    if account is not None:
        subject = _joined(subject, subject_of_user(account))
    return subject if subject != Subject() else None


def without_others(subject: Subject) -> Subject:
    """An erased person without the addresses that another account has got since: what is found there now is hers."""
    return replace(subject, emails=_still_hers(subject.emails, None))


def _still_hers(addresses: Iterable[str], account: Any) -> frozenset[str]:
    return frozenset(address for address in addresses if not _belongs_to_another(address, account))


def _account(line: Line) -> Any:
    if line.subject is None or born(line.subject) != line.born:
        return None
    return get_user_model()._base_manager.filter(pk=line.subject).first()


def _belongs_to_another(address: str, account: Any) -> bool:
    model: Any = get_user_model()
    owner = model._base_manager.filter(**{model.get_email_field_name(): address}).first()
    return owner is not None and owner != account


def _joined(one: Subject, two: Subject) -> Subject:
    return Subject(one.user_id, one.emails | two.emails, one.phones | two.phones, one.visitors | two.visitors)
