"""What stopped a processing after the backup stops it again after the restore: objections, bounces, stops (Q10.9)."""

import json
from datetime import timedelta

import pytest

from accounts.models import User
from audit.models import Entry
from datamap.gate import may_process
from datamap.terms import Right
from datamap.trace import subject_of_user
from dsar import caution, objections, stopping
from dsar.models import Caution, Objection, SubjectRequest
from dsar.remembering import CAUTIONED, OBJECTED
from dsar.steps import Step
from dsar.terms import Stage
from mailing.inbound import BOUNCED, came_back
from mailing.models import OutgoingMessage, State
from replay.journal import segments_of
from replay.models import JournalHead
from replay.segments import Line
from retention.reopening import look, reopen
from tests.dsar.conftest import NOW, File
from tests.retention.test_replay import forget_the_last
from vault.tokens import secret_digest

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.clause("Q10.9")]


def lines(kind: str) -> list[Line]:
    return [line for line in segments_of(JournalHead.objects.get()).after(0) if line.kind == kind]


def again_and_again(number: int) -> dict[str, int]:
    forget_the_last(number)
    return reopen(now=NOW).repeated


@pytest.mark.requirement("F25", "X2")
@pytest.mark.clause("Q16.5")
def test_an_objection_younger_than_the_backup_stands_again(person: User, file: File) -> None:
    file(Right.OBJECTION)
    found = lines(OBJECTED)
    assert {line.details["purpose"] for line in found} == set(Objection.objects.values_list("purpose", flat=True))
    assert {(line.subject, line.born) for line in found} == {(person.pk, person.date_joined)}
    assert "anna" not in json.dumps([line.details for line in found]).lower()
    Objection.objects.all().delete()
    assert may_process(subject_of_user(person), "STABILITY", now=NOW)
    forget_the_last(len(found))
    assert look().left == {OBJECTED: len(found)}
    assert reopen(now=NOW).repeated == {OBJECTED: len(found)}
    assert not may_process(subject_of_user(person), "STABILITY", now=NOW)
    assert Entry.objects.filter(action="objection.repeated", subject=person.pk).count() == len(found)
    assert again_and_again(len(found)) == {OBJECTED: 0}, "twice is once"


def test_an_overruled_objection_is_overruled_again(person: User, file: File, officer: User, colleague: User) -> None:
    file(Right.OBJECTION)
    objection = Objection.objects.get(purpose="CLAIMS")
    objections.propose_grounds(objection.pk, "a claim is announced", by=officer, now=NOW)
    objections.overrule(objection.pk, by=colleague, reason="so it is", now=NOW)
    Objection.objects.filter(pk=objection.pk).update(overruled_at=None, overruled_by=None, proposed_by=None, grounds="")
    forget_the_last(1)
    assert [reopen(now=NOW).repeated, again_and_again(1)] == [{OBJECTED: 1}, {OBJECTED: 0}]
    again = Objection.objects.get(pk=objection.pk)
    assert (again.overruled_by, again.overruled_at, again.grounds) == (colleague.pk, NOW, "a claim is announced")


def test_an_objection_whose_request_is_lost_is_judged_with_the_next_one(
    person: User, file: File, officer: User, colleague: User
) -> None:
    lost = file(Right.OBJECTION)
    Objection.objects.update(case_number="QP-lost")
    SubjectRequest.objects.filter(pk=lost.pk).update(stage=Stage.WITHDRAWN, closed_at=NOW, ends_at=NOW)
    case = file(Right.OBJECTION)
    assert set(Objection.objects.values_list("case_number", flat=True)) == {case.number}
    objection = Objection.objects.get(purpose="CLAIMS")
    objections.propose_grounds(objection.pk, "a claim is announced", by=officer, now=NOW)
    assert objections.overrule(objection.pk, by=colleague, reason="so it is", now=NOW).overruled_at == NOW


@pytest.mark.requirement("F25")
def test_nobody_objects_for_a_stranger_with_the_same_id_nor_for_an_account_that_is_lost(
    person: User, file: File
) -> None:
    file(Right.OBJECTION)
    count = Objection.objects.count()
    Objection.objects.all().delete()
    User.objects.filter(pk=person.pk).update(date_joined=person.date_joined + timedelta(hours=1))
    forget_the_last(count)
    assert reopen(now=NOW).repeated == {OBJECTED: 0}
    assert not Objection.objects.exists()


@pytest.mark.requirement("F28", "X2")
def test_a_letter_that_came_back_after_the_backup_is_known_to_have_come_back() -> None:
    letter = OutgoingMessage.objects.create(
        to_address="liga@example.lv", purpose="SERVICE", language="lv", created_at=NOW,
        state=State.SENT, handed_over_at=NOW,
    )  # fmt: skip
    assert came_back(letter.pk, "liga@example.lv", now=NOW)
    (line,) = lines(BOUNCED)
    assert (line.subject, line.details) == (None, {"message": str(letter.pk)})
    OutgoingMessage.objects.update(bounced_at=None)
    forget_the_last(1)
    assert reopen(now=NOW + timedelta(days=1)).repeated == {BOUNCED: 1}
    letter.refresh_from_db()
    assert letter.bounced_at == NOW
    OutgoingMessage.objects.update(bounced_at=None, handed_over_at=None, state=State.QUEUED)
    forget_the_last(1)
    assert reopen(now=NOW + timedelta(days=1)).repeated == {BOUNCED: 0}, "it is sent again, and comes back itself"


@pytest.mark.requirement("I7", "F25")
def test_a_request_stopped_from_an_older_address_stays_stopped(file: File, officer: User) -> None:
    case = file()
    Caution.objects.create(
        case=case, changed_at=NOW, placed_at=NOW, waits_until=NOW + timedelta(hours=72),
        stop_digest=secret_digest("secret"),
    )  # fmt: skip
    assert caution.stop("secret", now=NOW) == case
    Caution.objects.all().delete()
    forget_the_last(1)
    assert reopen(now=NOW).repeated == {CAUTIONED: 1}
    assert Caution.objects.get(case=case).stopped_at == NOW
    stopping.release(case.pk, step=Step(by=officer, reason="it was herself", now=NOW))
    Caution.objects.update(stopped_at=NOW)
    forget_the_last(1)
    assert reopen(now=NOW).repeated == {CAUTIONED: 1}
    assert Caution.objects.get(case=case).stopped_at is None
