"""Mailgun through anymail, against a small server on the loopback that speaks its dialect."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.utils import translation

from datamap.processors import Outcome
from datamap.trace import Subject
from mailing.models import OutgoingMessage, State
from mailing.processor import MailgunHandler
from outbox.models import Effect
from tests.mailing.conftest import ANNA, NOW, deliver, notice

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.network]
SUBJECT = Subject(emails=frozenset({ANNA}))


class Mailgun(ThreadingHTTPServer):
    """Keeps what it was sent; `status` is what it answers."""

    status = 200
    headers: dict[str, str] = {}

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.received: list[dict[str, list[str]]] = []


class Answer(BaseHTTPRequestHandler):
    """One answer of the small server."""

    server: Mailgun

    def do_POST(self) -> None:
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.received.append(parse_qs(form, keep_blank_values=True))
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(json.dumps({"id": "<m1@mg.example.lv>", "message": "Queued. Thank you."}).encode())

    def log_message(self, *_: Any) -> None:
        """Silence."""


@pytest.fixture
def mailgun(settings: Any) -> Iterator[Mailgun]:
    with Mailgun() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
        settings.ANYMAIL = {
            "MAILGUN_API_KEY": "key",
            "MAILGUN_API_URL": f"http://127.0.0.1:{server.server_port}/v3",
            "MAILGUN_SENDER_DOMAIN": "mg.example.lv",
        }
        yield server
        server.shutdown()


@pytest.mark.clause("Q9.6")
def test_mailgun_gets_the_mail_with_tracking_off_and_only_a_number_of_ours(mailgun: Mailgun) -> None:
    message = notice()
    deliver()
    (form,) = mailgun.received
    assert form["to"] == [ANNA]
    assert (form["o:tracking-opens"], form["o:tracking-clicks"]) == (["no"], ["no"])
    assert form["v:message"] == [str(message.pk)]
    assert "o:tag" not in form
    assert not [name for name in form if name.startswith("attachment")]
    message.refresh_from_db()
    assert (message.state, message.handed_to, message.provider_id) == (State.SENT, "MAILGUN", "<m1@mg.example.lv>")


@pytest.mark.parametrize(
    ("status", "state"), [(400, "failed"), (401, "failed"), (429, "pending"), (500, "unknown"), (503, "unknown")]
)
def test_what_an_answer_of_mailgun_means(mailgun: Mailgun, status: int, state: str) -> None:
    mailgun.status = status
    mailgun.headers = {"Retry-After": "7200"}
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
