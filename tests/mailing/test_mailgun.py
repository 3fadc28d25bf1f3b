"""Mailgun through anymail, against the emulated one: a process of its own on the loopback."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from datamap.processors import Outcome
from datamap.trace import Subject
from mailing.models import OutgoingMessage, State
from mailing.processor import MailgunHandler
from outbox.gates import FAILURES_IN_A_ROW
from outbox.models import Effect, ProviderGate
from outbox.services import drain
from tests.mailing.conftest import ANNA, NOW, deliver, notice
from tests.mailing.emulated import EmulatedMailgun as Mailgun
from tests.mailing.emulated import mailgun

__all__ = ["mailgun"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.network]
SUBJECT = Subject(emails=frozenset({ANNA}))


@pytest.mark.clause("Q9.6")
def test_mailgun_gets_the_mail_with_tracking_off_and_only_a_number_of_ours(mailgun: Mailgun) -> None:
    message = notice()
    deliver()
    (form,) = mailgun.forms()
    assert form["to"] == [ANNA]
    assert (form["o:tracking-opens"], form["o:tracking-clicks"]) == (["no"], ["no"])
    assert form["v:message"] == [str(message.pk)]
    assert "o:tag" not in form
    assert not [name for name in form if name.startswith("attachment")]
    message.refresh_from_db()
    assert (message.state, message.handed_to, message.provider_id) == (
        State.SENT,
        "MAILGUN",
        mailgun.messages()[0]["id"],
    )


@pytest.mark.parametrize(
    ("status", "state"),
    [(400, "failed"), (401, "pending"), (404, "pending"), (429, "pending"), (500, "unknown"), (503, "unknown")],
)
def test_what_an_answer_of_mailgun_means(mailgun: Mailgun, status: int, state: str) -> None:
    mailgun.faults(queue=[{"fault": "status", "status": status, "retry_after": 7200}])
    notice()
    deliver()
    effect = Effect.objects.get()
    assert effect.state == state
    assert ANNA not in effect.last_error
    assert ((effect.due_at - NOW).total_seconds() > 7200) is (status == 429)


def test_mailgun_that_does_not_answer_is_tried_again(mailgun: Mailgun, settings: Any) -> None:
    settings.ANYMAIL = {**settings.ANYMAIL, "MAILGUN_API_URL": "http://127.0.0.1:9/v3"}
    notice()
    assert deliver().done == 0
    assert Effect.objects.get().state in {"pending", "unknown"}


@pytest.mark.clause("Q9.6")
def test_the_handler_says_what_mailgun_got_and_keeps(mailgun: Mailgun) -> None:
    notice()
    notice(to="janis@example.lv")
    deliver()
    handler = MailgunHandler()
    with translation.override("en"):
        assert "1 e-mail with your address" in str(handler.describe(SUBJECT))
        answer = handler.erase(SUBJECT, now=NOW)
        assert "30 days" in str(answer.detail)
    assert answer.outcome is Outcome.KEPT


def test_mailgun_holds_nothing_of_mails_that_went_another_way() -> None:
    message = notice()
    deliver()
    message.refresh_from_db()
    assert message.state == State.SENT
    assert MailgunHandler().describe(SUBJECT) == ""
    assert MailgunHandler().erase(SUBJECT, now=NOW).outcome is Outcome.NOTHING_HELD
    assert OutgoingMessage.objects.get().handed_to == ""


@pytest.mark.requirement("F15")
def test_a_mailgun_that_fails_is_left_alone_and_then_gets_every_letter_once(mailgun: Mailgun) -> None:
    letters = {str(notice().pk) for _ in range(FAILURES_IN_A_ROW + 4)}
    mailgun.faults(rate=1, kinds=["status"])
    deliver()
    assert len(mailgun.journal()) == FAILURES_IN_A_ROW
    assert deliver().done == 0
    assert len(mailgun.journal()) == FAILURES_IN_A_ROW, "the gate is shut"
    mailgun.faults()
    for minutes in (10, 20, 30):
        drain(now=NOW + timedelta(minutes=minutes))
    assert sorted(message["variables"]["message"] for message in mailgun.messages()) == sorted(letters)
    assert not ProviderGate.objects.get().is_shut
