"""Unknown is not failed: what Mailgun took is looked up; what it lists is heard; what it knows of the erased goes."""

from datetime import timedelta
from typing import Any

import pytest
import requests
from django.utils import timezone

from consent.queries import current_status_of_token
from consent.services import give_by_address
from consent.terms import Method
from datamap.trace import Subject
from mailing.effects import SETTLES
from mailing.inbound import refused_there
from mailing.models import Forgetting, OutgoingMessage, Reconciliation, State
from mailing.processor import MailgunHandler
from mailing.reconciling import reconcile
from mailing.services import is_suppressed
from outbox.models import Effect
from outbox.services import drain
from tests.mailing.conftest import ANNA, NOW, deliver, notice
from tests.mailing.emulated import EmulatedMailgun, mailgun
from vault.keys import has_key
from vault.tokens import email_token

__all__ = ["mailgun"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.network]

LATER = [timedelta(minutes=minutes) for minutes in (0, 1, 6, 20, 60, 180, 600)]


def state_of(message: OutgoingMessage) -> str:
    message.refresh_from_db()
    return message.state


@pytest.mark.requirement("F15", "E5")
@pytest.mark.parametrize("fault", ["reset_after", "done_then_500", "half_body"])
def test_a_letter_that_was_taken_though_the_answer_was_lost_is_not_sent_again(
    mailgun: EmulatedMailgun, fault: str
) -> None:
    message = notice()
    mailgun.faults(queue=[{"fault": fault}])
    deliver()
    assert Effect.objects.get().state == "unknown"
    drain(now=NOW + timedelta(minutes=1))
    assert Effect.objects.get().state == "unknown", "too early to look"
    drain(now=NOW + SETTLES + timedelta(minutes=2))
    assert state_of(message) == State.SENT
    assert len(mailgun.messages()) == 1
    assert message.provider_id
    assert message.body_sealed is None


def test_a_letter_that_never_arrived_is_sent_after_it_was_looked_up(mailgun: EmulatedMailgun) -> None:
    message = notice()
    mailgun.faults(queue=[{"fault": "reset_before"}])
    deliver()
    drain(now=NOW + SETTLES + timedelta(minutes=2))
    assert state_of(message) == State.SENT
    assert len(mailgun.messages()) == 1
    looked = [call["path"] for call in mailgun.journal() if call["method"] == "GET"]
    assert looked == ["/v3/mg.example.lv/events"]


@pytest.mark.requirement("F16")
@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "garbage"},
        {"fault": "huge"},
        {"fault": "redirect"},
        {"fault": "half_body"},
        {"fault": "status", "status": 503},
        {"fault": "status", "status": 429},
    ],
)
def test_while_mailgun_cannot_be_asked_nothing_is_sent_twice(mailgun: EmulatedMailgun, fault: dict[str, Any]) -> None:
    message = notice()
    mailgun.faults(queue=[{"fault": "reset_after"}, fault])
    deliver()
    drain(now=NOW + SETTLES + timedelta(minutes=2))
    assert Effect.objects.get().state == "unknown"
    assert ANNA not in Effect.objects.get().last_error
    drain(now=NOW + timedelta(hours=3))
    assert state_of(message) == State.SENT
    assert len(mailgun.messages()) == 1


@pytest.mark.requirement("F16", "E5")
def test_many_letters_through_many_faults_arrive_once_each(mailgun: EmulatedMailgun) -> None:
    messages = [notice(to=f"somebody{number}@example.lv") for number in range(25)]
    kinds = ["reset_before", "reset_after", "done_then_500", "half_body", "status"]
    mailgun.faults(rate=0.35, seed=7, kinds=kinds)
    for later in LATER:
        drain(now=NOW + later, limit=200)
    mailgun.faults()
    drain(now=NOW + timedelta(days=1), limit=200)
    numbers = [taken["variables"]["message"] for taken in mailgun.messages()]
    assert sorted(numbers) == sorted(str(message.pk) for message in messages)
    assert {state_of(message) for message in messages} == {State.SENT}


@pytest.mark.clause("Q16.7")
def test_the_lists_of_mailgun_are_emptied_for_an_erased_person_and_looked_at_when_its_log_is_over(
    mailgun: EmulatedMailgun,
) -> None:
    notice()
    deliver()
    mailgun.put_on("bounces", ANNA)
    mailgun.put_on("complaints", ANNA)
    mailgun.put_on("unsubscribes", "janis@example.lv")
    MailgunHandler().erase(Subject(emails=frozenset({ANNA})), now=NOW)
    row = Forgetting.objects.get()
    drain(now=NOW)
    assert mailgun.lists() == {"bounces": [], "complaints": [], "unsubscribes": ["janis@example.lv"]}
    row.refresh_from_db()
    assert row.emptied_at is not None
    assert row.email == ANNA
    drain(now=NOW + timedelta(days=29))
    drain(now=NOW + timedelta(days=30, minutes=1))
    assert Forgetting.objects.exists(), "its log still speaks of her"
    mailgun.forget()
    drain(now=NOW + timedelta(days=32))
    assert not Forgetting.objects.exists()
    assert not has_key(row.pk)


@pytest.mark.clause("Q13.10")
def test_every_night_what_mailgun_lists_is_heard_and_what_differs_is_counted(mailgun: EmulatedMailgun) -> None:
    sent, waiting = notice(), notice(to="liga@example.lv")
    deliver()
    OutgoingMessage.objects.filter(pk=waiting.pk).update(state=State.FAILED, handed_over_at=None, handed_to="")
    OutgoingMessage.objects.filter(pk=sent.pk).update(handed_over_at=NOW)
    mailgun.put_on("unsubscribes", "grumpy@example.lv")
    assert not is_suppressed("grumpy@example.lv")
    run = reconcile(now=NOW + timedelta(hours=2))
    assert run is not None
    assert is_suppressed("grumpy@example.lv")
    assert (run.listed, run.added, run.missing, run.unasked, run.error) == (1, 1, 0, 1, "")
    mailgun.forget()
    again = reconcile(now=NOW + timedelta(hours=3))
    assert again is not None
    assert (again.added, again.missing, again.unasked) == (0, 1, 0)


def test_a_night_without_mailgun_is_on_record_with_its_reason(mailgun: EmulatedMailgun) -> None:
    mailgun.faults(queue=[{"fault": "status", "status": 503}])
    reconcile(now=NOW)
    assert "could not be asked" in Reconciliation.objects.get().error


@pytest.mark.clause("Q13.7")
@pytest.mark.usefixtures("published_texts")
@pytest.mark.parametrize("reason", ["complained", "unsubscribed"])
def test_who_refuses_at_mailgun_gets_no_advertising_from_us(mailgun: EmulatedMailgun, reason: str) -> None:
    message = notice()
    deliver()
    how: dict[str, Any] = {"language": "lv", "method": Method.NEWSLETTER_FORM, "place": "/newsletter/", "now": NOW}
    give_by_address(ANNA, "MARKETING_EMAIL", **how)
    assert not refused_there(message.pk, "janis@example.lv", reason=reason, now=NOW), "nobody's word"
    assert not is_suppressed(ANNA)
    assert refused_there(message.pk, ANNA, reason=reason, now=NOW + timedelta(minutes=1))
    assert is_suppressed(ANNA)
    assert current_status_of_token(email_token(ANNA), "MARKETING_EMAIL", now=NOW).state == "withdrawn"


def test_a_log_that_speaks_of_foreign_numbers_stops_no_comparison(mailgun: EmulatedMailgun) -> None:
    form = {"from": "x@example.lv", "to": "y@example.lv", "text": "z", "v:message": "x" * 36}
    url = f"{mailgun.address}/v3/mg.example.lv/messages"
    requests.post(url, data=form, auth=("api", "key"), timeout=10).raise_for_status()
    run = reconcile(now=timezone.now())
    assert run is not None
    assert (run.logged, run.unasked, run.error) == (1, 0, "")
