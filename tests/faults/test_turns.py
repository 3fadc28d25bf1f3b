"""Erasures, purges, holds, confirmations and saves at once: whoever comes first, nothing contradicts itself (F24)."""

import contextlib
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import LoginEvent, User
from audit.ledger import ledgers, verify
from consent.models import ConsentEvent
from consent.services import AccountGone, give
from datamap.trace import subject_of_user
from dsar.erasure import confirm_erasure
from retention import holds, restriction
from retention.erasure import plan_erasure
from retention.holds import HoldRefused, NewHold
from retention.models import ErasureRun, HeldCopy, LegalHold, RunState
from retention.standing import HoldGround, RestrictionGround
from tests.faults.conftest import Victims, register
from tests.faults.test_erasure import EXECUTED, Person, assert_exactly_once
from tests.people import PASSWORD
from tests.retention.conftest import NOW
from vault.keys import has_key

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TAKES_ROWS = 'DELETE FROM "accounts_loginevent"'
SEALS_A_COPY = 'INSERT INTO "retention_heldcopy"'
VERIFYING = "SELECT c.relname"
LOGS_IN = [
    'INSERT INTO "django_session"',
    'INSERT INTO "usersessions_usersession"',
    'INSERT INTO "accounts_loginevent"',
    'UPDATE "django_session"',
]
DUE = timedelta(weeks=20, days=2)


def hold(row: LoginEvent, by: User) -> LegalHold:
    new = NewHold(
        table="accounts.LoginEvent",
        query={"pk": row.pk},
        case_number="C-1",
        reason="a claim",
        ground=HoldGround.CLAIM,
        act="GDPR Art. 17(3)(e)",
        owner=by.pk,
        review_on=date(2027, 2, 1),
    )
    return holds.place(new, by=by, now=NOW)


def release(placed: LegalHold, first: User, second: User) -> None:
    holds.propose_release(placed.pk, by=first, reason="settled", now=NOW)
    holds.release(placed.pk, by=second, reason="settled", now=NOW)


def beside(victims: Victims, pid: int, act: Callable[[], Any]) -> Any:
    """What comes of `act` when it is begun while a victim stands still in the middle, and the victim then goes on."""

    def alone() -> Any:
        try:
            return act()
        except (HoldRefused, AccountGone, DatabaseError) as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        acting: Future[Any] = pool.submit(alone)
        with contextlib.suppress(TimeoutError):  # then it waits for its turn
            acting.result(timeout=1)
        victims.go_on(pid)
        assert victims.wait(pid).error == ""
        return acting.result(timeout=30)


def assert_chains_are_whole() -> None:
    assert all(verify(ledger).is_whole for ledger in ledgers())


@pytest.mark.requirement("F24", "R7")
@pytest.mark.clause("Q5.19")
@pytest.mark.parametrize("step", ['SELECT "retention_legalhold"', TAKES_ROWS])
def test_a_hold_placed_during_an_erasure_keeps_the_row_or_is_refused(victims: Victims, step: str) -> None:
    person, officer = Person(1), register(7)
    row = LoginEvent.objects.get(user__email__in=person.subject.emails)
    worker = victims.start("erase", person.case.pk, how="stop", at=step)
    assert victims.wait(worker).ended == "stopped"
    placed = beside(victims, worker, lambda: hold(row, officer))
    assert isinstance(placed, HoldRefused), "a hold stands on a row that is gone"
    assert_exactly_once(person)
    assert_chains_are_whole()


@pytest.mark.requirement("F24")
@pytest.mark.clause("Q5.19")
def test_a_hold_released_during_an_erasure_leaves_no_copy(victims: Victims) -> None:
    first, second, user = register(7), register(8), register(1)
    row = LoginEvent.objects.create(user=user, at=NOW, kind="login")
    placed = hold(row, first)
    digest = plan_erasure(subject_of_user(user), now=NOW, archive=True).digest
    case = confirm_erasure(user=user, plan_digest=digest, objection_to_archive=False, waive_copy=True, now=NOW).case
    worker = victims.start("erase", case.pk, how="stop", at=SEALS_A_COPY)
    assert victims.wait(worker).ended == "stopped"
    assert beside(victims, worker, lambda: release(placed, first, second)) is None
    assert not HeldCopy.objects.exists()
    assert ErasureRun.objects.get().state == RunState.DONE
    assert [line for line in ErasureRun.objects.get().lines["lines"] if line["kept_as"]] == []


@pytest.mark.requirement("F24", "R7")
@pytest.mark.clause("Q5.19")
@pytest.mark.parametrize("step", ['SELECT "accounts_loginevent"."id" AS', TAKES_ROWS])
def test_a_hold_placed_during_a_purge_keeps_the_row_or_is_refused(victims: Victims, step: str) -> None:
    officer, user = register(7), register(1)
    row = LoginEvent.objects.create(user=user, at=timezone.now() - DUE, kind="login")
    worker = victims.start("purge", how="stop", at=step)
    assert victims.wait(worker).ended == "stopped"
    placed = beside(victims, worker, lambda: hold(row, officer))
    assert LoginEvent.objects.filter(pk=row.pk).exists() is isinstance(placed, LegalHold)


@pytest.mark.requirement("F24")
@pytest.mark.clause("Q16.10")
@pytest.mark.parametrize("step", ['SELECT "accounts_loginevent"."id" AS', TAKES_ROWS])
def test_a_restriction_that_is_answered_stands_before_a_purge_takes_more(victims: Victims, step: str) -> None:
    officer, user = register(7), register(1)
    row = LoginEvent.objects.create(user=user, at=timezone.now() - DUE, kind="login")
    worker = victims.start("purge", how="stop", at=step)
    assert victims.wait(worker).ended == "stopped"
    still_there = LoginEvent.objects.filter(pk=row.pk)

    def restrict() -> bool:
        restriction.place(
            user, ground=RestrictionGround.CLAIMS, case_number="R-1", reason="she asked", by=officer, now=NOW
        )
        return still_there.exists()

    assert beside(victims, worker, restrict) == still_there.exists(), "it went after the restriction was answered"


@pytest.mark.requirement("F24")
@pytest.mark.parametrize("step", ['DELETE FROM "account_emailaddress"', 'DELETE FROM "accounts_user"'])
def test_an_address_confirmed_at_the_last_moment_keeps_its_account_or_is_told_so(victims: Victims, step: str) -> None:
    user = register(1)
    EmailAddress.objects.filter(user=user).update(verified=False)
    User.objects.filter(pk=user.pk).update(date_joined=timezone.now() - timedelta(days=8))
    worker = victims.start("purge", how="stop", at=step)
    assert victims.wait(worker).ended == "stopped"
    confirmed = beside(victims, worker, lambda: EmailAddress.objects.filter(user=user).update(verified=True))
    assert User.objects.filter(pk=user.pk).exists() is (confirmed == 1), "confirmed, and gone all the same"


@pytest.mark.requirement("F24", "E7")
@pytest.mark.clause("Q18.2")
def test_a_page_that_saves_an_account_after_its_erasure_does_not_bring_it_back(victims: Victims) -> None:
    person = Person(1)
    stale = User.objects.get(email__in=person.subject.emails)
    stale.set_password("Cita-parole-77")
    worker = victims.start("erase", person.case.pk, how="stop", at=TAKES_ROWS)
    assert victims.wait(worker).ended == "stopped"
    assert isinstance(beside(victims, worker, stale.save), DatabaseError)
    assert not has_key(stale.pk)
    assert_exactly_once(person)


@pytest.mark.requirement("F24", "E7")
@pytest.mark.clause("Q18.2")
def test_somebody_new_at_her_address_does_not_disturb_an_erasure_that_was_cut_off(victims: Victims) -> None:
    person = Person(1)
    assert victims.run("erase", person.case.pk, how="kill", at=VERIFYING).ended == "killed"
    assert person.state == EXECUTED
    anew = register(1)
    assert victims.run("erase", person.case.pk).value == RunState.DONE
    assert User.objects.filter(pk=anew.pk).exists()
    assert ErasureRun.objects.get().findings == []


@pytest.mark.requirement("F24", "E7")
@pytest.mark.clause("Q18.2")
def test_a_consent_given_during_an_erasure_is_refused(victims: Victims) -> None:
    person = Person(1)
    assert person.subject.user_id is not None
    worker = victims.start("erase", person.case.pk, how="stop", at=TAKES_ROWS)
    assert victims.wait(worker).ended == "stopped"
    how: dict[str, Any] = {"language": "lv", "method": "account", "place": "/", "now": NOW}
    refused = beside(victims, worker, lambda: give(person.subject.user_id, "PROFILING", **how))  # type: ignore[arg-type]
    assert isinstance(refused, AccountGone)
    assert not ConsentEvent.objects.filter(at=NOW, purpose="PROFILING").exists()
    assert_exactly_once(person)


@pytest.mark.requirement("F24", "E7")
@pytest.mark.clause("Q18.2")
def test_whoever_logs_in_during_her_erasure_is_not_logged_in(victims: Victims) -> None:
    person = Person(1)
    (email,) = person.subject.emails
    worker = victims.start("erase", person.case.pk, how="stop", at=TAKES_ROWS)
    assert victims.wait(worker).ended == "stopped"
    browser = Client(raise_request_exception=False)
    form = {"login": email, "password": PASSWORD}
    answer = beside(victims, worker, lambda: browser.post(reverse("account_login"), form))
    assert answer.status_code in {302, 400, 403}
    assert sessions_of(person) == []
    assert browser.get(reverse("account")).status_code == 302
    assert_exactly_once(person)


@pytest.mark.requirement("F24", "E7")
@pytest.mark.clause("Q18.2")
@pytest.mark.parametrize("step", LOGS_IN)
def test_an_erasure_during_her_log_in_leaves_no_session(victims: Victims, step: str) -> None:
    person = Person(1)
    (email,) = person.subject.emails
    browser = victims.start("log_in", email, how="stop", at=step)
    assert victims.wait(browser).ended == "stopped"
    eraser = victims.start("erase", person.case.pk)
    for _turn in range(20):  # until it is done, or waits for the log-in
        time.sleep(0.1)
        if ErasureRun.objects.exists():
            break
    victims.go_on(browser)
    assert victims.wait(browser).value in {302, 400, 500}
    assert victims.wait(eraser).value == RunState.DONE
    assert sessions_of(person) == []
    assert_exactly_once(person)


def sessions_of(person: Person) -> list[str]:
    """The sessions in which anybody is logged in as this person."""
    found = [(session.session_key, session.get_decoded()) for session in Session.objects.all()]
    return [key for key, content in found if content.get(SESSION_KEY) == str(person.subject.user_id)]
