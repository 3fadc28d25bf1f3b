"""A request moves only along its table, each move with its event, in code and in the database."""

import re

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from audit.ledger import verify
from audit.trail import Actor
from datamap.terms import Right
from dsar.cases import Note, move, note_of
from dsar.models import CaseEvent, SubjectRequest
from dsar.queries import case_numbers, events_of
from dsar.refusals import AlreadyUnderWay, WrongStage
from dsar.services import withdraw_request
from dsar.terms import ACTIONS, TRANSITIONS, Stage
from mailing.models import OutgoingMessage
from tests.dsar.conftest import NOW, File
from vault.keys import destroy_key

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")


@pytest.mark.requirement("P1")
def test_code_and_database_know_the_same_moves() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'dsar_guard_stage'")
        (source,) = cursor.fetchone()
    known = set(re.findall(r"\('(\w+)', '(\w+)'\)", source))
    assert known == {(before.value, after.value) for before, moves in TRANSITIONS.items() for after in moves}


@pytest.mark.requirement("P2")
@pytest.mark.parametrize("end", [Stage.ANSWERED, Stage.PARTLY_REFUSED, Stage.EXECUTING])
def test_every_way_to_an_end_that_gives_something_leads_through_open(end: Stage) -> None:
    reached, ahead = {Stage.RECEIVED}, [Stage.RECEIVED]
    while ahead:
        new = TRANSITIONS[ahead.pop()] - reached - {Stage.OPEN}
        reached |= new
        ahead.extend(new)
    assert end not in reached


@pytest.mark.requirement("P1")
def test_the_database_refuses_a_move_that_the_table_does_not_have(file: File) -> None:
    case = file()
    with pytest.raises(IntegrityError, match="cannot go from open to reopened"), transaction.atomic():
        SubjectRequest.objects.filter(pk=case.pk).update(stage=Stage.REOPENED)


@pytest.mark.requirement("P1")
def test_the_database_refuses_a_request_that_begins_answered(person: User) -> None:
    with pytest.raises(IntegrityError, match="begins as received"), transaction.atomic():
        SubjectRequest.objects.create(number="X", right=Right.ACCESS, stage=Stage.OPEN, received_at=NOW)


@pytest.mark.requirement("P1")
def test_a_wrong_move_raises_and_writes_nothing(file: File) -> None:
    case = file()
    events = CaseEvent.objects.count()
    with pytest.raises(WrongStage):
        move(case.pk, Stage.REOPENED, action="reopened", actor=SYSTEM, now=NOW)
    assert CaseEvent.objects.count() == events


def test_nothing_is_carried_out_for_somebody_unidentified(file: File) -> None:
    case = file(Right.OBJECTION)
    with pytest.raises(IntegrityError, match="dsar_nothing_runs_unidentified"), transaction.atomic():
        move(case.pk, Stage.ANSWERED, action="answered", actor=SYSTEM, now=NOW, identified_at=None)


def test_a_request_has_a_number_and_its_events(file: File) -> None:
    case = file()
    assert case.number.startswith("QP-2026-")
    assert [event.action for event in events_of(case)] == ["received", "identified_by_login"]
    assert case.stage == Stage.OPEN
    assert verify(CaseEvent).is_whole


@pytest.mark.clause("Q16.11")
def test_the_acknowledgement_names_number_due_date_and_authority(file: File) -> None:
    file()
    message = OutgoingMessage.objects.get()
    assert (message.to_address, message.purpose) == ("anna@example.lv", "ACCOUNTABILITY")


def test_events_never_name_the_person(file: File, person: User) -> None:
    case = file()
    assert {event.sealed_note for event in events_of(case)} == {""}
    assert set(case_numbers([person.pk])) == {case.number}


def test_a_reason_fades_with_the_key_of_its_case(file: File) -> None:
    case = file()
    move(case.pk, Stage.WITHDRAWN, action="withdrawn", actor=SYSTEM, now=NOW, reason="called us")
    event = events_of(case).last()
    assert event is not None
    assert note_of(event, case).reason == "called us"
    destroy_key(case.pk, now=NOW)
    assert note_of(event, case) == Note()
    assert verify(CaseEvent).is_whole


@pytest.mark.requirement("H12")
def test_a_second_copy_while_one_is_made_is_refused_with_the_number_of_the_first(file: File) -> None:
    first = file()
    with pytest.raises(AlreadyUnderWay) as refusal:
        file()
    assert refusal.value.number == first.number


def test_other_rights_may_be_used_twice(file: File) -> None:
    assert file(Right.OBJECTION).number != file(Right.OBJECTION).number


@pytest.mark.requirement("P3")
def test_withdrawing_twice_is_withdrawing_once(file: File) -> None:
    case = file(Right.OBJECTION)
    withdraw_request(case, now=NOW)
    withdraw_request(case, now=NOW)
    assert [event.action for event in events_of(case)].count("withdrawn") == 1


@pytest.mark.requirement("P5")
def test_what_has_begun_cannot_be_withdrawn(file: File) -> None:
    case = file(Right.ERASURE)
    move(case.pk, Stage.EXECUTING, action="erasure_confirmed", actor=SYSTEM, now=NOW)
    with pytest.raises(WrongStage):
        withdraw_request(case, now=NOW)


def test_a_closed_file_has_its_end_and_a_reopened_one_has_none(file: File) -> None:
    case = file(Right.OBJECTION)
    closed = move(case.pk, Stage.ANSWERED, action="answered", actor=SYSTEM, now=NOW)
    assert closed.ends_at is not None
    assert closed.ends_at.year == NOW.year + 3
    assert move(case.pk, Stage.REOPENED, action="reopened", actor=SYSTEM, now=NOW).ends_at is None


def test_every_action_that_is_written_has_words_for_the_person(file: File) -> None:
    case = file()
    assert {event.action for event in events_of(case)} <= set(ACTIONS)
