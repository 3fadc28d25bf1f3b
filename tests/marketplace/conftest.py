"""Listings as their sellers make them, through the services."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.services import register_person
from marketplace.models import Listing
from marketplace.services import describe, offer
from marketplace.terms import Category
from qlekta.roles import give, set_up
from tests.people import PASSWORD, log_in

Offer = Callable[..., Listing]


def draft(seller: User, **fields: Any) -> Listing:
    """A listing that nobody else sees yet."""
    given = {
        "title": "Zils velosipēds",
        "description": "28 collas, labā stāvoklī.",
        "category": Category.BICYCLES,
        "price": Decimal("120.50"),
        "place": "riga",
    }
    return describe(Listing(seller=seller, **given | fields), now=timezone.now())


@pytest.fixture
def offered(published_texts: None) -> Offer:
    """Make and publish a listing; `contacts` are those that its seller ticks in step 4."""

    def make(seller: User, *, contacts: tuple[Any, ...] = (), **fields: Any) -> Listing:
        return offer(draft(seller, **fields), contacts, language="lv", now=timezone.now())

    return make


@pytest.fixture
def with_phone(person: User) -> User:
    """Anna with a telephone number in her account."""
    person.profile.phone = "+371 26 123 456"
    person.profile.save()
    return person


@pytest.fixture
def second(db: None) -> User:
    """Another of the staff."""
    person: dict[str, Any] = {"given_name": "Pēteris", "family_name": "Liepa", "is_staff": True}
    found = register_person(email="peteris@qlekta.example", password=PASSWORD, now=timezone.now(), **person)
    set_up(now=timezone.now())
    give("officer", found, now=timezone.now())
    return found


@pytest.fixture
def desk(client: Client, officer: User) -> Client:
    set_up(now=timezone.now())
    give("officer", officer, now=timezone.now())
    log_in(client, officer)
    return client
