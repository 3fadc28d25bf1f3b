"""What lies in the folder of a request: a rule reads the part that it needs, a page all of them in one question."""

from collections.abc import Callable
from itertools import chain
from typing import Any, Final

from django.db.models import Model, Q, QuerySet

from datamap.once import once, remember
from datamap.together import together
from dsar.models import (
    Attachment,
    CasePause,
    Correction,
    DocumentAsk,
    IdentityCheck,
    Objection,
    RecipientNotice,
    SubjectRequest,
)
from retention.standing import Restriction
from vault.fields import share_keys


def _of_case_or_account(case: SubjectRequest) -> Q:
    of_case = Q(case_number=case.number)
    return of_case if case.user_id is None else of_case | Q(user_id=case.user_id)


_PARTS: Final[dict[type[Model], Callable[[SubjectRequest], QuerySet[Any]]]] = {
    Attachment: lambda case: case.attachments.all(),
    CasePause: lambda case: case.pauses.all(),
    Correction: lambda case: case.corrections.all(),
    DocumentAsk: lambda case: case.document_asks.all(),
    IdentityCheck: lambda case: case.identity_checks.all(),
    Objection: lambda case: Objection.objects.filter(case_number=case.number),
    RecipientNotice: lambda case: case.recipient_notices.all(),
    Restriction: lambda case: Restriction.objects.filter(_of_case_or_account(case)).order_by("-placed_at"),
}


def tables() -> list[type[Model]]:
    """Of which tables a folder holds rows."""
    return list(_PARTS)


def unfold(case: SubjectRequest, *others: QuerySet[Any]) -> list[list[Any]]:
    """Read the whole folder ahead, within `looking_once`; the rows of the `others`, which came along, are returned."""
    parts = [rows(case) for rows in _PARTS.values()]
    found = together(*parts, *others)
    share_keys(chain.from_iterable(found))
    for table, rows in zip(_PARTS, found, strict=False):
        remember((table, case.pk), rows)
    return found[len(parts) :]


def _part(table: type[Model], case: SubjectRequest) -> list[Any]:
    return once((table, case.pk), lambda: list(_PARTS[table](case)))


def attachments_of(case: SubjectRequest) -> list[Attachment]:
    """The files of a request as they came, those that are destroyed too, each with what asked for it."""
    found, asks = _part(Attachment, case), {ask.pk: ask for ask in asks_of(case)}
    for file in found:
        file.ask = asks.get(file.ask_id)
    return found


def asks_of(case: SubjectRequest) -> list[DocumentAsk]:
    """Which identity documents were asked for, the oldest first."""
    return _part(DocumentAsk, case)


def checks_of(case: SubjectRequest) -> list[IdentityCheck]:
    """What was judged of the identity for this very request, the oldest first."""
    return _part(IdentityCheck, case)


def corrections_of(case: SubjectRequest) -> list[Correction]:
    """What was corrected for a request, the oldest first."""
    return _part(Correction, case)


def notices_of(case: SubjectRequest) -> list[RecipientNotice]:
    """Who must be told what came of a request, and what they said."""
    return _part(RecipientNotice, case)


def objections_of(case: SubjectRequest) -> list[Objection]:
    """What a request stopped, also where it goes on again; the newest first."""
    return _part(Objection, case)


def objections_in_force(case: SubjectRequest) -> list[Objection]:
    """Those of them that nobody overruled."""
    return [row for row in objections_of(case) if row.overruled_at is None]


def pauses_of(case: SubjectRequest) -> list[CasePause]:
    """When its clock stood still, the oldest first."""
    return _part(CasePause, case)


def restrictions_of(case: SubjectRequest) -> list[Restriction]:
    """The restrictions that a request led to, also those that have ended; the newest first."""
    return [item for item in _part(Restriction, case) if item.case_number == case.number]


def restrictions_in_force(case: SubjectRequest) -> list[Restriction]:
    """Those of them that have not ended."""
    return [item for item in restrictions_of(case) if item.ends_at is None]


def standing_restrictions(case: SubjectRequest) -> list[Restriction]:
    """What the account of a request is restricted by today, whichever request led to it."""
    mine = [item for item in _part(Restriction, case) if item.user_id is not None and item.user_id == case.user_id]
    return [item for item in mine if item.ends_at is None]
