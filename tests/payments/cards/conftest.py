"""An emulated Braintree on the loopback, a thing that can be paid for, and short ways to pay for it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from allauth.account.models import EmailAddress

from accounts.models import User
from emulators.braintree import Braintree
from emulators.braintree_ledger import Ledger
from outbox.doorbell import doorbell
from outbox.services import DrainReport, drain
from payments import payables
from payments.cards import paying
from payments.models import CardPayment
from payments.payables import Payable

NOW: Final = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KIND: Final = "tests"
NONCE: Final = "tokencc_of_the_form"


@dataclass
class Heard:
    """What the teller of the tests was told, in order."""

    news: list[tuple[str, UUID]] = field(default_factory=list)
    back: list[tuple[UUID, Decimal]] = field(default_factory=list)

    def page(self, payable: UUID) -> str:
        return "/"

    def paid(self, payable: UUID, *, now: datetime) -> None:
        self.news.append(("paid", payable))

    def not_paid(self, payable: UUID, *, now: datetime) -> None:
        self.news.append(("not paid", payable))

    def paid_back(self, payable: UUID, *, amount: Decimal, now: datetime) -> None:
        self.back.append((payable, amount))

    def accepted(self, payable: UUID, *, now: datetime) -> None:
        self.news.append(("accepted", payable))

    def not_paid_back(self, payable: UUID, *, now: datetime) -> None:
        self.news.append(("not paid back", payable))


def of_emulator(address: str) -> dict[str, Any]:
    """The settings of a site that charges there."""
    return {
        "ENVIRONMENT": "sandbox",
        "MERCHANT_ID": "emulated",
        "PUBLIC_KEY": "public",
        "PRIVATE_KEY": "private",
        "MERCHANT_ACCOUNT": "qlekta_eur",
        "EMULATOR_URL": address,
        "CARD_FORM": "hosted",
        "TIMEOUT": 5,
    }


@pytest.fixture(scope="module")
def _listening() -> Iterator[Braintree]:
    with Braintree() as found:
        yield found


@pytest.fixture
def braintree(_listening: Braintree, settings: Any) -> Braintree:
    """Emptied, and the site is set up for it."""
    _listening.ledger = Ledger()
    _listening.faults.plan({})
    _listening.prepared.clear()
    _listening.journal.clear()
    settings.PROCESSORS_EMULATED, settings.BRAINTREE = True, of_emulator(_listening.address)
    return _listening


@pytest.fixture(autouse=True)
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    found = Heard()
    monkeypatch.setitem(payables._tellers, KIND, found)
    return found


@pytest.fixture(autouse=True)
def _rested_doorbell() -> None:
    doorbell.quiet_until = float("inf")  # nobody listens here, the tests drain themselves


def thing(amount: str = "19.99") -> Payable:
    """Something that costs so much."""
    return Payable(KIND, uuid4(), Decimal(amount))


def people(count: int) -> list[User]:
    """Who may pay by card: nobody may charge without end."""
    users = [User(pk=(number := uuid4()), email=f"{number.hex}@example.lv") for _ in range(count)]
    User.objects.bulk_create(users)
    EmailAddress.objects.bulk_create(EmailAddress(user=user, email=user.email, verified=True) for user in users)
    return users


def order(payer: User, *, amount: str = "19.99", nonce: str = "", now: datetime = NOW) -> CardPayment:
    """A payment whose card is to be charged."""
    payment = paying.begin(thing(amount), payer=payer, now=now)
    return paying.take_nonce(payment, nonce or f"tokencc_{payment.pk.hex}", person=payer, now=now)


def work(*, after: timedelta = timedelta(0), times: int = 1) -> DrainReport:
    """Drain so many times, an hour apart: whatever waits is due."""
    report = DrainReport()
    for turn in range(times):
        report = drain(now=NOW + after + timedelta(hours=turn))
    return report


def fresh(payment: CardPayment) -> CardPayment:
    found: CardPayment = CardPayment.objects.get(pk=payment.pk)
    return found
