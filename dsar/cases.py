"""The only way a request changes: a locked move along the table, with its event in one transaction (P1, P6)."""

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from audit.ledger import append
from audit.trail import Actor
from datamap.catalogue import period
from datamap.periods import RIGA
from dsar import attachments, snapshots
from dsar.conflicts import refuse_conflict
from dsar.deadlines import TABLE_VERSION
from dsar.duedates import remember_due
from dsar.fulfilment import is_done, is_erased
from dsar.models import CaseEvent, Caution, Intake, Representative, Snapshot, SubjectRequest, VisitorNumber
from dsar.queries import unsettled_notices
from dsar.refusals import AlreadyUnderWay, AuthorityUnchecked, ErasedAlready, NotDoneYet, RecipientsOpen, WrongStage
from dsar.terms import CLOSED, GIVES, TRANSITIONS, UNIDENTIFIED, Outcome, Stage
from vault.keys import VaultError, seal, unseal
from vault.tokens import secret_digest, token

ONE_AT_A_TIME: Final = "dsar_one_at_a_time"
"""How the constraints begin that let no second copy and no second erasure run for one person or address."""

_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"

NOTHING_REFUSED: Final[dict[str, Any]] = {
    "refusal_proposed_by": None,
    "refusal_approved_by": None,
    "refusal_reason": "",
    "refusal_act": "",
    "refusal_is_partial": False,
}


@dataclass(frozen=True, slots=True)
class Note:
    """The account of the staff member who acted, and the reason."""

    by: str = ""
    reason: str = ""


def open_case(case: SubjectRequest, *, actor: Actor, now: datetime) -> SubjectRequest:
    """Give a new request its number and write its first event."""
    with transaction.atomic():
        case.number = _next_number(case.received_at)
        case.stage = Stage.RECEIVED
        case.key_digest = secret_digest(case_key(case))
        case.save(force_insert=True)
        if case.intake_id is not None:
            Intake.objects.filter(pk=case.intake_id).update(ends_at=None)
        note(case, "received", actor=actor, now=now)
        snapshots.order(case, now=now)
    return case


def move(
    case_id: UUID,
    to: Stage,
    *,
    action: str,
    actor: Actor,
    now: datetime,
    reason: str = "",
    **changes: Any,
) -> SubjectRequest:
    """Take a request to another stage under its row lock, with further `changes` of its fields.

    Raises WrongStage where the table has no such move from where the request stands now, AuthorityUnchecked
    where something would be given to a representative whose authority nobody checked, RecipientsOpen where it would
    close before all who received the data were told, and NotDoneYet where it would be answered before it is done.
    """
    with transaction.atomic():
        case = SubjectRequest.objects.select_for_update().get(pk=case_id)
        before, ended_at = Stage(case.stage), case.ends_at
        if to not in TRANSITIONS[before]:
            raise WrongStage
        if to in GIVES:
            require_authority(case)
        if to in CLOSED and unsettled_notices(case).exists():
            raise RecipientsOpen
        if to == Stage.ANSWERED and not is_done(case):
            raise NotDoneYet
        case.stage = to
        for name, value in {**_not_agreed_to(case, to, changes), **changes, **_ends(to, now)}.items():
            setattr(case, name, value)
        case.save()
        snapshots.drop_needless(case, now=now)
        # Whatever came of the check of an identity: no copy of a document outlives it (D8).
        destroyed = attachments.settle(case, now=now) if to in CLOSED or before in UNIDENTIFIED else 0
        if case.ends_at != ended_at:
            _take_along(case)
        note(case, action, actor=actor, now=now, reason=reason, before=before)
        if destroyed:
            note(case, "document_destroyed", actor=actor, now=now)
    return case


def require_authority(case: SubjectRequest) -> None:
    """Raises AuthorityUnchecked where somebody acts for the person whose authority nobody checked (security I11)."""
    if Representative.objects.filter(case=case, checked_at__isnull=True).exists():
        raise AuthorityUnchecked


def reopen_case(case_id: UUID, *, actor: Actor, now: datetime, reason: str = "") -> SubjectRequest:
    """Take a closed request up again, without its outcome and without a proposed refusal (clauses.md C7).

    Where a question had stayed open, its pause ends here and counts (C8). Raises AlreadyUnderWay where the person has
    asked for the same anew, and that is running, and ErasedAlready for an erasure that was carried out.
    """
    if is_erased(SubjectRequest.objects.get(pk=case_id)):
        raise ErasedAlready
    try:
        return _reopened(case_id, actor=actor, now=now, reason=reason)
    except IntegrityError as trouble:
        if ONE_AT_A_TIME not in str(trouble):
            raise
        raise AlreadyUnderWay from None


def _reopened(case_id: UUID, *, actor: Actor, now: datetime, reason: str) -> SubjectRequest:
    with transaction.atomic():
        case = move(case_id, Stage.REOPENED, action="reopened", actor=actor, now=now, reason=reason)
        case.pauses.filter(answered_at__isnull=True).update(answered_at=now)
        return move(
            case_id,
            Stage.OPEN,
            action="taken_up",
            actor=actor,
            now=now,
            reason=reason,
            outcome=Outcome.NONE,
            answered_at=None,
            answered_by=None,
            **NOTHING_REFUSED,
        )


def case_key(case: SubjectRequest) -> str:
    """The secret in the link to a request for who has no account: derived for each letter, stored as a digest only."""
    return token(str(case.pk), purpose="dsar.case_key")


def person_of(case: SubjectRequest) -> Actor:
    """Who acts on the page of a request: its person, by her account or else by the number of the request."""
    return Actor("person", str(case.user_id) if case.user_id else case.number)


def _take_along(case: SubjectRequest) -> None:
    """What belongs to a request ends with it; a message that opened several lives as long as the last of them."""
    for belongings in (
        case.pauses,
        case.messages,
        case.identity_checks,
        case.recipient_notices,
        case.corrections,
        case.reminders,
    ):
        belongings.update(ends_at=case.ends_at)
    attachments.take_along(case)
    for single in (Representative, VisitorNumber, Caution, Snapshot):
        single.objects.filter(case=case).update(ends_at=case.ends_at)
    if case.intake_id is not None:
        ends = SubjectRequest.objects.filter(intake=case.intake_id).values_list("ends_at", flat=True)
        Intake.objects.filter(pk=case.intake_id).update(ends_at=None if None in ends else max(filter(None, ends)))


def note(
    case: SubjectRequest,
    action: str,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    before: Stage | None = None,
) -> CaseEvent:
    """Append an event; who of the staff acted, and why, is sealed under the key of the case.

    Whatever staff do passes here: Raises OwnRequest and ConflictOfInterest for who must leave it to a colleague.
    """
    if actor.kind == "staff":
        refuse_conflict(case, UUID(actor.id))
    remember_due(case)
    return append(
        CaseEvent(
            at=now,
            case_number=case.number,
            action=action,
            stage_before=before or case.stage,
            stage_after=case.stage,
            actor_kind=actor.kind,
            rules=TABLE_VERSION,
            sealed_note=_seal(case, Note(actor.id if actor.kind == "staff" else "", reason)),
        )
    )


def note_of(event: CaseEvent, case: SubjectRequest) -> Note:
    """Who acted and why, in clear; both empty where nothing was written, or where the key of the case is gone."""
    if not event.sealed_note:
        return Note()
    try:
        opened = unseal(case.pk, base64.b64decode(event.sealed_note), context=_context(case.number))
    except VaultError:
        return Note()
    return Note(**json.loads(opened))


def _seal(case: SubjectRequest, note: Note) -> str:
    if not (note.by or note.reason):
        return ""
    return base64.b64encode(seal(case.pk, json.dumps(asdict(note)).encode(), context=_context(case.number))).decode()


def _context(number: str) -> str:
    return f"dsar_caseevent|sealed_note|{number}"


def _not_agreed_to(case: SubjectRequest, to: Stage, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What one of the staff proposed and nobody agreed to goes when the request ends otherwise: it is no answer."""
    dropped: dict[str, Any] = {}
    if to not in CLOSED | {Stage.EXECUTING}:
        return dropped
    if case.refusal_proposed_by and "refusal_approved_by" not in changes:
        dropped |= {**NOTHING_REFUSED, "answer": ""}
    return dropped


def _ends(to: Stage, now: datetime) -> dict[str, datetime | None]:
    """A closed file has its end; one that is opened again has none."""
    if to in CLOSED:
        return {"closed_at": now, "ends_at": period("CASE_FILE").ends_at(now)}
    return {"closed_at": None, "ends_at": None}


def _next_number(received_at: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('dsar_case_number')")
        (count,) = cursor.fetchone()
    year = received_at.astimezone(RIGA).year
    return f"QP-{year}-{count:06d}-{_check_letters(year, count)}"


def _check_letters(year: int, count: int) -> str:
    """Two letters that do not fit any more where one digit is wrong or two neighbours are swapped."""
    remainder = int(f"{year}{count:06d}") % 541
    return _LETTERS[remainder // len(_LETTERS)] + _LETTERS[remainder % len(_LETTERS)]
