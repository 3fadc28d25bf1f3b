"""What staff and the health page see of the outbox, and how a failed effect is put back."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from audit.models import Entry
from audit.trail import Actor
from datamap.registry import registry
from outbox.handlers import Permanent, Transient
from outbox.models import Effect, State
from outbox.queries import backlog
from outbox.services import NotFailed, drain, requeue
from outbox.tasks import drain_outbox
from tests.outbox.conftest import NOW, World, order

STAFF = Actor("staff", "7f3c2c61-2f0e-4a53-9d6c-2f4c7f1b0d11")
pytestmark = pytest.mark.django_db(transaction=True)


def failed(world: World, name: str = "a") -> Effect:
    world.raising(Permanent("No such thing."))
    effect = order(name)
    drain(now=NOW)
    world.behaviour = lambda effect: None
    return effect


def test_the_backlog_counts_states_and_the_age_of_the_oldest_effect_that_could_go(world: World) -> None:
    failed(world)
    world.raising(Transient("Busy."))
    order("b")
    drain(now=NOW)
    order("behind b")
    order("c", aggregate="tests:2", now=NOW + timedelta(seconds=30))
    found = backlog(now=NOW + timedelta(seconds=31))
    assert found.counts == {"pending": 3, "leased": 0, "unknown": 0, "failed": 1}
    assert found.oldest_due_age is not None
    assert found.oldest_due_age <= timedelta(seconds=26)
    assert not found.is_stuck
    assert backlog(now=NOW + timedelta(minutes=20)).is_stuck


def test_an_empty_outbox_is_not_stuck() -> None:
    assert backlog(now=NOW).oldest_due_age is None
    assert not backlog(now=NOW).is_stuck


def test_a_failed_effect_is_put_back_at_the_end_of_its_order_and_the_trail_says_why(world: World) -> None:
    effect = failed(world)
    order("b")
    requeue(effect.pk, actor=STAFF, reason="the carrier is back", now=NOW)
    drain(now=NOW)
    assert world.calls == ["a", "b", "a"]
    entry = Entry.objects.get(action="outbox.requeued")
    assert (entry.reason, entry.actor_id, entry.object_id) == ("the carrier is back", STAFF.id, str(effect.pk))


def test_only_a_failed_effect_is_put_back(world: World) -> None:
    effect = order("a")
    with pytest.raises(NotFailed):
        requeue(effect.pk, actor=STAFF, reason="impatience", now=NOW)
    assert not Entry.objects.exists()


def test_the_command_drains_and_tells_of_effects_that_wait_for_staff(world: World) -> None:
    output = StringIO()
    order("a")
    call_command("drain_outbox", "--json", stdout=output)
    assert json.loads(output.getvalue())["done"] == 1
    failed(world, "b")
    with pytest.raises(SystemExit) as left:
        call_command("drain_outbox", stdout=output)
    assert left.value.code == 1
    assert "done 0" in output.getvalue()


def test_the_task_drains(world: World) -> None:
    order("a")
    drain_outbox()
    assert world.calls == ["a"]


def test_done_effects_end_with_their_term_and_unfinished_ones_never(world: World) -> None:
    holding = registry().holding(Effect)
    assert (holding.period, holding.clock) == ("EFFECTS", "finished_at")
    failed(world)
    assert Effect.objects.get().finished_at is None


def staff_client(*permissions: str) -> Client:
    user = get_user_model()(email="ieva@example.lv", is_staff=True, is_active=True)
    user.save()
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def post_action(client: Client, effect: Effect, **more: str) -> str:
    data = {"action": "put_back", "_selected_action": str(effect.pk), **more}
    return client.post(reverse("admin:outbox_effect_changelist"), data, follow=True).content.decode()


def test_staff_put_a_failed_effect_back_with_a_reason(world: World) -> None:
    effect = failed(world)
    client = staff_client("view_effect", "requeue_effect")
    assert 'name="reason"' in post_action(client, effect)
    assert 'name="reason"' in post_action(client, effect, apply="yes", reason="")
    effect.refresh_from_db()
    assert effect.state == State.FAILED
    post_action(client, effect, apply="yes", reason="the carrier is back")
    effect.refresh_from_db()
    assert effect.state == State.UNKNOWN


def test_staff_without_the_permission_cannot_put_effects_back(world: World) -> None:
    effect = failed(world)
    post_action(staff_client("view_effect"), effect, apply="yes", reason="because")
    effect.refresh_from_db()
    assert effect.state == State.FAILED
