"""Staff enter what came by letter, by word, by social page or by another mailbox, as of its arrival (Q19.3, Q19.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from audit.trail import Actor
from datamap.terms import Right
from dsar import letters
from dsar.cases import move, note, open_case
from dsar.casework import take_up
from dsar.challenges import new_challenge
from dsar.conflicts import refuse_conflict
from dsar.deadlines import Channel
from dsar.identity import account_of, await_identity, needs_identity, show_identity
from dsar.intake import Arrival, keep_original, take_in
from dsar.models import CaseMessage, Intake, Representative, SubjectRequest
from dsar.refusals import AlreadyUnderWay, NoSuchAccount, NothingToTurnInto
from dsar.services import file_by_address, file_request, running_for
from dsar.steps import Step
from dsar.terms import AuthorityKind, ChallengePurpose, Direction, IdentityMethod, Outcome, Stage
from retention.attempts import PER_ADDRESS, address_key, take

BY_STAFF: Final = (Channel.POST, Channel.ORAL, Channel.MESSENGER, Channel.EMAIL)
"""Channels whose messages staff type in; the others bring theirs by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One message as it came: `rights` that were read in it, `arrived_at` in the channel, the person's own words.

    `email` or `postal_address` to answer to; `account_address` is looked up among confirmed addresses only, and a code
    goes there; a representative comes with the capacity in which he acts. `document` is a scan of the letter, or the
    mail, which is kept sealed: with a withdrawal of consent it is the evidence (Q19.5).
    """

    channel: Channel
    arrived_at: datetime
    rights: Sequence[Right]
    text: str
    language: str
    email: str = ""
    postal_address: str = ""
    account_address: str = ""
    representative: str = ""
    capacity: AuthorityKind = AuthorityKind.OTHER
    document: bytes = b""


def enter_message(told: Told, *, step: Step) -> list[SubjectRequest]:
    """Open the requests of a message, due from its arrival; nothing is given before its own identity record.

    With an address for e-mail a letter with a code goes out; who has none gets everything on paper from the desk.
    Raises ArrivesLater, NoSuchAccount, InvalidAddress, OwnRequest.
    """
    address = _address_of(told)
    arrival = Arrival(channel=told.channel, at=told.arrived_at, sender=address, entered_by=step.by.pk)
    with transaction.atomic():
        if address:
            cases = file_by_address(
                address, told.rights, arrival=arrival, language=told.language, now=step.now, text=told.text
            )
        else:
            intake, _is_new = take_in(arrival, now=step.now)
            cases = [_open_on_paper(right, told, intake=intake, now=step.now) for right in dict.fromkeys(told.rights)]
        if told.document and (intake_of := cases[0].intake) and not intake_of.raw_file:
            keep_original(intake_of, told.document)
        for case in cases:
            refuse_conflict(case, step.by.pk)
            if case.intake is not None and case.intake.entered_at == step.now:  # one that waited already stays as it is
                _add(case, told)
            note(case, "entered", actor=step.actor, now=step.now, reason=step.reason)
    return cases


def turn_into(case_id: UUID, rights: Sequence[Right], *, step: Step) -> list[SubjectRequest]:
    """Turn a message that named no right into linked requests with its own time of receipt (Q19.3).

    Each is identified by itself: a message from behind the log-in by that, any other by a code or by the desk.
    Raises NothingToTurnInto.
    """
    wanted = [right for right in dict.fromkeys(rights) if right is not Right.GENERAL]
    with transaction.atomic():
        case = take_up(case_id, step=step)
        if case.right != Right.GENERAL or case.stage != Stage.OPEN or not wanted:
            raise NothingToTurnInto
        opened = [_turned(case, right, now=step.now) for right in wanted]
        for new in opened:
            _hand_down(case, new)
            note(new, "turned_into", actor=step.actor, now=step.now, reason=step.reason)
        move(
            case.pk,
            Stage.ANSWERED,
            action="turned_into",
            actor=step.actor,
            now=step.now,
            reason=step.reason,
            outcome=Outcome.FULFILLED,
            answer=letters.turned_into_text(case, opened),
            answered_by=step.by.pk,
            answered_at=step.now,
        )
        letters.tell_turned_into(case, opened, now=step.now)
    return opened


def _turned(case: SubjectRequest, right: Right, *, now: datetime) -> SubjectRequest:
    if case.user is not None and case.channel == Channel.PORTAL_AUTH:
        return file_request(
            user=case.user,
            right=right,
            channel=Channel.PORTAL_AUTH,
            now=now,
            text=case.text,
            received_at=case.received_at,
            acknowledge=False,
            intake=case.intake,
        )
    if case.email and (running := running_for(case.email, right)):
        raise AlreadyUnderWay(running.number)
    new = SubjectRequest(
        intake=case.intake,
        right=right,
        channel=case.channel,
        email=case.email,
        postal_address=case.postal_address,
        language=case.language,
        text=case.text,
        received_at=case.received_at,
    )
    new = open_case(new, actor=_SITE, now=now)
    known = Representative.objects.filter(case=case).first()
    if known is not None:
        Representative.objects.create(case=new, name=known.name, kind=known.kind)
    if not needs_identity(right):
        return show_identity(new.pk, IdentityMethod.NOT_NEEDED, actor=_SITE, now=now)
    return _send_code(new, now=now) if new.email else new


def _hand_down(case: SubjectRequest, new: SubjectRequest) -> None:
    """The person's words, wherever they stand: in the form, or sealed as the mail that came (Q19.3)."""
    written = case.messages.filter(direction=Direction.FROM_PERSON)
    for row in written:
        CaseMessage.objects.create(case=new, direction=row.direction, text=row.text, at=row.at, ends_at=new.ends_at)


def _send_code(case: SubjectRequest, *, now: datetime) -> SubjectRequest:
    """Ask by a code whose request it is."""
    may_write = take(address_key(case.email), PER_ADDRESS, now=now)
    case = await_identity(case, actor=_SITE, now=now, asks=may_write)
    if may_write:
        code = new_challenge(case, ChallengePurpose.IDENTITY, now=now)
        letters.acknowledge_by_link([case], case, code, now=now)
    return case


def _open_on_paper(right: Right, told: Told, *, intake: Intake, now: datetime) -> SubjectRequest:
    case = SubjectRequest(
        intake=intake,
        right=right,
        channel=told.channel,
        language=told.language,
        text=told.text,
        postal_address=told.postal_address,
        received_at=intake.arrived_at,
    )
    case = open_case(case, actor=_SITE, now=now)
    return case if needs_identity(right) else show_identity(case.pk, IdentityMethod.NOT_NEEDED, actor=_SITE, now=now)


def _add(case: SubjectRequest, told: Told) -> None:
    """What only staff can know: where a letter goes, and who acts for the person."""
    if told.postal_address and not case.postal_address:
        case.postal_address = told.postal_address
        case.save(update_fields=["postal_address"])
    if told.representative and not Representative.objects.filter(case=case).exists():
        Representative.objects.create(case=case, name=told.representative, kind=told.capacity)


def _address_of(told: Told) -> str:
    """Where the code goes: to the confirmed address of the account on file, else to where the message came from."""
    if not told.account_address:
        return told.email
    account: Any = account_of(told.account_address)
    if account is None:
        raise NoSuchAccount
    return told.account_address


_SITE: Final = Actor.system("dsar.entering")
