"""What goes wrong between us and Escrow.com: answers that get lost, lie, never end or point elsewhere (F6-F10)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from emulators.escrow import Escrow
from outbox.models import Effect, ProviderGate
from payments.escrow import effects
from payments.escrow.client import Escrow as Client
from payments.escrow.client import ReferenceConflict, RefusedThere
from payments.escrow.services import CREATE
from payments.escrow.values import Action, EscrowDraft, Role
from payments.models import EscrowDeal
from tests.payments.escrow.conftest import PRICE, TITLE, Dealing, calls

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.network]

AFTER = ["reset_after", "done_then_500", "half_body", "garbage", "huge"]
"""It was done, and the answer is lost."""


def plan(escrow: Escrow, *faults: dict[str, Any]) -> None:
    """The next calls go wrong in this order; the first one of an order is the look for our reference."""
    escrow.faults.plan({"queue": list(faults)})


def ordered(dealing: Dealing) -> EscrowDraft:
    """What is ordered there."""
    return EscrowDraft(TITLE, PRICE, dealing.buyer.email, dealing.seller.email, 259_200)


@pytest.fixture
def told(dealing: Dealing) -> Dealing:
    """Both have agreed, and nothing has gone out."""
    dealing.press("tell", dealing.buyer)
    dealing.press("tell", dealing.seller)
    return dealing


@pytest.mark.requirement("F7")
@pytest.mark.parametrize("fault", AFTER)
def test_a_payment_whose_answer_got_lost_is_found_and_not_ordered_twice(
    escrow: Escrow, told: Dealing, fault: str
) -> None:
    plan(escrow, {"fault": "none"}, {"fault": fault})
    told.carry()
    assert Effect.objects.get(kind=CREATE).state == "unknown"
    assert told.state == "ordered"
    told.carry(minutes=60)
    assert told.state == "created"
    assert len(escrow.transactions) == 1
    assert calls(escrow).count("POST transaction") == 1


@pytest.mark.parametrize("fault", ["reset_before", "redirect", "status"])
def test_a_payment_that_never_arrived_is_ordered_later(escrow: Escrow, told: Dealing, fault: str) -> None:
    plan(escrow, {"fault": "none"}, {"fault": fault, "status": 503})
    told.carry()
    told.carry(minutes=60)
    assert (told.state, len(escrow.transactions)) == ("created", 1)


@pytest.mark.parametrize("fault", ["reset_after", "garbage"])
def test_a_step_whose_answer_got_lost_is_taken_once(escrow: Escrow, dealing: Dealing, fault: str) -> None:
    dealing.agree()
    escrow.pay(dealing.number)
    dealing.read()
    plan(escrow, {"fault": "none"}, {"fault": fault}, {"fault": "status", "status": 503})
    dealing.press("ship", dealing.seller)
    before = calls(escrow).count(f"PATCH transaction/{dealing.number}")
    dealing.carry()
    dealing.carry(minutes=60)
    assert dealing.state == "shipped"
    assert calls(escrow).count(f"PATCH transaction/{dealing.number}") == before + 1


@pytest.mark.requirement("F9")
def test_an_hour_long_answer_to_wait_holds_nobody_longer_than_an_hour(escrow: Escrow, told: Dealing) -> None:
    plan(escrow, {"fault": "status", "status": 429, "retry_after": 999_999})
    told.carry()
    gate = ProviderGate.objects.get(provider="ESCROW")
    assert gate.shut_until is not None
    assert timedelta(hours=1) <= gate.shut_until - told.clock < timedelta(hours=2)
    assert Effect.objects.get(kind=CREATE).state == "pending"


def test_a_key_that_is_not_accepted_stops_everything_until_staff_look(
    escrow: Escrow, told: Dealing, settings: Any
) -> None:
    settings.ESCROW = {**settings.ESCROW, "KEY": "wrong"}
    told.carry()
    assert ProviderGate.objects.get(provider="ESCROW").needs_staff
    assert Effect.objects.get(kind=CREATE).state == "pending"


def test_a_payment_that_is_refused_is_over_and_another_way_is_open(escrow: Escrow, told: Dealing) -> None:
    plan(escrow, {"fault": "none"}, {"fault": "status", "status": 422})
    told.carry()
    assert (told.state, told.heard.words) == ("failed", ["not paid"])


def test_a_refusal_of_a_double_leads_to_the_payment_that_stands_there(escrow: Escrow, told: Dealing) -> None:
    plan(escrow, {"fault": "none"}, {"fault": "reset_after"})
    told.carry()
    # The look misses it: the lost call comes through only afterwards.
    plan(escrow, {"fault": "status", "status": 404}, {"fault": "status", "status": 404})
    told.carry(minutes=60)
    assert (told.state, len(escrow.transactions)) == ("created", 1)


@pytest.mark.parametrize(
    "terms",
    [
        {"currency": "usd"},
        {"parties": [{"role": "buyer", "customer": "x@example.lv"}, {"role": "seller", "customer": "y@example.lv"}]},
    ],
)
def test_a_payment_on_other_terms_under_our_reference_is_nobody_s(
    escrow: Escrow, told: Dealing, terms: dict[str, Any]
) -> None:
    plan(escrow, {"fault": "none"}, {"fault": "reset_before"})
    told.carry()
    made = escrow._made(
        {
            "reference": told.deal.reference,
            "currency": "euro",
            "description": "x",
            "items": [{"type": "general_merchandise", "schedule": [{"amount": "120.50"}]}],
        },
        told.buyer.email,
        told.seller.email,
    )
    escrow.transactions["5000001"] = {**made, **terms}
    if "parties" in terms:  # the look knows no addresses; the order does
        with pytest.raises(ReferenceConflict):
            Client.of_settings().ensure_transaction(ordered(told), told.deal.reference)
        return
    told.carry(minutes=60)
    assert (told.state, told.deal.provider_id) == ("failed", None)


@pytest.mark.requirement("F8")
def test_a_database_that_goes_away_after_the_call_leaves_one_payment(
    escrow: Escrow, told: Dealing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_arguments: Any, **_more: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with monkeypatch.context() as broken:
        broken.setattr(effects, "settle", cut)
        told.carry()
    assert Effect.objects.get(kind=CREATE).state == "unknown"
    assert (told.state, len(escrow.transactions)) == ("ordered", 1)
    told.carry(minutes=60)
    assert told.state == "created"
    assert calls(escrow).count("POST transaction") == 1


def test_a_step_that_is_refused_there_is_said_and_can_be_pressed_again(escrow: Escrow, dealing: Dealing) -> None:
    dealing.agree()
    escrow.pay(dealing.number)
    dealing.read()
    plan(escrow, {"fault": "none"}, {"fault": "status", "status": 422})
    dealing.do(("ship", dealing.seller))
    assert (dealing.state, dealing.deal.refused, dealing.deal.underway) == ("secured", True, "")
    dealing.do(("ship", dealing.seller))
    assert (dealing.state, dealing.deal.refused) == ("shipped", False)


def test_who_is_not_the_buyer_cannot_accept_at_escrow_com_either(escrow: Escrow, dealing: Dealing) -> None:
    dealing.agree()
    with pytest.raises(RefusedThere) as refusal:
        Client.of_settings().act(int(dealing.number), Action.ACCEPT, Role.SELLER, expect=lambda _tx: False)
    assert refusal.value.status == 403


def test_an_order_whose_people_have_left_tells_nobody(escrow: Escrow, told: Dealing, person: User) -> None:
    EscrowDeal.objects.filter(pk=told.deal.pk).get().sides.filter(user=person).update(user=None)
    told.carry()
    assert (told.state, calls(escrow)) == ("cancelled", [])
