"""What a person writes to us about a request: kept sealed, and an answer lets the clock run again (clauses.md C4)."""

from datetime import datetime
from typing import Final

from django.db import transaction

from datamap.catalogue import length_of
from dsar.cases import move, note, person_of, reopen_case
from dsar.models import CaseMessage, SubjectRequest
from dsar.refusals import TooManyAttempts, WrongStage
from dsar.terms import Direction, Stage
from retention.attempts import Limit, take
from vault.tokens import token

MESSAGES_A_DAY: Final = Limit(20, length_of("ATTEMPTS"))


def write_to_us(case: SubjectRequest, text: str, *, now: datetime) -> CaseMessage:
    """Add a message of the person; where we had asked what she means, this is the answer and the request goes on.

    Who answers after 30 days opens the request again (C8). Raises WrongStage for any other closed request,
    TooManyAttempts after twenty messages in a day, AlreadyUnderWay where the same was asked for anew meanwhile.
    """
    with transaction.atomic():
        current = SubjectRequest.objects.select_for_update().get(pk=case.pk)
        if current.is_closed and current.stage != Stage.CLOSED_UNANSWERED:
            raise WrongStage
        if not take(token(str(case.pk), purpose="dsar.messages"), MESSAGES_A_DAY, now=now):
            raise TooManyAttempts
        message = CaseMessage.objects.create(case=current, direction=Direction.FROM_PERSON, text=text, at=now)
        note(current, "message_from_person", actor=person_of(current), now=now)
        if current.stage == Stage.CLARIFICATION_PENDING:
            current.pauses.filter(answered_at__isnull=True).update(answered_at=now)
            move(current.pk, Stage.OPEN, action="answer_arrived", actor=person_of(current), now=now)
        elif current.stage == Stage.CLOSED_UNANSWERED:
            reopen_case(current.pk, actor=person_of(current), now=now)
    return message
