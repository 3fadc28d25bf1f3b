"""A gatekeeper that answers from a table, mail templates of the tests, and short ways to send and deliver."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from datamap import gate
from datamap.declarations import Purpose
from datamap.gate import Decision
from datamap.registry import Registry, registry
from datamap.trace import Subject
from mailing import services
from mailing.models import OutgoingMessage
from outbox.doorbell import doorbell
from outbox.services import DrainReport, drain

NOW: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANNA: Final = "anna@example.lv"
CONSENTS: Final[set[str]] = set()
"""The addresses that consent to advertising, in the tests' gatekeeper."""


def gatekeeper(subject: Subject, purpose: Purpose, now: datetime, /, *, scope: str) -> Decision | None:
    """Answers for advertising alone, from the table."""
    if purpose.code != "MARKETING_EMAIL":
        return None
    return Decision(True, "consent given") if subject.emails & CONSENTS else Decision(False, "consent withdrawn")


@pytest.fixture
def consents(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The table behind the one declared gatekeeper of the test."""
    declared: Registry = replace(registry(), gatekeepers=(f"{__name__}.gatekeeper",))
    monkeypatch.setattr(gate, "registry", lambda: declared)
    yield CONSENTS
    CONSENTS.clear()


@pytest.fixture(autouse=True)
def _rested_doorbell() -> None:
    doorbell.quiet_until = float("inf")  # nobody listens here, the tests drain themselves


@pytest.fixture
def mail_templates(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Adds `offer` (a good advertisement) and `bare` (one without the common layout)."""
    found = [dict(engine) for engine in settings.TEMPLATES]
    found[0]["DIRS"] = [*found[0]["DIRS"], Path(__file__).parent / "templates"]
    settings.TEMPLATES = found


def notice(**more: Any) -> OutgoingMessage:
    """A notice to Anna."""
    context = {
        "heading": "Your copy is ready",
        "paragraphs": ["Dear Anna Bērziņa,", "you can fetch it for 14 days."],
        "link": "/privacy/requests/7/",
        "link_label": "Fetch it",
    }
    wanted = {"to": ANNA, "language": "en", "purpose": "ACCOUNTABILITY", "context": context, "now": NOW, **more}
    return services.send("notice", **wanted)


def offer(template: str = "offer", **more: Any) -> OutgoingMessage:
    """An advertisement to Anna."""
    context = {"heading": "Skates are cheap", "unsubscribe_url": "/newsletter/out/k7/", **more.pop("context", {})}
    return services.send(template, to=ANNA, language="en", purpose="MARKETING_EMAIL", context=context, now=NOW, **more)


def deliver() -> DrainReport:
    """Hands over what waits, a minute later."""
    return drain(now=NOW + timedelta(minutes=1))
