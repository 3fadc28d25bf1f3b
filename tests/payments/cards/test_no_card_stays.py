"""Braintree's answers hold last digits, BIN, expiry and the cardholder's name: none of it stays anywhere (Q8.19)."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.core.cache import cache
from django.db import connections, router
from django.test import RequestFactory
from redis import Redis

from accounts.models import User
from datamap.registry import tables
from emulators.braintree import CARD, Braintree
from outbox.doorbell import doorbell
from payments.cards import paying
from payments.cards.gateway import Braintree as Client
from tests.payments.cards.conftest import NOW, fresh, order, thing, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.network]

# Real digits prove nothing: a few of them stand by chance in a microsecond or a key.
CANARY = "kanarija"
CANARIES = {
    field: f"{CANARY}-{field}"
    for field in ("bin", "last_4", "expiration_month", "expiration_year", "cardholder_name", "unique_number_identifier")
}


@pytest.fixture(autouse=True)
def canaries(monkeypatch: pytest.MonkeyPatch) -> None:
    """What can be found: every detail of the emulated card says that it is one."""
    for field, value in CANARIES.items():
        monkeypatch.setitem(CARD, field, value)


def everything_stored() -> str:
    """Every row of every table as text, every key and value of cache and queue."""
    parts = []
    for model in tables():
        with connections[router.db_for_read(model)].cursor() as cursor:
            cursor.execute(f'SELECT t::text FROM "{model._meta.db_table}" t')
            parts += [row for (row,) in cursor.fetchall()]
    for url in (site_settings.REDIS_URL, site_settings.CACHE_URL):
        address = url.replace("redis+socket://", "unix://").replace("virtual_host=", "db=")
        with Redis.from_url(address) as store:
            for key in store.scan_iter():
                kind = store.type(key)
                values = store.lrange(key, 0, -1) if kind == b"list" else [store.get(key)] if kind == b"string" else []
                parts += [repr(key), *map(repr, values)]
    return "\n".join(parts)


@pytest.mark.clause("Q8.19")
def test_nothing_of_a_card_is_in_database_logs_queue_or_cache(
    braintree: Braintree, person: User, *, caplog: pytest.LogCaptureFixture, rf: RequestFactory, monkeypatch: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(doorbell, "quiet_until", 0.0)
    paid = paying.begin(thing(), payer=person, now=NOW)
    paying.client_token(paid, person, request=rf.post("/", REMOTE_ADDR="192.0.2.8"), now=NOW)
    paying.take_nonce(paid, "fake-valid-nonce", person=person, now=NOW)
    order(person, amount="2000.00")
    braintree.faults.plan({"queue": [{"fault": "half_body"}, {"fault": "garbage"}]})
    work()
    braintree.faults.plan({})
    work(after=timedelta(hours=1))
    cache.set("planted", "a value that must be found")
    said = everything_stored()
    assert fresh(paid).transaction_id
    assert fresh(paid).transaction_id in said, "the search reaches the database"
    assert "a value that must be found" in said, "and the cache"
    said += caplog.text + "".join(repr(record.__dict__) for record in caplog.records)
    assert "payments.charge_card" in said
    found = Client.of_settings().find(fresh(paid).transaction_id)
    said += repr(found)
    assert [word for word in (CANARY, "last_4", "expiration") if word in said] == []


@pytest.mark.clause("Q8.19")
def test_what_was_searched_for_stood_in_the_answers(braintree: Braintree, person: User) -> None:
    order(person)
    work()
    (row,) = braintree.ledger.transactions.values()
    raw = Client.of_settings().gateway.transaction.find(row.id)
    assert {field: getattr(raw.credit_card_details, field) for field in CANARIES} == CANARIES
