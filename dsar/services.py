"""What a person can do with requests: file one, withdraw it (Art. 12(2)); staff's steps are in `dsar.casework`."""

from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, models, transaction

from audit.trail import Actor
from datamap.terms import Right
from dsar import letters
from dsar.access import queue_copy
from dsar.cases import move, open_case
from dsar.deadlines import Channel
from dsar.models import SubjectRequest
from dsar.queries import requests_of
from dsar.refusals import AlreadyUnderWay
from dsar.terms import RUNNING, SELF_SERVICE, Outcome, Stage
from vault.tokens import subject_token

ONE_AT_A_TIME = "dsar_one_at_a_time"


def file_request(
    *,
    user: models.Model,
    right: Right,
    channel: Channel,
    now: datetime,
    text: str = "",
    received_at: datetime | None = None,
    acknowledge: bool = True,
) -> SubjectRequest:
    """File a request of a person with an account; a log-in is all the identity it needs (clauses.md D7).

    `received_at` is when it arrived, where that was earlier than its entry (a letter). A copy is queued at once; an
    erasure waits for its plan to be confirmed, or comes already confirmed and needs no `acknowledge`: the account that
    the letter leads to is gone before it is read. Raises AlreadyUnderWay for a second running access or erasure.
    """
    person: Any = user
    case = SubjectRequest(
        right=right,
        channel=channel,
        user=person,
        subject_token=subject_token(person.pk),
        email=getattr(person, get_user_model().get_email_field_name()),
        language=getattr(person, "language", "") or "lv",
        text=text,
        received_at=received_at or now,
    )
    actor = Actor("person", str(person.pk))
    try:
        with transaction.atomic():
            open_case(case, actor=actor, now=now)
            case = move(case.pk, Stage.OPEN, action="identified_by_login", actor=actor, now=now, identified_at=now)
            if right == Right.ACCESS:
                queue_copy(case, now=now)
            if acknowledge:
                letters.acknowledge(case, now=now)
    except IntegrityError as trouble:
        if ONE_AT_A_TIME not in str(trouble):
            raise
        raise AlreadyUnderWay(_running_number(person.pk, right)) from None
    return case


def withdraw_request(case: SubjectRequest, *, now: datetime) -> SubjectRequest:
    """The person takes a request back; twice is once. Raises WrongStage where it has begun or is answered (P5)."""
    actor = Actor("person", str(case.user_id))
    with transaction.atomic():
        current = SubjectRequest.objects.select_for_update().get(pk=case.pk)
        if current.stage == Stage.WITHDRAWN:
            return current
        return move(
            case.pk, Stage.WITHDRAWN, action="withdrawn", actor=actor, now=now, outcome=Outcome.WITHDRAWN_BY_SUBJECT
        )


def is_self_service(right: Right) -> bool:
    """Whether a worker carries this right out without staff."""
    return right in SELF_SERVICE


def _running_number(user_id: Any, right: Right) -> str:
    running = requests_of(user_id).filter(right=right, stage__in=[stage.value for stage in RUNNING])
    return running.values_list("number", flat=True).first() or ""
