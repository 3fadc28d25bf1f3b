"""Invoices of the tests: a paid placement of a listing, for whoever it is."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from accounts.models import User
from audit.appending import check_references
from payments.invoices.catalogue import services
from payments.invoices.services import issue
from payments.invoices.terms import Buyer, Item
from payments.models import Invoice
from payments.payables import Payable

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
PRICE = Decimal("2.99")


def buyer(person: User, **more: Any) -> Buyer:
    return Buyer(**{"user_id": person.pk, "email": person.email, "name": person.get_full_name(), **more})


def item(amount: Decimal = PRICE) -> Item:
    return Item(services()["PLACEMENT_WEEK"], amount, date(2026, 11, 23), date(2026, 11, 30))


def sell(person: User, *, amount: Decimal = PRICE, now: datetime = NOW, **more: Any) -> Invoice:
    """The invoice for something else each time; what is due when a transaction ends is looked at right away."""
    invoice = issue(Payable("placement", uuid4(), amount), buyer(person, **more), [item(amount)], now=now)
    check_references()
    return invoice
