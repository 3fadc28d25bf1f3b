"""The door at which Escrow.com rings: unsigned, so that nothing in a call is believed (Q9.11)."""

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from emulators.escrow import Escrow
from outbox.doorbell import doorbell
from outbox.models import Effect
from payments.escrow.settling import READ
from payments.models import EscrowDeal
from tests.payments.escrow.conftest import Dealing, calls

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.network]

DOOR = "/webhooks/escrow/"


def ring(body: Any) -> int:
    """Call as Escrow.com does; also what is no JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Client(enforce_csrf_checks=True).post(DOOR, raw, content_type="application/json").status_code


@pytest.fixture
def agreed(dealing: Dealing) -> Dealing:
    """Both have agreed to everything; the money is awaited. The door reads the clock, so this begins now."""
    dealing.clock = timezone.now()
    dealing.agree()
    return dealing


@pytest.mark.clause("Q9.11")
@pytest.mark.requirement("V2")
def test_a_forged_call_moves_nothing(escrow: Escrow, agreed: Dealing) -> None:
    for event in ("payment_approved", "accept", "payment_disbursed", "complete", "cancel"):
        forged = {"event_type": "transaction", "event": event, "transaction_id": int(agreed.number), "secured": True}
        assert ring(forged) == 200
    agreed.carry()
    assert calls(escrow)[-1] == f"GET transaction/{agreed.number}", "it was asked, and what it said counts"
    assert (agreed.state, agreed.heard.words) == ("agreed", [])


@pytest.mark.clause("Q9.11")
def test_doubled_and_disordered_calls_tell_once(escrow: Escrow, agreed: Dealing, live_server: Any) -> None:
    escrow.pay(agreed.number)
    statuses = escrow.ring_all(f"{live_server.url}{DOOR}", order="backwards", times=3)
    assert set(statuses) == {200}
    assert Effect.objects.filter(kind=READ).count() == 1, "one reading answers all"
    agreed.carry()
    assert (agreed.state, agreed.heard.words) == ("secured", ["paid"])
    agreed.press("ship", agreed.seller)
    agreed.carry()
    escrow.ring_all(f"{live_server.url}{DOOR}")
    agreed.carry()
    assert (agreed.state, agreed.heard.words) == ("shipped", ["paid"])


def test_an_older_answer_that_is_read_later_moves_nothing_back(escrow: Escrow, agreed: Dealing) -> None:
    before = json.loads(json.dumps(escrow.transactions[agreed.number]))
    escrow.pay(agreed.number)
    agreed.read()
    escrow.transactions[agreed.number] = before
    agreed.read()
    assert (agreed.state, agreed.heard.words) == ("secured", ["paid"])


@pytest.mark.clause("Q9.9")
def test_what_a_call_brings_of_a_person_is_dropped(escrow: Escrow, agreed: Dealing, caplog: Any) -> None:
    passport = {"document": "PASSPORT-LV-998877", "name": "Anna Bērziņa", "image": "aGVsbG8="}
    told = {"event": "party_verification_submitted", "transaction_id": int(agreed.number), "party": passport}
    assert ring(told) == 200
    agreed.carry()
    kept = [str(list(model.objects.values())) for model in (EscrowDeal, Effect)]
    assert not [text for text in (*kept, caplog.text) if "998877" in text or "aGVsbG8" in text]


NONSENSE = [
    (b"", 400),
    (b'{"transaction_id": 5', 400),
    (b"\xff\xfe", 400),
    (b"[" * 60_000, 400),
    (b" " * 70_000, 413),
    ({"transaction_id": "5000001"}, 200),
    ({"transaction_id": -1}, 200),
    ({"transaction_id": 10**30}, 200),
    ({"transaction_id": 4711}, 200),
    ([1, 2], 200),
]


def test_nonsense_at_the_door_asks_nobody_anything(escrow: Escrow, agreed: Dealing) -> None:
    asked = len(calls(escrow))
    assert [ring(body) for body, _status in NONSENSE] == [status for _body, status in NONSENSE]
    agreed.carry()
    assert len(calls(escrow)) == asked


def test_a_door_without_an_account_behind_it_does_not_exist(db: None) -> None:
    assert ring({"transaction_id": 1}) == 404
    assert Client().get(DOOR).status_code == 405


@pytest.mark.requirement("F6")
def test_a_ring_while_the_queue_is_away_is_heard(escrow: Escrow, agreed: Dealing, settings: Any) -> None:
    """The doorbell of the worker is lost with the queue; the row is there, and the next beat carries it."""
    doorbell.quiet_until = 0.0
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:9/0"
    escrow.pay(agreed.number)
    assert ring({"transaction_id": int(agreed.number)}) == 200
    agreed.carry()
    assert agreed.state == "secured"
