"""Two members of staff, and short ways to a contract, a breach and a disclosure."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest
from django.test import Client
from django.utils import timezone, translation

from accounts.models import User
from accounts.services import register_person
from outbox.doorbell import doorbell
from registers.breaches import NewBreach, open_breach
from registers.contracts import enter, from_catalogue
from registers.extracts import Extract
from registers.models import Breach, ContractVersion
from registers.terms import ReportedBy
from tests.people import PASSWORD, log_in, prove_again

NOW: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    doorbell.quiet_until = float("inf")
    with translation.override("en"):
        yield


def member(name: str) -> User:
    user = register_person(
        email=f"{name}@qlekta.example",
        password=PASSWORD,
        given_name=name,
        language="en",
        is_staff=True,
        now=timezone.now(),
    )
    user.is_superuser = True
    user.save(update_fields=["is_superuser"])
    return user


@pytest.fixture
def first(db: None) -> User:
    return member("first")


@pytest.fixture
def second(db: None) -> User:
    return member("second")


def desk(user: User) -> Client:
    """A browser in which this member of staff is logged in, with a fresh password, in English."""
    client = Client(headers={"accept-language": "en"})
    log_in(client, user)
    prove_again(client)
    return client


class Postman:
    """Takes what is handed over and remembers it."""

    def __init__(self) -> None:
        self.parcels: list[dict[str, list[dict[str, Any]]]] = []

    def __call__(self, extract: Extract) -> None:
        self.parcels.append({name: list(rows) for name, rows in extract.tables()})


@pytest.fixture
def postman() -> Postman:
    return Postman()


def columns(**changes: Any) -> dict[str, Any]:
    """The columns of Mailgun's contract as the catalogue has them, with changes."""
    declared = from_catalogue("MAILGUN")
    assert declared is not None
    names = {item.name for item in ContractVersion._meta.concrete_fields}
    left_out = {"id", "salt", "commitment", "previous_hash", "row_hash", "at"}
    return {**{name: getattr(declared, name) for name in names - left_out}, "note": "renewed", **changes}


def contract(by: User, **changes: Any) -> ContractVersion:
    return enter(columns(**changes), by=by, now=NOW)


def expired(by: User, *, on: date) -> ContractVersion:
    """The contract with Mailgun, entered with its last day."""
    return contract(by, ends_on=on, note="terminated")


def breach(by: User, *, aware_at: datetime = NOW, now: datetime | None = None) -> Breach:
    new = NewBreach(
        facts="A list of orders lay open for an hour.",
        discovered_at=aware_at,
        aware_at=aware_at,
        reported_by=ReportedBy.STAFF,
        confidentiality=True,
    )
    return open_breach(new, by=by, now=now or aware_at)
