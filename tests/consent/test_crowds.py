"""Many people at once are answered as each of them alone would be, with one query for their events (Q7.4)."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consent import texts
from consent.crowds import decided
from consent.queries import current_status_of_token
from consent.services import give_by_address, withdraw_by_token
from consent.terms import ConsentPurpose
from tests.consent.test_ledger import HOW
from tests.consent.test_publishing import NOW, draft
from vault.tokens import email_token

MARKETING = ConsentPurpose.MARKETING_EMAIL

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]


def give(name: str, *, days: int = 0) -> str:
    give_by_address(f"{name}@example.lv", MARKETING, **HOW, now=NOW + timedelta(days=days))
    return email_token(f"{name}@example.lv")


def withdraw(token: str, *, days: int = 0) -> str:
    withdraw_by_token(token, MARKETING, **HOW, now=NOW + timedelta(days=days))
    return token


@pytest.mark.parametrize("material", [True, False])
def test_a_crowd_is_answered_as_each_alone_would_be(tmp_path: Path, material: bool) -> None:
    given, ended = give("given"), withdraw(give("ended"), days=1)
    tied = withdraw(give("tied"))
    back = withdraw(give("back"), days=1)
    give("back", days=2)
    draft(tmp_path, "marketing_email", "2026-12-01", material=material, lv="Jauns mērķis {controller}")
    texts.publish(now=NOW + timedelta(days=3), root=tmp_path)
    give("renewed")
    renewed = give("renewed", days=12)
    silent = email_token("silent@example.lv")
    tokens = [given, ended, tied, back, renewed, silent]
    for day in (4, 12):
        now = NOW + timedelta(days=day)
        found = decided(tokens, MARKETING, now=now)
        alone = {one: current_status_of_token(one, MARKETING, now=now) for one in tokens}
        assert {one: found.get(one, False) for one in tokens} == {one: alone[one].permits for one in tokens}
        assert set(tokens) - set(found) == {silent}
    assert found[renewed]
    assert found[given] is not material


def test_the_events_of_all_are_read_with_one_query() -> None:
    tokens = [give(f"reader{number}") for number in range(20)]
    with CaptureQueriesContext(connection) as queries:
        assert all(decided(tokens, MARKETING, now=NOW).values())
    assert sum("consent_consentevent" in one["sql"] for one in queries.captured_queries) == 1
    assert len(queries) == 2
