"""A person with data everywhere, and a small way to see whether anybody's data moved."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.forms.models import model_to_dict

from accounts.models import LoginEvent, Profile, User
from audit.trail import Actor
from datamap.registry import registry
from datamap.trace import Subject, rows_about, subject_of_user
from mailing.models import OutgoingMessage, State
from retention.erasure import execute_erasure, plan_erasure
from retention.models import ErasureReceipt
from visits.models import Visit
from visits.partitions import ensure_days
from visits.terms import Kind, Platform

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def anna(person: User) -> Subject:
    return with_canaries(person, "anna", phone="+371 20000001")


@pytest.fixture
def janis(other_person: User) -> Subject:
    return with_canaries(other_person, "jānis", phone="+371 20000002")


def with_canaries(user: User, word: str, *, phone: str) -> Subject:
    """A profile, a log-in, a visit and a letter, each with a canary of this person's."""
    canary = f"Kanārija-{word}"
    Profile.objects.update_or_create(user=user, defaults={"phone": phone, "street": canary})
    LoginEvent.objects.create(user=user, at=NOW, kind="login", ip="192.0.2.1", user_agent=canary)
    ensure_days([NOW.date()])
    Visit.objects.create(
        at=NOW, kind=Kind.PAGE, user_id=user.pk, platform=Platform.DESKTOP, path=f"/{canary}", status=200, response_ms=1
    )
    OutgoingMessage.objects.create(
        to_address=user.email, purpose="SERVICE", language="lv", subject=canary, created_at=NOW
    )
    return subject_of_user(user)


def hand_over_letters(now: datetime) -> None:
    """What waits was taken by the mail service."""
    OutgoingMessage.objects.filter(state=State.QUEUED).update(
        state=State.SENT, handed_over_at=now, body_sealed=None, error=""
    )


@pytest.fixture
def erase() -> Callable[..., ErasureReceipt]:
    def run(subject: Subject, *, case: str = "Q-1", objection: bool = False, now: datetime = NOW) -> ErasureReceipt:
        return execute_erasure(
            case_number=case,
            subject=subject,
            plan_digest=plan_erasure(subject, now=now, archive=not objection).digest,
            objection_to_archive=objection,
            actor=Actor.system("test"),
            now=now,
        )

    return run


def everything_about(subject: Subject) -> dict[str, list[dict[str, Any]]]:
    """All rows that speak of a person, table by table, as they are."""
    return {
        holding.model: [{"pk": row.pk, **_bytes_out(model_to_dict(row))} for row in rows_about(holding, subject)]
        for holding in registry().holdings
    }


def _bytes_out(values: dict[str, Any]) -> dict[str, Any]:
    return {name: bytes(value) if isinstance(value, memoryview) else value for name, value in values.items()}
