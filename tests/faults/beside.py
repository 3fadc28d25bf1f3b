"""An erasure in one thread and other work in another, each on its own connections."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, TypeVar

from django.db import connections

from accounts.models import User
from audit.trail import Actor
from datamap.trace import subject_of_user
from retention.erasure import carry_out, plan_erasure
from retention.models import ErasureRun

NOW: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
Result = TypeVar("Result")


def elsewhere(work: Callable[[], Result]) -> Result:
    """On connections of another thread, which end with it."""
    try:
        return work()
    finally:
        connections.close_all()


def begin_erasure(person: User) -> ErasureRun:
    subject = subject_of_user(person)
    return carry_out(
        case_number="Q-1",
        subject=subject,
        plan_digest=plan_erasure(subject, now=NOW, archive=False).digest,
        objection_to_archive=True,
        actor=Actor.system("test"),
        now=NOW,
    )
