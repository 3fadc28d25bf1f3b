"""Follows our questions to people: reminded after 14 days, ended by rule after 30, never left to themselves (C8).

Whose request it is stays unknown: closed, with the reason; but what was shown before we asked is enough.
What is meant stays unknown: a copy is made of everything,
for nobody has to choose a part (EDPB 01/2022 s. 2.3.1); any other request is closed, with the reason. What the person
says later opens it again, and the pause counts.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat

from audit.trail import Actor
from datamap.periods import RIGA
from dsar import silence_letters
from dsar.cases import move, note
from dsar.doorbell import BUILD_PACKAGE, ring
from dsar.models import CasePause, CaseReminder, SubjectRequest
from dsar.queries import has_shown, unsettled_notices
from dsar.starting import start
from dsar.terms import PACKAGED, PAUSED, Direction, Stage

SYSTEM: Final = Actor.system("dsar.silence")
REMIND_AFTER: Final = 14
END_AFTER: Final = 30
"""Days of silence after our question."""


def follow_questions(*, now: datetime) -> int:
    """One round; returns how many requests were moved on or their people written to."""
    return sum(_follow(case_id, pause_id, now=now) for case_id, pause_id in _silent(now))


def _silent(now: datetime) -> list[tuple[UUID, int]]:
    """Open questions after which nothing was heard for so long that something is to be done, and was not."""
    told = CaseReminder.objects.filter(
        case=OuterRef("case"), code=Concat(Value(f"silent{END_AFTER}:"), Cast(OuterRef("pk"), CharField()))
    )
    waiting = CasePause.objects.filter(
        ~Exists(told),
        answered_at__isnull=True,
        asked_at__lte=now - timedelta(days=REMIND_AFTER - 1),
        case__stage__in=[stage.value for stage in PAUSED],
    )
    return list(waiting.order_by("pk").values_list("case_id", "pk"))


def _follow(case_id: UUID, pause_id: int, *, now: datetime) -> bool:
    """Do what is due for this question today; False where nothing is, or somebody else has done it."""
    with transaction.atomic():
        case = SubjectRequest.objects.select_for_update(of=("self",)).get(pk=case_id)
        pause = case.pauses.get(pk=pause_id)
        days = (now.astimezone(RIGA).date() - pause.asked_at.astimezone(RIGA).date()).days
        if pause.answered_at is not None or case.stage not in PAUSED or days < REMIND_AFTER:
            return False
        stage = END_AFTER if days >= END_AFTER else REMIND_AFTER
        _row, is_new = CaseReminder.objects.get_or_create(
            case=case, code=f"silent{stage}:{pause.pk}", defaults={"sent_at": now}
        )
        if not is_new:
            return False
        if stage == END_AFTER:
            _end(case, pause, now=now)
        else:
            note(case, "reminded", actor=SYSTEM, now=now)
            silence_letters.remind_of_question(case, pause.asked_at, now=now)
    return True


def _end(case: SubjectRequest, pause: CasePause, *, now: datetime) -> None:
    heard = case.messages.filter(direction=Direction.UNPROVEN, at__gte=pause.asked_at)
    if heard.exists():
        return None  # words that may be hers are no silence: staff take them as the answer, or not
    if unsettled_notices(case).exists():
        return None  # staff record what came of each notice first, and then end it themselves
    if case.stage == Stage.IDENTITY_PENDING and not has_shown(case):
        return _close(case, Stage.CLOSED_UNIDENTIFIED, now=now)
    if case.stage == Stage.IDENTITY_PENDING:
        case.pauses.filter(pk=pause.pk).update(answered_at=now)
        case = move(case.pk, Stage.OPEN, action="shown_before", actor=SYSTEM, now=now)
        start(case, now=now)
        return None
    if case.right not in PACKAGED:
        return _close(case, Stage.CLOSED_UNANSWERED, now=now)
    case.pauses.filter(pk=pause.pk).update(answered_at=now)
    case = move(case.pk, Stage.OPEN, action="taken_as_whole", actor=SYSTEM, now=now)
    transaction.on_commit(lambda: ring(BUILD_PACKAGE, case.pk), robust=True)
    return silence_letters.tell_taken_as_whole(case, pause.asked_at, now=now)


def _close(case: SubjectRequest, to: Stage, *, now: datetime) -> None:
    """The stage is the name of what happened."""
    closed = move(case.pk, to, action=to.value, actor=SYSTEM, now=now)
    silence_letters.tell_closed(closed, now=now)
