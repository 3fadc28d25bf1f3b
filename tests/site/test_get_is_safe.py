"""Looking changes nothing: every address, three roles, not one row different but for the visit log (rule 1)."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from datamap.registry import tables
from tests.site.addresses import every_address

pytestmark = pytest.mark.django_db

VISIT_LOG = {"visits_visit"}
WATCHED_STAFF = {"audit_entry"}
"""What an officer looks at is recorded: that is the one thing that looking adds (clause Q3.1)."""


def fingerprints() -> dict[str, tuple[int, str | None]]:
    """Row count and a digest over all rows of every table."""
    found = {}
    with connection.cursor() as cursor:
        for model in tables():
            table = model._meta.db_table
            cursor.execute(f'SELECT count(*), md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{table}" t')
            found[table] = cursor.fetchone()
    return found


def changed(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {table for table, print_ in after.items() if print_ != before[table]}


def look_everywhere(client: Client) -> dict[str, int]:
    statuses = {}
    for address in every_address():
        statuses[address] = client.get(address).status_code
    return statuses


@pytest.mark.parametrize("role", ["anonymous", "person", "officer"])
def test_looking_changes_nothing(
    role: str, client: Client, request: pytest.FixtureRequest, published_texts: None
) -> None:
    if role != "anonymous":
        client.force_login(request.getfixturevalue(role))
    before = fingerprints()
    statuses = look_everywhere(client)
    allowed = VISIT_LOG | (WATCHED_STAFF if role == "officer" else set())
    assert changed(before, fingerprints()) - allowed == set()
    assert len(statuses) > 40
    assert {address: status for address, status in statuses.items() if status >= 500 and address != "/readyz"} == {}


def test_a_changed_row_is_seen(person: Any) -> None:
    before = fingerprints()
    person.given_name = "Somebody else"
    person.save()
    assert changed(before, fingerprints()) == {person._meta.db_table}
