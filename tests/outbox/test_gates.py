"""A service that fails is left alone for a while, by all workers at once, and what waits for it loses nothing."""

import threading
from datetime import datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.urls import reverse

from audit.models import Entry
from audit.trail import Actor
from outbox.gates import (
    FAILURES_IN_A_ROW,
    FIRST_CLOSURE,
    LONGEST_ASKED,
    LONGEST_CLOSURE,
    NotShut,
    Standing,
    open_by_staff,
    standings,
    take_trial,
)
from outbox.handlers import AnswerLost, EffectError, Halted, Permanent, Transient
from outbox.models import Effect, ProviderGate, State
from outbox.queries import backlog
from outbox.services import DrainReport, drain
from tests.outbox.conftest import NOW, PROVIDER, World, order
from tests.outbox.test_staff import STAFF, staff_client

pytestmark = pytest.mark.django_db(transaction=True)

BUSY = Transient("Busy.")


def orders(count: int) -> list[Effect]:
    return [order(f"{number:02}", aggregate=f"tests:{number}") for number in range(count)]


def shut_by_failures(provider: World) -> list[Effect]:
    found = orders(FAILURES_IN_A_ROW + 3)
    provider.raising(BUSY)
    drain(now=NOW)
    return found


def gate() -> ProviderGate:
    return ProviderGate.objects.get(pk=PROVIDER)


def shut_for(begun: datetime) -> timedelta:
    """To the second; a drain goes by the time it takes itself."""
    until = gate().shut_until
    assert until is not None
    return timedelta(seconds=round((until - begun).total_seconds()))


def test_after_failures_in_a_row_nothing_goes_and_what_waits_keeps_its_place(provider: World) -> None:
    waiting = shut_by_failures(provider)[FAILURES_IN_A_ROW:]
    assert len(provider.calls) == FAILURES_IN_A_ROW, "the rest was not even tried"
    assert shut_for(NOW) == FIRST_CLOSURE
    assert drain(now=NOW + FIRST_CLOSURE / 2) == DrainReport()
    rows = Effect.objects.filter(pk__in=[effect.pk for effect in waiting])
    assert set(rows.values_list("state", "attempts", "due_at")) == {(State.PENDING, 0, NOW)}


@pytest.mark.parametrize("error", [AnswerLost("Lost."), BUSY])
def test_one_answer_in_between_begins_the_count_anew(provider: World, error: EffectError) -> None:
    orders(FAILURES_IN_A_ROW * 2)

    def behaviour(effect: Effect) -> None:
        if effect.payload["name"] != f"{FAILURES_IN_A_ROW - 1:02}":
            raise error

    provider.behaviour = behaviour
    drain(now=NOW, limit=FAILURES_IN_A_ROW * 2 - 1)
    assert not gate().is_shut
    assert len(provider.calls) == FAILURES_IN_A_ROW * 2 - 1


def test_a_refusal_of_one_effect_is_an_answer(provider: World) -> None:
    orders(FAILURES_IN_A_ROW + 1)
    for error in (Permanent("No such thing."), Transient("This mailbox is full.", this_one_only=True)):
        provider.raising(error)
        drain(now=NOW)
    assert not ProviderGate.objects.exclude(failures=0).exists()


def test_one_effect_tries_and_opens_the_gate_for_all(provider: World) -> None:
    shut_by_failures(provider)
    provider.behaviour = lambda effect: None
    assert drain(now=NOW + timedelta(hours=2)).done == FAILURES_IN_A_ROW + 3
    assert not gate().is_shut
    assert gate().closures == 0


def test_each_try_that_fails_shuts_for_twice_as_long_up_to_a_limit(provider: World) -> None:
    shut_by_failures(provider)
    before, moment = len(provider.calls), NOW
    lengths = []
    for _ in range(7):
        moment = gate().shut_until or moment
        drain(now=moment)
        lengths.append(shut_for(moment))
    assert len(provider.calls) == before + 7, "one effect at each end of a closure"
    assert lengths[:2] == [FIRST_CLOSURE * 2, FIRST_CLOSURE * 4]
    assert lengths[-1] == LONGEST_CLOSURE


def test_two_workers_try_once_between_them(provider: World) -> None:
    shut_by_failures(provider)
    provider.calls.clear()
    later = NOW + timedelta(hours=2)
    both = threading.Barrier(2, timeout=10)

    def work() -> None:
        both.wait()
        drain(now=later, limit=1)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(provider.calls) == 1
    assert shut_for(later) == FIRST_CLOSURE * 2


def test_nobody_else_goes_while_the_try_is_under_way(provider: World) -> None:
    shut_by_failures(provider)
    later = NOW + timedelta(hours=2)
    assert standings(now=later) == {PROVIDER: Standing.ON_TRIAL}
    assert take_trial(PROVIDER, now=later)
    assert not take_trial(PROVIDER, now=later)
    assert drain(now=later) == DrainReport()


def test_a_try_that_called_nobody_leaves_it_to_the_next_effect(provider: World) -> None:
    shut_by_failures(provider)
    Effect.objects.update(due_at=NOW)
    first = Effect.objects.order_by("sequence").first()
    assert first is not None
    Effect.objects.filter(pk=first.pk).update(attempts=99)  # given up unasked
    provider.behaviour = lambda effect: None
    report = drain(now=NOW + FIRST_CLOSURE * 2)
    assert (report.failed, report.done) == (1, FAILURES_IN_A_ROW + 2)


@pytest.mark.parametrize(
    ("asked", "length"),
    [
        (timedelta(minutes=20), timedelta(minutes=20)),
        (timedelta(hours=20), LONGEST_ASKED),
        (timedelta(seconds=1), FIRST_CLOSURE),
    ],
)
def test_whoever_asks_to_wait_is_left_alone_at_once_but_not_for_a_day(
    provider: World, asked: timedelta, length: timedelta
) -> None:
    orders(3)
    provider.raising(Transient("Too many.", retry_after=asked))
    drain(now=NOW)
    assert provider.calls == ["00"]
    assert shut_for(NOW) == length


def test_a_key_that_is_refused_waits_for_staff_and_costs_no_letter(provider: World) -> None:
    orders(3)
    provider.raising(Halted("They do not take our key."))
    drain(now=NOW)
    assert drain(now=NOW + timedelta(days=30)) == DrainReport()
    assert provider.calls == ["00"]
    assert set(Effect.objects.values_list("state", "attempts")) == {(State.PENDING, 0)}
    provider.behaviour = lambda effect: None
    open_by_staff(PROVIDER, actor=STAFF, reason="the new key is in place", now=NOW)
    assert drain(now=NOW + timedelta(hours=1)).done == 3
    entry = Entry.objects.get(action="outbox.gate_opened")
    assert (entry.object_id, entry.reason) == (PROVIDER, "the new key is in place")
    with pytest.raises(NotShut):
        open_by_staff(PROVIDER, actor=Actor.system("test"), reason="again", now=NOW)


def test_a_shut_gate_is_no_stuck_outbox_and_holds_up_no_other_service(provider: World) -> None:
    shut_by_failures(provider)
    ProviderGate.objects.update(shut_until=NOW + timedelta(days=1))
    assert not backlog(now=NOW + timedelta(hours=3)).is_stuck
    ProviderGate.objects.update(provider="ANOTHER")
    assert backlog(now=NOW + timedelta(hours=3)).is_stuck


def test_the_page_of_health_names_what_is_shut_and_is_red_where_staff_must_help(client: Client) -> None:
    url = reverse("readyz")
    assert client.get(url).json()["checks"]["providers"] == {"ok": True, "shut": []}
    gate = ProviderGate.objects.create(provider="MAILGUN", shut_at=NOW, shut_until=NOW, needs_staff=True)
    assert client.get(url).json()["checks"]["providers"] == {"ok": False, "shut": ["MAILGUN"]}
    ProviderGate.objects.filter(pk=gate.pk).update(needs_staff=False)
    assert client.get(url).json()["checks"]["providers"]["ok"] is False, "shut for years"


def test_staff_open_a_gate_with_a_reason_and_the_permission(provider: World) -> None:
    order("a")
    provider.raising(Halted("They do not take our key."))
    drain(now=NOW)
    url, words = reverse("admin:outbox_providergate_changelist"), {"action": "open_again", "_selected_action": PROVIDER}
    client = staff_client("view_providergate")
    client.post(url, {**words, "apply": "yes", "reason": "because"})
    assert gate().is_shut
    get_user_model()._default_manager.get().user_permissions.add(Permission.objects.get(codename="open_gate"))
    assert 'name="reason"' in client.post(url, words).content.decode()
    client.post(url, {**words, "apply": "yes", "reason": "the new key is in place"})
    assert not gate().is_shut
