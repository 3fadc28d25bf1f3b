"""An effect is ordered with the change that causes it, and a dead broker hurts nobody."""

import socket
import threading
from collections.abc import Iterator

import pytest
from celery import current_app
from django.db import IntegrityError, connection, transaction

from outbox.doorbell import doorbell, ring
from outbox.handlers import UnknownKind
from outbox.models import Effect, State
from outbox.services import OutsideTransaction, enqueue
from tests.outbox.conftest import NOW, World, order

# Nothing listens on the discard port.
REFUSING = "redis://127.0.0.1:9/0"
NO_SOCKET = "redis+socket:///nowhere/valkey.sock?virtual_host=0"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("world")]


def test_an_effect_outside_a_transaction_is_refused() -> None:
    with pytest.raises(OutsideTransaction):
        enqueue("tests.call", aggregate="tests:1", payload={"name": "a"}, now=NOW)
    assert not Effect.objects.exists()


def order_and_fail() -> None:
    with transaction.atomic():
        enqueue("tests.call", aggregate="tests:1", payload={"name": "a"}, now=NOW)
        assert Effect.objects.count() == 1
        raise IntegrityError


def test_an_effect_goes_when_its_change_is_rolled_back() -> None:
    with pytest.raises(IntegrityError):
        order_and_fail()
    assert not Effect.objects.exists()


@pytest.mark.parametrize("payload", [{"to": "anna@example.lv"}, {"names": ["Anna"]}, {"at": 1.5}])
def test_a_payload_takes_ids_and_counts_only(payload: dict[str, str]) -> None:
    with pytest.raises(TypeError) as refused, transaction.atomic():
        enqueue("tests.call", aggregate="tests:1", payload=payload, now=NOW)
    assert "anna" not in str(refused.value)


def test_a_kind_that_nobody_carries_out_is_refused() -> None:
    with pytest.raises(UnknownKind), transaction.atomic():
        enqueue("tests.nobody", aggregate="tests:1", payload={}, now=NOW)


@pytest.fixture
def silent_broker() -> Iterator[str]:
    """A broker that takes the connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.mark.network
@pytest.mark.requirement("E3", "F7", "F8")
@pytest.mark.parametrize("broker", [REFUSING, NO_SOCKET, "silent"])
def test_a_dead_broker_delays_one_request_of_four_and_loses_nothing(
    broker: str, silent_broker: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current_app.conf, "broker_write_url", silent_broker if broker == "silent" else broker)
    monkeypatch.setattr("outbox.doorbell._QUIET_AFTER_SILENCE", 3600.0)
    monkeypatch.setattr(doorbell, "quiet_until", 0.0)
    for name in ("a", "b", "c", "d"):
        order(name)
    assert Effect.objects.filter(state=State.PENDING).count() == 4
    assert caplog.text.count("doorbell is silent") == 1


def test_a_living_broker_gets_one_ring_for_a_commit() -> None:
    with current_app.connection_for_write() as broker, broker.SimpleQueue("celery") as queue:
        queue.clear()
        order("a")
        assert queue.clear() == 1


def test_a_rolled_back_change_does_not_ring() -> None:
    with current_app.connection_for_write() as broker, broker.SimpleQueue("celery") as queue:
        queue.clear()
        with pytest.raises(IntegrityError):
            order_and_fail()
        assert queue.clear() == 0


def test_two_transactions_on_one_aggregate_get_their_places_in_the_order_of_their_commits() -> None:
    placed: list[str] = []

    def late() -> None:
        order("second")
        placed.append("second")
        connection.close()

    other = threading.Thread(target=late)
    with transaction.atomic():
        enqueue("tests.call", aggregate="tests:1", payload={"name": "first"}, now=NOW)
        other.start()
        other.join(timeout=0.5)
        assert not placed  # the other transaction waits for ours to end
    other.join()
    names = [row.payload["name"] for row in Effect.objects.order_by("sequence")]
    assert names == ["first", "second"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": State.DONE},
        {"finished_at": NOW},
        {"state": State.LEASED},
        {"leased_until": NOW},
        {"state": State.FAILED},
        {"state": "tired"},
    ],
)
def test_the_database_refuses_a_state_that_contradicts_its_dates(wrong: dict[str, object]) -> None:
    effect = order("a")
    with pytest.raises(IntegrityError):
        Effect.objects.filter(pk=effect.pk).update(**wrong)


def test_ringing_twice_does_no_harm(world: World) -> None:
    ring()
    ring()
    assert world.calls == []
