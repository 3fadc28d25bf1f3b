"""Where nobody said where mail goes, the demo sends it to an emulated Mailgun over a socket; letters can be read."""

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from django.utils import timezone

from mailing.models import OutgoingMessage, State
from mailing.services import send
from outbox.services import drain
from runner import mail

pytestmark = [pytest.mark.network, pytest.mark.requirement("V1")]
DEVELOPMENT = {"QLEKTA_ENV": "development"}


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        (DEVELOPMENT, True),
        ({**DEVELOPMENT, "EMAIL_URL": "smtp://localhost"}, False),
        ({**DEVELOPMENT, "MAILGUN_API_KEY_FILE": "/run/secrets/key"}, False),
        ({"QLEKTA_ENV": "production"}, False),
        ({}, False),
    ],
)
def test_it_is_emulated_only_in_development_and_only_by_default(environment: dict[str, str], wanted: bool) -> None:
    assert mail.is_wanted(environment) is wanted


def silence(_name: str) -> int:
    return os.open(os.devnull, os.O_WRONLY)


def lend(var: Path) -> Any:
    return mail.emulated({**os.environ, **DEVELOPMENT, "EMAIL_URL": ""}, var=var, output=silence, port=0)


@pytest.fixture
def letters(tmp_path: Path, settings: Any) -> Iterator[mail.Mail]:
    """The emulated Mailgun of a demo, and a site that is set up for it."""
    with lend(tmp_path) as found:
        settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
        settings.ANYMAIL = {**settings.ANYMAIL, **found.environment}
        yield found


def notice(heading: str) -> OutgoingMessage:
    words = {"heading": heading, "paragraphs": ["Look."], "link": "/privacy/", "link_label": "Look"}
    return send("notice", to="anna@example.lv", language="en", purpose="SERVICE", context=words, now=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_a_letter_goes_over_the_socket_and_can_be_read_as_page_and_as_file(letters: mail.Mail, tmp_path: Path) -> None:
    message = notice("Your <b>copy</b> is ready")
    drain(now=timezone.now() + timedelta(seconds=1))
    message.refresh_from_db()
    assert (message.state, message.handed_to) == (State.SENT, "MAILGUN")
    page = requests.get(letters.inbox, timeout=10)
    assert "anna@example.lv" in page.text
    letter = requests.get(f"{letters.inbox}__letter?number=1", timeout=10)
    assert "&lt;b&gt;copy&lt;/b&gt;" in letter.text
    assert "<b>" not in letter.text
    assert '/privacy/" rel="noreferrer">' in letter.text
    assert "default-src 'none'" in letter.headers["Content-Security-Policy"]
    (file,) = (tmp_path / "mail").iterdir()
    assert "To: anna@example.lv" in file.read_text()


@pytest.mark.django_db(transaction=True)
def test_what_it_took_is_still_known_after_a_restart(letters: mail.Mail, tmp_path: Path) -> None:
    notice("Your copy is ready")
    drain(now=timezone.now() + timedelta(seconds=1))
    with (tmp_path / "mailgun.jsonl").open("a") as kept:
        kept.write('{"id": "broken off')
    with lend(tmp_path) as again:
        assert "Your copy is ready" in requests.get(again.inbox, timeout=10).text


def test_neither_letters_nor_switches_are_for_a_foreign_page(letters: mail.Mail) -> None:
    rebound = requests.get(letters.inbox, headers={"Host": "evil.example"}, timeout=10)
    foreign = requests.post(
        f"{letters.inbox}__faults", data=json.dumps({}), headers={"Origin": "https://evil.example"}, timeout=10
    )
    assert (rebound.status_code, foreign.status_code) == (403, 403)
    assert requests.post(f"{letters.inbox}__faults", data="{}", timeout=10).status_code == 200
