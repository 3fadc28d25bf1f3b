"""A worker takes several effects at a time: whatever stops it in the middle, the rest is as if nobody had taken it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db.models.functions import Now

from outbox import draining, handlers
from outbox.claims import begin, claim_batch
from outbox.gates import asking
from outbox.handlers import Call, Handler, Permanent, Settle, Together, Transient
from outbox.models import Effect, ProviderGate, State
from outbox.services import DrainReport, drain
from tests.outbox.conftest import NOW, PROVIDER, World, order

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(days=1)


@pytest.fixture(autouse=True)
def _in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the pace of this machine: all that waits is one batch, and what goes together goes in one turn."""
    monkeypatch.setattr(draining, "SMALLEST_BATCH", 20)
    monkeypatch.setattr(draining, "TURN", 1e6)
    monkeypatch.setattr(draining, "LONGEST_TURN", 1e6)


def orders(names: str) -> list[Effect]:
    return [order(name, aggregate=f"tests:{name}") for name in names]


def leases_run_out() -> None:
    Effect.objects.filter(leased_until__isnull=False).update(leased_until=Now() - timedelta(seconds=1))


def standing() -> dict[str, tuple[str, int, bool]]:
    """State, attempts and whether somebody holds it, by name."""
    rows = Effect.objects.values_list("payload__name", "state", "attempts", "lease_token")
    return {name: (state, attempts, token is not None) for name, state, attempts, token in rows}


def test_one_aggregate_with_many_effects_does_not_fill_a_batch(world: World) -> None:
    for number in range(30):
        order(f"crowded {number}", aggregate="tests:crowded")
    orders("abc")
    assert [claim.effect.payload["name"] for claim in claim_batch(now=NOW, limit=20)] == ["crowded 0", "a", "b", "c"]
    assert claim_batch(now=NOW, limit=20) == []


@pytest.mark.requirement("E2", "E5")
def test_of_a_killed_worker_only_what_it_had_begun_is_looked_up(world: World) -> None:
    looked_up: list[object] = []

    def probe(effect: Effect, /, *, now: object) -> Settle | None:
        looked_up.append(effect.payload["name"])
        return None

    handlers._handlers["tests.call"] = Handler(world.carry, probe)
    orders("abc")
    Effect.objects.filter(payload__name="c").update(state=State.UNKNOWN)
    assert begin(claim_batch(now=NOW, limit=20)[:1])
    assert standing() == {"a": ("leased", 1, True), "b": ("pending", 0, True), "c": ("unknown", 0, True)}
    assert drain(now=LATER) == DrainReport(), "while it may live nobody touches them"
    leases_run_out()
    assert drain(now=NOW) == DrainReport(done=3)
    assert looked_up == ["a", "c"], "what was doubtful before is so still"
    assert sorted(world.calls) == ["a", "b", "c"]
    assert dict(Effect.objects.values_list("payload__name", "attempts")) == {"a": 2, "b": 1, "c": 1}


def test_a_worker_that_ends_in_the_middle_gives_the_rest_back_at_once(world: World) -> None:
    def ends(effect: Effect) -> None:
        raise KeyboardInterrupt

    world.behaviour = ends
    orders("abc")
    with pytest.raises(KeyboardInterrupt):
        drain(now=NOW)
    assert standing() == {"a": ("leased", 1, True), "b": ("pending", 0, False), "c": ("pending", 0, False)}


@pytest.mark.requirement("E2")
def test_what_waited_too_long_behind_a_slow_call_is_another_workers(world: World) -> None:
    def slow(effect: Effect) -> None:
        if effect.payload["name"] == "a":
            Effect.objects.filter(state=State.PENDING, lease_token__isnull=False).update(leased_until=Now())
            assert drain(now=NOW, limit=1) == DrainReport(done=1), "the other worker"

    world.behaviour = slow
    orders("abc")
    assert drain(now=NOW) == DrainReport(done=2)
    assert world.calls == ["a", "b", "c"], "each once"


def test_a_lease_that_ran_out_and_that_nobody_took_is_taken_anew(world: World) -> None:
    def slow(effect: Effect) -> None:
        Effect.objects.filter(state=State.PENDING).update(leased_until=Now())

    world.behaviour = slow
    orders("abc")
    assert drain(now=NOW) == DrainReport(done=3)
    assert world.calls == ["a", "b", "c"]
    assert set(Effect.objects.values_list("attempts", flat=True)) == {1}


def test_a_gate_that_another_worker_shuts_stops_what_is_behind_it_and_nothing_else(world: World) -> None:
    def shuts(effect: Effect) -> None:
        ProviderGate.objects.create(provider=PROVIDER, needs_staff=True, shut_at=NOW)

    other = World()
    handlers._handlers["tests.call"] = Handler(world.carry, provider=lambda: PROVIDER)
    handlers._handlers["tests.other"] = Handler(other.carry)
    world.behaviour = shuts
    try:
        orders("abc")
        Effect.objects.filter(payload__name="c").update(kind="tests.other")
        assert drain(now=NOW) == DrainReport(done=2)
    finally:
        handlers._handlers.pop("tests.other")
    assert (world.calls, other.calls) == (["a"], ["c"])
    assert standing()["b"] == ("pending", 0, False)


class Crowd:
    """The world behind effects that go together; it writes down who was prepared and settled with whom."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.prepared: list[str] = []
        self.settled: list[list[str]] = []
        self.fails: set[str] = set()
        """Whose settling fails."""

        together = Together(self.prepare, self.settle)
        handlers._handlers["tests.call"] = Handler(self.carry, provider=lambda: PROVIDER, together=together)

    def carry(self, effect: Effect, /, *, now: datetime) -> Settle | None:
        with asking(PROVIDER, now=now):
            self.world.carry(effect, now=now)
        return Settled(self, str(effect.payload["name"]))

    def prepare(self, effects: Sequence[Effect], /, *, now: datetime) -> Mapping[UUID, Call]:
        names = {effect.pk: str(effect.payload["name"]) for effect in effects}
        self.prepared += names.values()
        if "!" in names.values():
            raise Transient("Not now.")
        return {
            effect.pk: lambda effect=effect: self.carry(effect, now=now)  # type: ignore[misc]
            for effect in effects
            if effect.payload["name"] != "?"
        }

    def settle(self, settles: Sequence[Settle]) -> None:
        names = [one.name for one in settles if isinstance(one, Settled)]
        self.settled.append(names)
        if self.fails.intersection(names):
            raise Permanent("This one is odd.")


class Settled:
    def __init__(self, crowd: Crowd, name: str) -> None:
        self.crowd, self.name = crowd, name

    def __call__(self) -> None:
        self.crowd.settle([self])


@pytest.fixture
def crowd(world: World) -> Crowd:
    return Crowd(world)


def test_a_crowd_is_prepared_and_settled_together_once_the_pace_is_known(crowd: Crowd) -> None:
    orders("abcd?")
    assert drain(now=NOW) == DrainReport(done=5)
    assert crowd.prepared == ["b", "c", "d", "?"]
    assert crowd.settled == [["a"], ["b", "c", "d", "?"]]
    assert crowd.world.calls == ["a", "b", "c", "d", "?"]
    assert set(Effect.objects.values_list("state", "attempts", "lease_token")) == {(State.DONE, 1, None)}


def test_what_was_tried_before_goes_alone(crowd: Crowd) -> None:
    orders("abcd")
    Effect.objects.filter(payload__name="b").update(attempts=1)
    Effect.objects.filter(payload__name="c").update(state=State.UNKNOWN)
    assert drain(now=NOW) == DrainReport(done=4)
    assert crowd.prepared == []


def test_trouble_ends_the_crowd_and_the_rest_goes_on_as_untried(crowd: Crowd) -> None:
    def behaviour(effect: Effect) -> None:
        if effect.payload["name"] == "c":
            raise Transient("Busy.")

    crowd.world.behaviour = behaviour
    orders("abcdef")
    assert drain(now=NOW) == DrainReport(done=5, retried=1)
    assert crowd.world.calls == ["a", "b", "c", "d", "e", "f"]
    assert crowd.settled == [["a"], ["b"], ["d"], ["e", "f"]], "one alone shows whether it is over"
    assert {attempts for _state, attempts, _held in standing().values()} == {1}


@pytest.mark.requirement("E2")
def test_trouble_that_shuts_the_gate_leaves_the_rest_of_a_crowd_untried(crowd: Crowd) -> None:
    def behaviour(effect: Effect) -> None:
        if effect.payload["name"] == "c":
            raise Transient("Too many.", retry_after=timedelta(hours=1))

    crowd.world.behaviour = behaviour
    orders("abcdef")
    assert drain(now=NOW) == DrainReport(done=2, retried=1)
    assert crowd.world.calls == ["a", "b", "c"]
    assert [standing()[name] for name in "def"] == [("pending", 0, False)] * 3


def test_a_crowd_that_cannot_be_prepared_goes_one_by_one(crowd: Crowd) -> None:
    orders("ab!c")
    assert drain(now=NOW) == DrainReport(done=4)
    assert crowd.world.calls == ["a", "b", "!", "c"]
    assert crowd.settled == [["a"], ["b"], ["!"], ["c"]]
    assert {attempts for _state, attempts, _held in standing().values()} == {1}


def test_one_that_cannot_be_settled_spoils_no_other(crowd: Crowd) -> None:
    crowd.fails = {"c"}
    orders("abcd")
    assert drain(now=NOW) == DrainReport(done=3, failed=1)
    assert crowd.settled == [["a"], ["b", "c", "d"], ["b"], ["c"], ["d"]]
    assert {name: state for name, (state, _, _) in standing().items()} == {
        **dict.fromkeys("abd", State.DONE),
        "c": State.FAILED,
    }


@pytest.mark.requirement("E2")
def test_a_crowd_of_which_another_worker_took_one_over_settles_the_others(crowd: Crowd) -> None:
    def taken_over(effect: Effect) -> None:
        if effect.payload["name"] == "d":
            Effect.objects.filter(payload__name="c").update(leased_until=Now())
            assert claim_batch(now=NOW, limit=20)

    crowd.world.behaviour = taken_over
    orders("abcd")
    assert drain(now=NOW) == DrainReport(done=3, lost=1)
    assert standing()["c"] == ("unknown", 1, True)
    assert crowd.settled == [["a"], ["b"], ["d"]]


def test_calls_that_have_become_slow_end_the_turn(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draining, "LONGEST_TURN", 0.0)
    orders("abcd")
    assert drain(now=NOW) == DrainReport(done=4)
    assert crowd.prepared == ["b", "c", "d", "c", "d"]
    assert crowd.world.calls == ["a", "b", "c", "d"]
    assert {attempts for _state, attempts, _held in standing().values()} == {1}


def test_a_crowd_whose_worker_is_killed_is_carried_out_again_one_by_one(crowd: Crowd) -> None:
    def ends(effect: Effect) -> None:
        if effect.payload["name"] == "c":
            raise KeyboardInterrupt

    crowd.world.behaviour = ends
    orders("abcd")
    with pytest.raises(KeyboardInterrupt):
        drain(now=NOW)
    assert {name: state for name, (state, _, _) in standing().items()} == {
        "a": State.DONE,
        **dict.fromkeys("bcd", State.LEASED),
    }
    leases_run_out()
    crowd.world.behaviour = lambda effect: None
    assert drain(now=NOW) == DrainReport(done=3)
    assert crowd.prepared == ["b", "c", "d"], "no crowd the second time"
