"""An emulated Escrow.com on the loopback, two people who deal, and somebody who hears what became of the money."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.services import register_person
from emulators.escrow import Escrow
from outbox.doorbell import doorbell
from outbox.services import DrainReport, drain
from payments import payables
from payments.escrow import services
from payments.escrow.settling import order_reading
from payments.escrow.states import STEPS
from payments.models import EscrowAccount, EscrowDeal
from payments.models.escrow import AccountState
from payments.payables import Payable
from tests.people import PASSWORD

NOW: Final = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PRICE: Final = Decimal("120.50")
TITLE: Final = "Zils velosipēds"


@dataclass
class Heard:
    """Hears what became of the money, as an app above does."""

    words: list[str] = field(default_factory=list)

    def page(self, payable: UUID) -> str:
        return f"/things/{payable}/"

    def paid(self, payable: UUID, *, now: datetime) -> None:
        self.words.append("paid")

    def not_paid(self, payable: UUID, *, now: datetime) -> None:
        self.words.append("not paid")

    def paid_back(self, payable: UUID, *, amount: Decimal, now: datetime) -> None:
        self.words.append(f"paid back {amount}")

    def accepted(self, payable: UUID, *, now: datetime) -> None:
        self.words.append("accepted")

    def not_paid_back(self, payable: UUID, *, now: datetime) -> None:
        self.words.append("not paid back")


@pytest.fixture(autouse=True)
def _rested_doorbell() -> None:
    doorbell.quiet_until = float("inf")  # nobody listens here, the tests drain themselves


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    """Registered for things of the kind `thing`."""
    teller = Heard()
    monkeypatch.setitem(payables._tellers, "thing", teller)
    return teller


@pytest.fixture
def escrow(settings: Any) -> Iterator[Escrow]:
    """The site has an account there while the test runs."""
    with Escrow() as found:
        settings.PROCESSORS_EMULATED = True
        settings.ESCROW = {
            "KEY": "k",
            "EMAIL": found.email,
            "URL": f"{found.address}/2017-09-01",
            "PAGES_URL": found.address,
            "INSPECTION_SECONDS": 259_200,
        }
        yield found


@pytest.fixture
def seller(db: None) -> User:
    """Māris, whose account at Escrow.com is open."""
    found = register_person(
        email="maris@example.lv", password=PASSWORD, given_name="Māris", family_name="Kalns", now=timezone.now()
    )
    EscrowAccount.objects.create(
        user=found, state=AccountState.OPEN, provider_reference="7", asked_at=NOW, changed_at=NOW
    )
    return found


@dataclass
class Dealing:
    """A payment, and both who press."""

    deal: EscrowDeal
    buyer: User
    seller: User
    heard: Heard
    clock: datetime = NOW

    def press(self, name: str, who: User | None = None) -> None:
        """Press a button as one of the two."""
        shown = services.seen_by(who or self.buyer, self.deal.pk)
        assert shown is not None
        services.press(shown, STEPS[name], now=self.clock)

    def carry(self, *, minutes: int = 1) -> DrainReport:
        """Carry out what waits, some minutes later."""
        self.clock += timedelta(minutes=minutes)
        return drain(now=self.clock)

    def read(self) -> None:
        """Have it read again, and do so."""
        self.deal.refresh_from_db()
        order_reading(self.deal, now=self.clock)
        self.carry()

    def do(self, *presses: tuple[str, User]) -> None:
        """Press, and carry each there."""
        for name, who in presses:
            self.press(name, who)
            self.carry()

    def agree(self) -> None:
        """Both agree to everything, up to the payment."""
        self.press("tell", self.buyer)
        self.press("tell", self.seller)
        self.carry()
        self.do(("agree", self.buyer), ("agree", self.seller))

    @property
    def state(self) -> str:
        self.deal.refresh_from_db()
        return self.deal.state

    @property
    def number(self) -> str:
        """The number of the transaction there."""
        self.deal.refresh_from_db()
        return str(self.deal.provider_id)


@pytest.fixture
def dealing(escrow: Escrow, heard: Heard, person: User, seller: User) -> Dealing:
    """A payment that was proposed to Anna, who buys, and Māris, who sells."""
    payable = Payable("thing", uuid4(), PRICE)
    return Dealing(services.begin(payable, buyer=person, seller=seller, title=TITLE, now=NOW), person, seller, heard)


def calls(escrow: Escrow) -> list[str]:
    """What was asked there, as `METHOD path`."""
    return [f"{call.method} {call.path.removeprefix('/2017-09-01/')}" for call in escrow.journal]
