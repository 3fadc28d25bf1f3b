"""Holds and restrictions that are younger than the backup stand again before anything is purged (Q5.19, Q10.9)."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.models import LoginEvent, User
from accounts.services import register_person
from audit.models import Entry
from audit.trail import Actor
from datamap.registry import registry
from datamap.trace import Subject, subject_of_user
from replay.guard import GUARD
from replay.journal import opened, segments_of
from replay.models import JournalHead
from replay.segments import Line
from retention import holds, lifting, restriction
from retention.clock import LARGE
from retention.erasure import execute_erasure, plan_erasure
from retention.holds import NewHold
from retention.models import LegalHold, Restriction
from retention.remembering import HELD, RESTRICTED, hold_again, restrict_again
from retention.reopening import look, reopen
from retention.standing import HoldGround, RestrictionGround
from retention.sweeps import sweep
from tests.retention.conftest import NOW, hand_over_letters
from tests.retention.test_replay import forget_the_last
from vault.detached import seal_detached

pytestmark = [pytest.mark.django_db(transaction=True)]

LOG_INS = "accounts.LoginEvent"
LATE = NOW - timedelta(weeks=20, hours=3)


def log_in(user: User, **more: Any) -> LoginEvent:
    return LoginEvent.objects.create(user=user, at=LATE, kind="login", **more)


def hold_rows(by: User, query: dict[str, Any]) -> LegalHold:
    new = NewHold(
        table=LOG_INS,
        query=query,
        case_number="C-7",
        reason="Anna Bērziņa, anna@example.lv, was robbed",
        ground=HoldGround.CRIME_REPORT,
        act="GDPR Art. 17(3)(e)",
        owner=by.pk,
        review_on=date(2027, 2, 1),
    )
    return holds.place(new, by=by, now=NOW)


def lines() -> list[Line]:
    return segments_of(JournalHead.objects.get()).after(0)


@pytest.mark.clause("Q5.19", "Q10.9")
@pytest.mark.requirement("R7", "F25")
def test_the_sweep_of_a_restore_keeps_what_a_hold_younger_than_the_backup_keeps(person: User, officer: User) -> None:
    held, _free = log_in(person), log_in(person)
    hold = hold_rows(officer, {"pk": held.pk})
    LegalHold.objects.all().delete()
    forget_the_last(1)
    assert look().left == {HELD: 1}
    found = reopen(now=NOW)
    assert (found.is_open, found.repeated) == (True, {HELD: 1})
    assert list(LoginEvent.objects.all()) == [held]
    again = LegalHold.objects.get()
    assert (again.pk, again.query, again.reason, again.history) == (hold.pk, hold.query, hold.reason, hold.history)
    assert Entry.objects.filter(action="hold.repeated", object_id=str(hold.pk)).count() == 1


@pytest.mark.requirement("X2")
def test_the_journal_names_neither_the_person_nor_what_staff_wrote(person: User, officer: User) -> None:
    log_in(person)  # one that it does not cover: nobody's all can be held by a description
    hold_rows(officer, {"user": str(person.pk), "user_agent": log_in(person, user_agent="anna@example.lv").user_agent})
    restriction.place(
        person, ground=RestrictionGround.CLAIMS, case_number="QP-1", reason="Anna asked", by=officer, now=NOW
    )
    held, restricted = lines()[-2:]
    assert [(held.kind, held.subject), (restricted.kind, restricted.subject)] == [
        (HELD, person.pk),
        (RESTRICTED, person.pk),
    ]
    assert held.born == restricted.born == person.date_joined
    text = json.dumps([held.details, restricted.details])
    for word in ("anna", "Anna", Restriction.objects.get().email_token, str(officer.pk)):
        assert word not in text
    assert {"ground", "review_on", "case", "table"} <= held.details.keys()


def test_each_step_is_repeated_once_and_a_release_stays_a_release(person: User, officer: User) -> None:
    second = User.objects.create_user("maris@qlekta.example", None, given_name="Māris", is_staff=True)
    hold = hold_rows(officer, {"pk": log_in(person).pk})
    holds.propose_release(hold.pk, by=officer, reason="settled", now=NOW)
    holds.release(hold.pk, by=second, reason="settled", now=NOW)
    placed, proposed, released = lines()[-3:]
    LegalHold.objects.all().delete()
    assert [hold_again(line, now=NOW) for line in (placed, placed, proposed)] == [True, False, True]
    assert holds.active_holds().count() == 1
    assert [hold_again(released, now=NOW), hold_again(released, now=NOW)] == [True, False]
    assert LegalHold.objects.get().released_by == second.pk


@pytest.mark.clause("Q5.19", "Q10.9")
@pytest.mark.requirement("F25", "F31")
def test_a_line_of_before_the_last_look_was_told_brings_its_hold_back(person: User, officer: User) -> None:
    hold = hold_rows(officer, {"pk": log_in(person).pk})
    line = lines()[-1]
    told = opened(line)
    del told["reviewed_on"]
    sealed = seal_detached(json.dumps(told).encode(), context=f"journal|{line.id}")
    older = replace(line, details=line.details | {"sealed": sealed})
    LegalHold.objects.all().delete()
    assert [hold_again(older, now=NOW), hold_again(older, now=NOW)] == [True, False]
    again = LegalHold.objects.get()
    assert (again.pk, again.reviewed_on) == (hold.pk, NOW.date())


@pytest.mark.clause("Q16.10", "Q10.9")
def test_a_restriction_stands_again_and_its_lifting_too(person: User, officer: User) -> None:
    item = restriction.place(
        person, ground=RestrictionGround.CLAIMS, case_number="QP-1", reason="she asked", by=officer, now=NOW
    )
    late = log_in(person)
    Restriction.objects.all().delete()
    forget_the_last(1)
    assert reopen(now=NOW).repeated == {RESTRICTED: 1}
    assert LoginEvent.objects.filter(pk=late.pk).exists(), "she wanted her rows kept"
    assert restriction.active().get().pk == item.pk
    lifting.tell(item.pk, by=officer, reason="closed", now=NOW + timedelta(days=1))
    hand_over_letters(NOW + timedelta(days=1))
    lifting.lift(item.pk, by=officer, reason="closed", now=NOW + timedelta(days=2))
    Restriction.objects.all().delete()
    assert [restrict_again(line, now=NOW) for line in lines()[-3:] if line.kind == RESTRICTED] == [True] * 3
    assert not restriction.active().exists()


@pytest.mark.clause("Q10.9", "Q16.10", "Q18.2")
def test_an_old_line_takes_no_later_step_back(person: User, officer: User) -> None:
    address = person.email
    first = restriction.place(
        person, ground=RestrictionGround.CLAIMS, case_number="QP-1", reason="she asked", by=officer, now=NOW
    )
    lifting.tell(first.pk, by=officer, reason="closed", now=NOW)
    hand_over_letters(NOW)
    lifting.lift(first.pk, by=officer, reason="closed", now=NOW + timedelta(days=1))
    restriction.place(
        person, ground=RestrictionGround.ACCURACY, case_number="QP-2", reason="she asked", by=officer, now=NOW
    )
    execute_erasure(
        case_number="QP-3",
        subject=subject_of_user(person),
        plan_digest=plan_erasure(subject_of_user(person), now=NOW, archive=False).digest,
        objection_to_archive=True,
        actor=Actor.system("test"),
        now=NOW + timedelta(days=1),
    )
    before = list(Restriction.objects.order_by("pk").values())
    assert [restrict_again(line, now=NOW) for line in lines() if line.kind == RESTRICTED] == [False] * 4
    assert list(Restriction.objects.order_by("pk").values()) == before
    assert not restriction.is_restricted(Subject(emails=frozenset({address}))), "it binds who gets her address"


def test_a_released_hold_is_not_proposed_anew_by_an_old_line(person: User, officer: User) -> None:
    second = User.objects.create_user("maris@qlekta.example", None, given_name="Māris", is_staff=True)
    hold = hold_rows(officer, {"pk": log_in(person).pk})
    holds.propose_release(hold.pk, by=officer, reason="settled", now=NOW)
    holds.release(hold.pk, by=second, reason="settled", now=NOW)
    assert [hold_again(line, now=NOW) for line in lines()[-3:]] == [False] * 3
    assert not holds.active_holds().exists()


@pytest.mark.requirement("F25")
def test_a_stranger_with_the_same_id_is_neither_held_nor_restricted(person: User, officer: User) -> None:
    hold_rows(officer, {"user": str(person.pk), "pk": log_in(person).pk})
    restriction.place(person, ground=RestrictionGround.CLAIMS, case_number="QP-1", reason="x", by=officer, now=NOW)
    held, restricted = lines()[-2:]
    for model in (LegalHold, Restriction):
        model._base_manager.all().delete()
    User.objects.filter(pk=person.pk).update(date_joined=person.date_joined + timedelta(hours=1))
    assert not hold_again(held, now=NOW)
    assert not restrict_again(restricted, now=NOW)
    assert not LegalHold.objects.exists()


def test_a_number_that_a_hold_names_is_given_to_no_row_of_somebody_else(person: User, officer: User) -> None:
    lost = log_in(person)
    hold_rows(officer, {"pk": lost.pk})
    number, line = lost.pk, lines()[-1]
    LegalHold.objects.all().delete()
    lost.delete()
    rewind(LoginEvent)
    assert hold_again(line, now=NOW)
    stranger = register_person(email="svesa@example.lv", password="Sveša-parole-77", given_name="Sveša", now=NOW)
    assert log_in(stranger).pk > number


@pytest.mark.requirement("R6", "O1")
def test_an_old_backup_that_lets_the_clock_seem_to_jump_stays_closed_until_somebody_looked(
    person: User, officer: User
) -> None:
    hold_rows(officer, {"pk": log_in(person).pk})
    sweep(registry().holding(LOG_INS), now=NOW - timedelta(days=21), apply=True)
    LoginEvent.objects.bulk_create(LoginEvent(user=person, at=LATE, kind="login") for _ in range(LARGE))
    LegalHold.objects.all().delete()
    forget_the_last(1)
    found = reopen(now=NOW)
    assert "--confirm-clock" in found.trouble
    assert LoginEvent.objects.count() == LARGE + 1
    assert GUARD.look() is not None
    assert reopen(now=NOW, confirm_clock=True).is_open
    assert LoginEvent.objects.count() == 1


def rewind(model: Any) -> None:
    """The numbers start where a backup had them."""
    from django.db import connection

    from tests.database import as_owner

    with as_owner(), connection.cursor() as cursor, transaction.atomic():
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{model._meta.db_table}', 'id'), 1, false)")
