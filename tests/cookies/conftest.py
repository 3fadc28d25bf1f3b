"""A site with more optional services than ours has today, so that every switch can be tried."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client

from cookies import registry
from cookies.cookies import OURS
from cookies.registry import Category, Cookie, Kind, Service
from datamap.terms import Safeguard

MEASURING = Service(
    key="measuring",
    title="Measuring",
    provider="Measurer OÜ",
    country="EE",
    category=Category.ANALYTICS,
    reduced="We do not learn which pages are read.",
    policy_url="https://measurer.example/policy",
    cookies=(
        Cookie(name="_ms_*", why="Counts visits.", kind=Kind.SCRIPT, lifetime=timedelta(days=30), third_party=True),
    ),
    csp={"script-src": ("https://measurer.example",), "connect-src": ("https://measurer.example",)},
)
ADVERTS = replace(
    MEASURING,
    key="adverts",
    category=Category.MARKETING,
    country="US",
    safeguard=Safeguard.SCC,
    cookies=(
        Cookie(name="_ad", why="Chooses adverts.", kind=Kind.HTTP, lifetime=timedelta(days=30), third_party=True),
    ),
    csp={},
)

Declare = Callable[..., None]


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Declare:
    """Declares services for one test, in place of those of the site."""

    def in_place(*services: Service) -> None:
        monkeypatch.setattr(registry, "declared", lambda: services)

    return in_place


@pytest.fixture
def three_switches(declare: Declare) -> None:
    declare(*OURS, MEASURING, ADVERTS)


@pytest.fixture
def visitor(db: None, published_texts: None) -> Client:
    """A browser that says where its forms come from, as all current ones do."""
    return Client(headers={"sec-fetch-site": "same-origin"})
