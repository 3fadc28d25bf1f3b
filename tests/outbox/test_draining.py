"""Effects are carried out once, in order, outside transactions; a lost answer is looked up, a late worker ignored."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from outbox import handlers
from outbox.claims import begin, claim_batch
from outbox.draining import InsideTransaction
from outbox.handlers import AnswerLost, Handler, Permanent, Settle, Transient
from outbox.models import Effect, State
from outbox.outcomes import LONGEST_PAUSE, MAX_ATTEMPTS, pause_before, write_down
from outbox.services import DrainReport, drain, enqueue
from tests.outbox.conftest import NOW, World, order

LATER = NOW + timedelta(days=1)
pytestmark = pytest.mark.django_db(transaction=True)


def leave_behind(effect: Effect) -> None:
    """What a worker killed in the middle of an effect leaves: a lease that has run out."""
    Effect.objects.filter(pk=effect.pk).update(
        state=State.LEASED, lease_token=uuid4(), leased_until=Now() - timedelta(seconds=1), attempts=1
    )


def test_effects_are_carried_out_oldest_first_and_once(world: World) -> None:
    for name in ("a", "b", "c"):
        order(name, aggregate=f"tests:{name}")
    assert drain(now=NOW) == DrainReport(done=3)
    assert drain(now=NOW) == DrainReport()
    assert world.calls == ["a", "b", "c"]
    assert {row.finished_at is not None for row in Effect.objects.all()} == {True}


def test_draining_inside_a_transaction_is_refused(world: World) -> None:
    order("a")
    with transaction.atomic(), pytest.raises(InsideTransaction):
        drain(now=NOW)
    assert world.calls == []


def test_a_handler_runs_outside_any_transaction(world: World) -> None:
    inside: list[bool] = []
    world.behaviour = lambda _effect: inside.append(connection.in_atomic_block)
    order("a")
    drain(now=NOW)
    assert inside == [False]


def test_an_effect_that_is_not_due_waits(world: World) -> None:
    order("a", now=NOW + timedelta(seconds=60))
    drain(now=NOW)
    assert world.calls == []


def test_an_effect_that_is_put_off_waits_and_what_follows_it_too(world: World) -> None:
    with transaction.atomic():
        enqueue("tests.call", aggregate="tests:1", payload={"name": "a"}, now=NOW, not_before=LATER)
    order("b")
    assert drain(now=LATER - timedelta(seconds=1)) == DrainReport()
    drain(now=LATER)
    drain(now=LATER)
    assert world.calls == ["a", "b"]


def test_a_later_effect_of_an_aggregate_waits_for_the_one_before_it(world: World) -> None:
    world.raising(Transient("Busy."))
    order("a")
    order("b")
    order("x", aggregate="tests:2")
    assert drain(now=NOW) == DrainReport(retried=2)
    assert world.calls == ["a", "x"]
    world.behaviour = lambda effect: None
    drain(now=LATER)
    assert [name for name in world.calls if name in "ab"] == ["a", "a", "b"]


def drain_with_two_workers() -> None:
    def work() -> None:
        drain(now=LATER)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    drain(now=LATER)


def test_two_workers_share_the_work_and_never_hold_two_effects_of_one_aggregate(world: World) -> None:
    at_work: list[str] = []
    clashes: list[str] = []
    meeting = threading.Barrier(2, timeout=5)

    def behaviour(effect: Effect) -> None:
        clashes.extend(busy for busy in at_work if busy == effect.aggregate)
        at_work.append(effect.aggregate)
        if effect.payload["name"] in {"a1", "b1"}:
            meeting.wait()  # proves that both are at work at the same time
        at_work.remove(effect.aggregate)

    world.behaviour = behaviour
    wanted = {letter: [f"{letter}{number}" for number in range(1, 6)] for letter in "ab"}
    for a, b in zip(*wanted.values(), strict=True):
        order(a, aggregate="tests:a")
        order(b, aggregate="tests:b")
    drain_with_two_workers()
    assert clashes == []
    assert {letter: [name for name in world.calls if name[0] == letter] for letter in "ab"} == wanted


def test_a_pause_doubles_up_to_an_hour_and_is_spread() -> None:
    assert timedelta(seconds=5) <= pause_before(1) <= timedelta(seconds=10)
    assert timedelta(seconds=40) <= pause_before(4) <= timedelta(seconds=80)
    assert pause_before(60) <= LONGEST_PAUSE
    assert len({pause_before(9) for _ in range(20)}) > 10


def test_what_the_other_side_asks_for_is_waited(world: World) -> None:
    world.raising(Transient("Too many.", retry_after=timedelta(hours=3)))
    effect = order("a")
    drain(now=NOW)
    effect.refresh_from_db()
    assert effect.state == State.PENDING
    assert NOW + timedelta(hours=3) <= effect.due_at <= NOW + timedelta(hours=3, minutes=1)


def test_an_effect_is_given_up_after_its_last_attempt_and_told_to_the_app(world: World) -> None:
    told: list[str] = []

    def give_up(effect: Effect, /, *, now: object) -> None:
        told.append(effect.last_error)

    handlers._handlers["tests.call"] = Handler(world.carry, give_up=give_up)
    world.raising(Transient("Busy."))
    effect = order("a")
    for day in range(MAX_ATTEMPTS + 3):
        drain(now=NOW + timedelta(days=day))
    effect.refresh_from_db()
    assert (effect.state, effect.attempts, effect.last_error) == (State.FAILED, MAX_ATTEMPTS, "Transient: Busy.")
    assert len(world.calls) == MAX_ATTEMPTS
    assert told == ["Transient: Busy."]


def test_a_failed_effect_does_not_hold_up_those_behind_it(world: World) -> None:
    world.raising(Permanent("No such thing."))
    order("a")
    order("b")
    assert drain(now=NOW) == DrainReport(failed=2)


@pytest.mark.requirement("O5")
def test_the_text_of_a_foreign_error_is_not_kept(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.raising(ValueError("No mailbox anna@example.lv"))
    effect = order("a")
    with caplog.at_level("INFO"):
        assert drain(now=NOW) == DrainReport(unknown=1)
    effect.refresh_from_db()
    assert (effect.state, effect.last_error) == (State.UNKNOWN, "ValueError")
    assert str(effect.pk) in caplog.text
    assert "anna" not in caplog.text


@pytest.mark.requirement("E2")
def test_what_a_killed_worker_left_is_taken_up_when_its_lease_has_run_out(world: World) -> None:
    effect = order("a")
    Effect.objects.update(state=State.LEASED, lease_token=uuid4(), leased_until=Now() + timedelta(minutes=1))
    assert drain(now=LATER) == DrainReport()  # the database's clock counts, not the worker's
    leave_behind(effect)
    assert drain(now=NOW) == DrainReport(done=1)


@pytest.mark.requirement("E5")
@pytest.mark.parametrize(("happened", "calls"), [(True, []), (False, ["a"])])
def test_a_lost_answer_is_looked_up_before_a_second_try(world: World, happened: bool, calls: list[str]) -> None:
    asked: list[str] = []

    def probe(effect: Effect, /, *, now: object) -> Settle | None:
        asked.append("probe")
        return (lambda: asked.append("settled")) if happened else None

    handlers._handlers["tests.call"] = Handler(world.carry, probe)
    leave_behind(order("a"))
    assert drain(now=NOW) == DrainReport(done=1)
    assert world.calls == calls
    assert asked == (["probe", "settled"] if happened else ["probe"])


def test_an_effect_stays_unknown_while_it_cannot_be_looked_up(world: World) -> None:
    def probe(effect: Effect, /, *, now: object) -> Settle | None:
        raise Transient("The ledger is closed.")

    handlers._handlers["tests.call"] = Handler(world.carry, probe)
    world.raising(AnswerLost("Cut off."))
    order("a")
    assert drain(now=NOW) == DrainReport(unknown=1)
    assert drain(now=LATER) == DrainReport(unknown=1)
    assert world.calls == ["a"]  # never tried a second time without knowing


@pytest.mark.requirement("E2")
def test_a_late_worker_changes_nothing(world: World) -> None:
    settled: list[str] = []
    order("a")
    (slow,) = claim_batch(now=NOW, limit=1)
    assert begin([slow])
    leave_behind(slow.effect)
    (fast,) = claim_batch(now=NOW, limit=1)
    assert begin([fast])
    assert write_down(slow, lambda: settled.append("slow"), now=NOW) == "lost"
    assert write_down(fast, lambda: settled.append("fast"), now=LATER) == "done"
    assert write_down(slow, lambda: settled.append("slow"), now=NOW) == "lost"
    assert settled == ["fast"]
    assert Effect.objects.get().finished_at == LATER


def test_what_the_app_records_and_the_end_of_the_effect_are_one_transaction(world: World) -> None:
    def settle() -> None:
        Effect.objects.filter(aggregate="tests:other").update(attempts=7)
        raise RuntimeError

    world.behaviour = lambda _effect: settle
    order("other", aggregate="tests:other", now=LATER)
    effect = order("a")
    assert drain(now=NOW) == DrainReport(unknown=1)
    effect.refresh_from_db()
    assert effect.state == State.UNKNOWN
    assert Effect.objects.get(aggregate="tests:other").attempts == 0


def test_an_effect_that_kills_its_worker_every_time_is_given_up(world: World) -> None:
    effect = order("a")
    leave_behind(effect)
    Effect.objects.update(attempts=MAX_ATTEMPTS)
    assert drain(now=NOW) == DrainReport(failed=1)
    assert world.calls == []
