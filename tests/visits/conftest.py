"""A quiet buffer, a spool of its own, and visits by the handful."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pytest_django.fixtures import Settings

from visits.buffer import BUFFER, flush_now
from visits.hits import Hit
from visits.models import Visit
from visits.partitions import ensure_days

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def spool_of_its_own(settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.VAR_DIR = tmp_path
    BUFFER.begin()
    yield
    BUFFER.begin()


@pytest.fixture
def flushed() -> Callable[[], list[Visit]]:
    """Drains the queue here and now and returns all visits, the oldest first."""

    def flush() -> list[Visit]:
        flush_now(now=datetime.now(UTC))
        return list(Visit.objects.order_by("id"))

    return flush


def hit(**changes: Any) -> Hit:
    """A plain hit, changed where a test says so."""
    plain: dict[str, Any] = {
        "at": NOON,
        "method": "GET",
        "path": "/privacy/",
        "query": "",
        "referrer": "",
        "host": "testserver",
        "ip": "203.0.113.7",
        "user_agent": FIREFOX,
        "user_id": None,
        "status": 200,
        "seconds": 0.0125,
        "secrets": (),
        "is_staff_page": False,
    }
    return Hit(**{**plain, **changes})


def plant(at: datetime, *, count: int = 1, user_id: UUID | None = None) -> None:
    """Puts rows into the real table, a microsecond apart."""
    ensure_days({at.astimezone(UTC).date()})
    Visit.objects.bulk_create(
        Visit(
            at=at + timedelta(microseconds=number),
            kind="page",
            user_id=user_id,
            visitor_key="k" * 43,
            ip="203.0.113.7",
            method="GET",
            path="/",
            platform="desktop",
            status=200,
            response_ms=1,
        )
        for number in range(count)
    )
