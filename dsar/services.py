"""What a person can do with requests: file one, withdraw it (Art. 12(2)); staff's steps are in `dsar.casework`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, models, transaction

from audit.trail import Actor
from datamap.catalogue import length_of
from datamap.terms import Right
from datamap.trace import normalise_email
from dsar import letters
from dsar.cases import ONE_AT_A_TIME, move, note, open_case, person_of
from dsar.challenges import new_challenge
from dsar.deadlines import Channel
from dsar.identity import ask_at_last, await_identity, needs_identity, show_identity, unasked
from dsar.intake import Arrival, take_in
from dsar.models import CaseMessage, Intake, SubjectRequest
from dsar.queries import has_shown, is_withdrawable, requests_of
from dsar.refusals import AlreadyUnderWay, WrongStage
from dsar.terms import RUNNING, SELF_SERVICE, ChallengePurpose, Direction, IdentityMethod, Outcome, Stage
from retention.attempts import PER_ADDRESS, Limit, address_key, take
from vault.tokens import subject_token, token

_SITE: Final = Actor.system("dsar.filing")
_RUNNING: Final = [stage.value for stage in RUNNING]

REQUESTS_A_DAY: Final = Limit(20, length_of("ATTEMPTS"))
"""So many messages of one address open requests of their own in a day; the next ones go on in those that run."""


def file_request(
    *,
    user: models.Model,
    right: Right,
    channel: Channel,
    now: datetime,
    text: str = "",
    received_at: datetime | None = None,
    acknowledge: bool = True,
    intake: Intake | None = None,
) -> SubjectRequest:
    """File a request of a person with an account; a log-in is all the identity it needs (clauses.md D7).

    `received_at` is when it arrived, where that was earlier than its entry (a letter); `intake` links it to the other
    requests of the same message. A copy is queued at once; an erasure waits for its plan to be confirmed, or comes
    already confirmed and needs no `acknowledge`: the account that the letter leads to is gone before it is read.
    Raises AlreadyUnderWay for a second running access or erasure.
    """
    person: Any = user
    actor = Actor("person", str(person.pk))
    try:
        with transaction.atomic():
            one_by_one(str(person.pk))
            if intake is None:
                intake, _is_new = take_in(Arrival(channel=channel, at=received_at or now), now=now)
            case = SubjectRequest(
                intake=intake,
                right=right,
                channel=channel,
                user=person,
                subject_token=subject_token(person.pk),
                email=getattr(person, get_user_model().get_email_field_name()),
                language=getattr(person, "language", "") or "lv",
                text=text,
                received_at=intake.arrived_at,
            )
            open_case(case, actor=actor, now=now)
            case = show_identity(case.pk, IdentityMethod.LOGIN, actor=actor, now=now, user=person)
            if acknowledge and not case.is_closed:
                letters.acknowledge(case, now=now)
    except IntegrityError as trouble:
        if ONE_AT_A_TIME not in str(trouble):
            raise
        raise AlreadyUnderWay(_running_number(person.pk, right)) from None
    return case


def file_by_address(
    address: str, rights: Sequence[Right], *, arrival: Arrival, language: str, now: datetime, text: str = ""
) -> list[SubjectRequest]:
    """File requests for whoever reads the mail at an address, with one receipt time (clauses.md D1, D6).

    Nothing is looked up: every address gets the same rows, the same letter, the same work (security I2). The letter
    carries the link to the request and a code; until the code came back, the clock stands still and nothing is given.
    The clock does not stand still, though, where the address has had its letters for today: then nobody was asked, and
    `ask_late` writes as soon as it may. A right that is already asked for under this address goes on in its request: it
    keeps the words of the new message and, before it is shown whose it is, speaks its language; so does what the form
    brings again in the same words. The same message twice gives the same requests. Whoever sends very many in a day
    drops no right and makes no work twice either: from then on the same wish goes on in the request that runs. Raises
    ArrivesLater, InvalidAddress.
    """
    address = normalise_email(address)
    with transaction.atomic():
        one_by_one(address)
        intake, is_new = take_in(arrival, now=now)
        if not is_new:
            return _led_to(intake, address, rights)
        _hold_running(address, rights)
        may_write = take(address_key(address), PER_ADDRESS, now=now)
        is_flood = not take(token(address, purpose="dsar.requests"), REQUESTS_A_DAY, now=now)
        words = _Words(language, text)
        # Of a letter or a mail the words stand in its original: that both have none here says nothing.
        same = text if arrival.channel == Channel.PORTAL_TOKEN else None
        opened = [
            _join(waiting, words, intake, now=now)
            if (waiting := running_for(address, right, text=same, is_flood=is_flood))
            else _open_for(address, right, words, intake=intake, asks=may_write, now=now)
            for right in dict.fromkeys(rights)
        ]
        if may_write:
            _write(opened, now=now)
    return opened


def withdraw_request(case: SubjectRequest, *, now: datetime) -> SubjectRequest:
    """The person takes a request back; twice is once. Raises WrongStage where it has begun or is answered (P5)."""
    actor = person_of(case)
    with transaction.atomic():
        current = SubjectRequest.objects.select_for_update().get(pk=case.pk)
        if current.stage == Stage.WITHDRAWN:
            return current
        if not is_withdrawable(current):
            raise WrongStage
        return move(
            case.pk, Stage.WITHDRAWN, action="withdrawn", actor=actor, now=now, outcome=Outcome.WITHDRAWN_BY_SUBJECT
        )


def one_by_one(person: str) -> None:
    """Two messages of one person, an account or an address, wait for each other here, before either has the ledger: so
    neither opens what the other has opened, nor waits for a row of hers while she waits for the ledger."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [token(person, purpose="dsar.filing")])


def is_self_service(right: Right) -> bool:
    """Whether a worker carries this right out without staff."""
    return right in SELF_SERVICE


@dataclass(frozen=True, slots=True)
class _Words:
    """What a message says, and in which language."""

    language: str
    text: str


def _open_for(
    address: str, right: Right, words: _Words, *, intake: Intake, asks: bool, now: datetime
) -> SubjectRequest:
    case = SubjectRequest(
        intake=intake,
        right=right,
        channel=intake.channel,
        email=address,
        language=words.language,
        text=words.text,
        received_at=intake.arrived_at,
    )
    open_case(case, actor=_SITE, now=now)
    if not needs_identity(right):
        return show_identity(case.pk, IdentityMethod.NOT_NEEDED, actor=_SITE, now=now)
    return await_identity(case, actor=_SITE, now=now, asks=asks)


def running_for(
    address: str, right: Right, *, text: str | None = None, is_flood: bool = False
) -> SubjectRequest | None:
    """The running request of this address for the same right, where a second one could only be the same again, says it
    in the same words (the way back and a second tab send them again), or where so many came that nobody could tell
    them apart."""
    running = _running_of(address, [right])
    if not is_flood and right not in SELF_SERVICE:
        running = running.filter(text=text) if text is not None else running.none()
    return running.order_by("received_at").first()


def _hold_running(address: str, rights: Sequence[Right]) -> None:
    """Before the ledger: who works on one of them holds it, and waits for the ledger."""
    list(_running_of(address, rights).select_for_update().order_by("pk").values_list("pk", flat=True))


def _running_of(address: str, rights: Sequence[Right]) -> models.QuerySet[SubjectRequest]:
    return SubjectRequest.objects.filter(email=address, right__in=rights, user__isnull=True, stage__in=_RUNNING)


def _led_to(intake: Intake, address: str, rights: Sequence[Right]) -> list[SubjectRequest]:
    """What a message that came before had led to: its own requests, and those in which its wishes went on."""
    own = list(intake.cases.order_by("number"))
    elsewhere = set(rights) - {case.right for case in own}
    same = SubjectRequest.objects.filter(email=address, right__in=elsewhere)
    return own + list(same.order_by("right", "-received_at", "-number").distinct("right"))


def _join(case: SubjectRequest, words: _Words, intake: Intake, *, now: datetime) -> SubjectRequest:
    note(case, "asked_again", actor=_SITE, now=now)
    is_theirs = not has_shown(case)
    if words.text not in {"", case.text}:
        direction = Direction.FROM_PERSON if is_theirs else Direction.UNPROVEN
        CaseMessage.objects.create(case=case, direction=direction, text=words.text, at=intake.arrived_at)
    if is_theirs and words.language != case.language:
        case.language = words.language
        case.save(update_fields=["language"])
    return case


def _write(cases: Sequence[SubjectRequest], *, now: datetime) -> None:
    """One letter for all requests of a message but those that took effect at once; a code where one waits for it."""
    cases = [case for case in cases if not case.is_closed]
    if not cases:
        return
    waiting = [case for case in cases if case.stage == Stage.IDENTITY_PENDING]
    for case in waiting:
        ask_at_last(case, actor=_SITE, now=now)
    code = new_challenge(waiting[0], ChallengePurpose.IDENTITY, now=now) if waiting else ""
    letters.acknowledge_by_link(cases, waiting[0] if waiting else cases[0], code, now=now)


def ask_late(*, now: datetime) -> int:
    """Write to those whom nobody has asked yet, where the address may have a letter again; how many letters."""
    messages: dict[tuple[str, Any], list[SubjectRequest]] = {}
    for case in unasked().only("number", "email", "intake_id"):
        messages.setdefault((case.email, case.intake_id), []).append(case)
    used_up: set[str] = set()
    letters_written = 0
    for (address, _intake), cases in messages.items():
        if address in used_up:
            continue  # its other messages would only hear the same
        if _ask_late(cases, now=now):
            letters_written += 1
        else:
            used_up.add(address)
    return letters_written


def _ask_late(cases: Sequence[SubjectRequest], *, now: datetime) -> bool:
    with transaction.atomic():
        one_by_one(cases[0].email)
        still = list(unasked().filter(pk__in=[case.pk for case in cases]))
        if not still or not take(address_key(still[0].email), PER_ADDRESS, now=now):
            return False
        _write(still, now=now)
    return True


def refuse_the_same(user_id: Any, right: Right, text: str) -> None:
    """Raises AlreadyUnderWay where a running request of this person says the same in the same words."""
    if number := _running_number(user_id, right, text=text):
        raise AlreadyUnderWay(number)


def _running_number(user_id: Any, right: Right, **said: str) -> str:
    running = requests_of(user_id).filter(right=right, stage__in=_RUNNING, **said)
    return running.values_list("number", flat=True).first() or ""
