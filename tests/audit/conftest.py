"""What the tests of the ledgers share: a few entries, and the owner's hands."""

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection

from audit.models import Entry
from audit.trail import Actor, record

START = datetime(2026, 5, 1, 9, tzinfo=UTC)
ANNA = UUID("6f1c9f0e-2f6b-4a58-9d0e-0a4f0b6a7c11")


@pytest.fixture
def entries(db: None) -> list[Entry]:
    """Six entries about Anna, one a minute."""
    return [
        record(
            "viewed",
            actor=Actor("staff", "officer-1"),
            subject=ANNA,
            reason=f"case {number}",
            details={"fields": "phone, city", "count": number},
            now=START + timedelta(minutes=number),
        )
        for number in range(6)
    ]


@pytest.fixture
def owner() -> Callable[[], AbstractContextManager[None]]:
    """The tables' owner with the triggers in force; rolled back with the test."""

    @contextlib.contextmanager
    def acting() -> Iterator[None]:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            try:
                yield
            finally:
                cursor.execute(f"SET ROLE {connection.ops.quote_name(settings.DATABASE_SITE_ROLE)}")

    return acting
