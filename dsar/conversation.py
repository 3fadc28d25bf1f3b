"""What a person writes to us about a request: kept sealed, and an answer lets the clock run again (clauses.md C4)."""

from contextlib import suppress
from datetime import datetime
from typing import Final

from django.db import models, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from audit.trail import Actor
from datamap.catalogue import length_of
from datamap.terms import Right
from dsar import letters
from dsar.cases import move, note, person_of, reopen_case
from dsar.challenges import new_challenge
from dsar.deadlines import Channel
from dsar.identity import await_identity, needs_identity
from dsar.intake import Arrival
from dsar.models import CaseMessage, SubjectRequest
from dsar.refusals import AlreadyUnderWay, ClosedRequest, TooManyAttempts, WrongStage
from dsar.services import file_by_address, file_request
from dsar.terms import ChallengePurpose, Direction, Stage
from retention.attempts import PER_ADDRESS, Limit, address_key, take
from vault.tokens import token

MESSAGES_A_DAY: Final = Limit(20, length_of("ATTEMPTS"))


def write_to_us(case: SubjectRequest, text: str, *, now: datetime) -> CaseMessage:
    """Add a message of the person; where we had asked what she means, this is the answer and the request goes on.

    Who answers after 30 days opens the request again (C8). Raises ClosedRequest for any other closed request,
    TooManyAttempts after twenty messages in a day, AlreadyUnderWay where the same was asked for anew meanwhile.
    """
    with transaction.atomic():
        current = SubjectRequest.objects.select_for_update().get(pk=case.pk)
        if current.is_closed and current.stage != Stage.CLOSED_UNANSWERED:
            raise ClosedRequest
        _count(case, now=now)
        message = CaseMessage.objects.create(case=current, direction=Direction.FROM_PERSON, text=text, at=now)
        note(current, "message_from_person", actor=person_of(current), now=now)
        if current.stage == Stage.CLARIFICATION_PENDING:
            current.pauses.filter(answered_at__isnull=True).update(answered_at=now)
            move(current.pk, Stage.OPEN, action="answer_arrived", actor=person_of(current), now=now)
        elif current.stage == Stage.CLOSED_UNANSWERED:
            reopen_case(current.pk, actor=person_of(current), now=now)
    return message


def write_at_any_time(
    case: SubjectRequest, text: str, *, now: datetime, user: models.Model | None = None
) -> SubjectRequest:
    """Take a message whatever the request has come to; returns the request in which it goes on.

    What was closed because we heard nothing goes on, as the letter about it promised. Of every other closed
    request the file stays as it is: the words open a question of their own, with their own due date, filed by `user`
    where she is logged in. Raises WrongStage where no address is left to answer to, TooManyAttempts as above.
    """
    if not case.is_closed or case.stage == Stage.CLOSED_UNANSWERED:
        write_to_us(case, text, now=now)
        return case
    if not case.email:
        raise WrongStage
    with transaction.atomic():
        current = SubjectRequest.objects.select_for_update().get(pk=case.pk)
        _count(current, now=now)
        if current.stage == Stage.CLOSED_UNIDENTIFIED:
            CaseMessage.objects.create(case=current, direction=Direction.FROM_PERSON, text=text, at=now)
            note(current, "message_from_person", actor=person_of(current), now=now)
            take_up_again(current, actor=person_of(current), now=now)
            return current
        question = _question_about(current, text, user=user, now=now)
        note(current, "asked_after", actor=person_of(current), now=now)
    return question


def take_up_again(case: SubjectRequest, *, actor: Actor, now: datetime) -> None:
    """Go on with a request that was closed because nobody had shown who it is, with a new code where one is needed.

    Where the same runs in a newer request, the message is kept here and nothing else changes.
    """
    with suppress(AlreadyUnderWay):
        case = reopen_case(case.pk, actor=actor, now=now)
        if case.identified_at is not None or not needs_identity(Right(case.right)):
            return
        may_write = take(address_key(case.email), PER_ADDRESS, now=now)
        case = await_identity(case, actor=actor, now=now, asks=may_write)
        if may_write:
            letters.tell_code(case, new_challenge(case, ChallengePurpose.IDENTITY, now=now), now=now)


def _question_about(case: SubjectRequest, text: str, *, user: models.Model | None, now: datetime) -> SubjectRequest:
    with translation.override(case.language):
        words = _("About the request %(number)s:") % {"number": case.number} + f"\n\n{text}"
    if user is not None:
        return file_request(user=user, right=Right.GENERAL, channel=Channel.PORTAL_AUTH, now=now, text=words)
    arrival = Arrival(channel=Channel.PORTAL_TOKEN, at=now, sender=case.email)
    (question,) = file_by_address(
        case.email, [Right.GENERAL], arrival=arrival, language=case.language, now=now, text=words
    )
    return question


def _count(case: SubjectRequest, *, now: datetime) -> None:
    if not take(token(str(case.pk), purpose="dsar.messages"), MESSAGES_A_DAY, now=now):
        raise TooManyAttempts
