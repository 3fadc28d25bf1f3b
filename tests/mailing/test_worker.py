"""A real worker hands mail over: woken by the bell, and also when the broker forgot that it rang."""

import time
from collections.abc import Callable

import pytest
from celery import current_app
from django.conf import settings
from django.db import transaction

from mailing.models import OutgoingMessage, State
from outbox.doorbell import DRAIN_TASK, doorbell
from tests.mailing.conftest import notice

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.usefixtures("celery_worker_process"),
]


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


def is_sent(message: OutgoingMessage) -> bool:
    message.refresh_from_db()
    return message.state == State.SENT


def test_the_worker_hands_a_mail_over_after_the_commit() -> None:
    doorbell.quiet_until = 0.0
    message = notice()
    assert wait_until(lambda: is_sent(message))
    mails = "".join(path.read_text() for path in (settings.VAR_DIR / "mail").iterdir())
    assert f"<{message.pk}@" in mails


@pytest.mark.requirement("E3", "F6")
def test_a_broker_that_forgot_everything_loses_no_mail() -> None:
    current_app.control.purge()  # also of what earlier tests rang for
    with transaction.atomic():
        message = notice()  # the bell is muted: as if the broker had been emptied between the ring and the worker
    assert not wait_until(lambda: is_sent(message), seconds=1)
    current_app.send_task(DRAIN_TASK)  # what the scheduler does every few seconds
    assert wait_until(lambda: is_sent(message))
