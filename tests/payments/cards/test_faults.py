"""What Braintree, PostgreSQL or Redis do to a payment: never a second charge, never a charge recorded as failed."""

import socket
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import caches
from django.db import OperationalError
from django.test import RequestFactory
from django.utils import translation

from accounts.models import User
from audit.trail import Actor
from emulators import documents
from emulators.braintree import Braintree
from emulators.serving import Answer
from outbox.doorbell import doorbell
from outbox.handlers import AnswerLost, EffectError, Halted, Permanent, Transient
from outbox.models import Effect, ProviderGate, State
from outbox.services import requeue
from payments.cards import gateway, paying
from payments.cards.effects import CHARGE
from payments.cards.gateway import CODE, NotHere
from payments.models.cards import PaymentState
from registers.alarms import alarms
from registers.contracts import enter, from_catalogue
from registers.models import ContractVersion
from tests.payments.cards.conftest import NOW, Heard, fresh, order, thing, work

pytestmark = pytest.mark.network
REALLY = pytest.mark.django_db(transaction=True)

LOST = ("reset_after", "done_then_500", "half_body", "garbage", "huge", "reset_before", "redirect")
BOMB = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><transaction><id>&c;</id></transaction>'


def lease_runs_out() -> None:
    Effect.objects.filter(state=State.LEASED).update(leased_until=NOW)


@REALLY
def test_an_answer_that_is_lost_is_asked_for_again_under_the_same_key(braintree: Braintree, person: User) -> None:
    for turn, fault in enumerate(LOST):
        braintree.faults.plan({"queue": [{"fault": fault}]})
        braintree.journal.clear()
        braintree.ledger.transactions.clear()
        payment = order(person, now=NOW + timedelta(hours=2 * turn))
        assert work(after=timedelta(hours=2 * turn)).unknown == 1, fault
        assert fresh(payment).state == PaymentState.CHARGING
        assert work(after=timedelta(hours=2 * turn + 1)).done == 1, fault
        (charged,) = braintree.ledger.transactions.values()
        assert (fresh(payment).state, fresh(payment).transaction_id) == (PaymentState.PAID, charged.id)
        assert {call.path for call in braintree.journal} == {"/merchants/emulated/transactions"}
        assert len({call.body for call in braintree.journal}) == 1, "the same request, byte for byte"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"status": 201, "document": BOMB}, AnswerLost),
        ({"status": 201, "document": "<transaction><id>a</id></transaction>"}, AnswerLost),
        ({"status": 201, "document": "<transaction></transaction>"}, AnswerLost),
        ({"status": 201, "document": "<other/>"}, AnswerLost),
        ({"status": 201, "document": ""}, AnswerLost),
        ({"status": 422, "document": "<api-error-response/>"}, AnswerLost),
        ({"status": 500}, AnswerLost),
        ({"status": 503}, AnswerLost),
        ({"status": 504}, AnswerLost),
        ({"status": 408}, AnswerLost),
        ({"status": 429}, Transient),
        ({"status": 401}, Halted),
        ({"status": 403}, Halted),
        ({"status": 426}, Halted),
        ({"status": 404}, NotHere),
        *(
            ({"status": 422, "code": code}, error)
            for code, error in (
                ("915233", AnswerLost),
                ("915232", Halted),
                ("915231", gateway.KeyNotAllowed),
                ("915234", gateway.KeySpent),
                ("915235", gateway.KeySpent),
                ("91564", gateway.Refused),
            )
        ),
    ],
    ids=lambda given: str(given)[:40] if isinstance(given, dict) else None,
)
@pytest.mark.django_db
def test_each_answer_means_one_thing(braintree: Braintree, answer: dict[str, Any], error: type[EffectError]) -> None:
    if code := answer.get("code"):
        nested = {
            "errors": [],
            "transaction": {"errors": [("error", {"attribute": "base", "code": code, "message": "x"})]},
        }
        content = {"errors": nested, "params": None, "message": "x"}
        answer = {**answer, "document": documents.write("api_error_response", content)}
    prepare(braintree, answer)
    sale = gateway.Sale(uuid4(), thing().amount, "fake-valid-nonce")
    with pytest.raises(EffectError) as found:
        gateway.Braintree.of_settings().charge(sale, key="k")
    assert type(found.value) is error


def prepare(braintree: Braintree, *answers: dict[str, Any]) -> None:
    braintree.prepared.extend(Answer(one["status"], document=one.get("document", "")) for one in answers)


@REALLY
@pytest.mark.requirement("F10")
def test_nobody_waits_a_week_because_braintree_says_so(braintree: Braintree, person: User) -> None:
    braintree.faults.plan({"queue": [{"fault": "status", "status": 429, "retry_after": 999_999}]})
    payment = order(person)
    assert work().retried == 1
    assert Effect.objects.get().due_at <= NOW + timedelta(hours=2)
    assert work(after=timedelta(hours=2)).done == 1
    assert fresh(payment).state == PaymentState.PAID


@REALLY
def test_a_port_where_nobody_listens_is_certainly_no_charge(braintree: Braintree, person: User, settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings.BRAINTREE = {**settings.BRAINTREE, "EMULATOR_URL": f"http://127.0.0.1:{port}"}
    order(person)
    report = work()
    assert (report.retried + report.unknown, report.failed) == (1, 0)


OTHERS = (
    *(("amount", "1999.00"), ("amount", "19.98"), ("amount", "-19.99")),
    *(("currency_iso_code", "USD"), ("order_id", "x")),
)


@REALLY
def test_what_was_not_asked_for_is_never_recorded_as_paid(braintree: Braintree, person: User, heard: Heard) -> None:
    for name, value in OTHERS:
        payment = order(person)
        content = {"id": "abc123", "status": "settled", "amount": "19.99", "currency_iso_code": "EUR"}
        content |= {"order_id": str(payment.pk), name: value}
        prepare(braintree, {"status": 201, "document": documents.write("transaction", content)})
        assert work().failed == 1, name
        assert (fresh(payment).state, fresh(payment).transaction_id) == (PaymentState.UNCLEAR, "")
    assert heard.news == []


@REALLY
@pytest.mark.requirement("F16")
@pytest.mark.parametrize("fate", [OperationalError, KeyboardInterrupt], ids=["commit fails", "worker dies"])
def test_a_charge_whose_record_was_lost_is_found_again_and_not_repeated(
    braintree: Braintree, person: User, heard: Heard, *, fate: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = order(person)

    def breaks(*_: object, **__: object) -> None:
        raise fate

    with monkeypatch.context() as patch:
        patch.setattr(heard, "paid", breaks)
        with suppress(KeyboardInterrupt):
            work()
    assert (fresh(payment).state, Effect.objects.get().finished_at) == (PaymentState.CHARGING, None)
    assert len(braintree.ledger.transactions) == 1
    lease_runs_out()
    assert work(after=timedelta(minutes=3)).done == 1
    assert fresh(payment).state == PaymentState.PAID
    assert len(braintree.ledger.transactions) == 1
    assert heard.news == [("paid", payment.payable_id)]


@REALLY
@pytest.mark.requirement("F7")
def test_checkout_goes_on_while_redis_is_away(
    braintree: Braintree, person: User, rf: RequestFactory, *, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caches["default"], "_ask", lambda _theirs, own, *rest, **more: own(*rest, **more))
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(doorbell, "quiet_until", 0.0)
    payment = paying.begin(thing(), payer=person, now=NOW)
    assert paying.client_token(payment, person, request=rf.post("/", REMOTE_ADDR="192.0.2.9"), now=NOW)
    paying.take_nonce(payment, "fake-valid-nonce", person=person, now=NOW)
    assert work().done == 1
    assert fresh(payment).state == PaymentState.PAID


@REALLY
def test_whatever_was_given_up_is_unclear_and_is_looked_up_when_staff_put_it_back(
    braintree: Braintree, person: User, heard: Heard
) -> None:
    payment = order(person)
    braintree.faults.plan({"queue": [{"fault": "reset_after"}]})
    work()
    Effect.objects.update(attempts=19)
    braintree.faults.plan({"queue": [{"fault": "garbage"}]})
    assert work(after=timedelta(hours=1)).failed == 1
    assert (fresh(payment).state, heard.news) == (PaymentState.UNCLEAR, [])
    with pytest.raises(paying.Underway):
        paying.take_nonce(payment, "tokencc_second", person=person, now=NOW)
    requeue(Effect.objects.get().pk, actor=Actor.system("t"), reason="Braintree answers again", now=NOW)
    ProviderGate.objects.all().delete()
    assert work(after=timedelta(hours=2)).done == 1
    assert fresh(payment).state == PaymentState.PAID
    assert len(braintree.ledger.transactions) == 1


@REALLY
@pytest.mark.clause("Q8.6", "Q9.4")
@pytest.mark.parametrize("ends", ["ends_on", "transfer_ends_on"])
def test_without_contract_or_transfer_mechanism_the_charge_waits_and_the_alarm_counts_what_waits(
    braintree: Braintree, person: User, officer: User, *, ends: str
) -> None:
    payment = order(person)
    enter(_contract(**{ends: NOW.date() - timedelta(days=1)}), by=officer, now=NOW)
    assert work().waiting == 1
    assert not paying.is_offered(now=NOW)
    assert (len(braintree.journal), "ended on 2026-11-22" in Effect.objects.get(kind=CHARGE).last_error) == (0, True)
    with translation.override("en"):
        (alarm,) = [found for found in alarms(now=NOW) if "Braintree" in found.sentence]
    assert "Orders that wait for it: 1." in alarm.sentence
    enter(_contract(), by=officer, now=NOW)
    assert work(after=timedelta(hours=1)).done == 1
    assert fresh(payment).state == PaymentState.PAID


def _contract(**changes: Any) -> dict[str, Any]:
    declared = from_catalogue(CODE)
    left_out = {"id", "salt", "commitment", "previous_hash", "row_hash", "at"}
    names = {item.name for item in ContractVersion._meta.concrete_fields} - left_out
    return {**{name: getattr(declared, name) for name in names}, "note": "renewed", **changes}


@pytest.mark.django_db
@pytest.mark.parametrize("number", ["u.1", "", "a/b", "../customers/1", "x" * 65])
def test_a_number_that_the_library_does_not_like_is_an_error_and_not_an_absence(
    braintree: Braintree, number: str
) -> None:
    """The library says "not found" of it without asking anybody: an erasure would be certified that never happened."""
    with pytest.raises(Permanent) as found:
        gateway.Braintree.of_settings().find(number)
    assert not isinstance(found.value, NotHere)
    assert not braintree.journal
    with pytest.raises(NotHere):
        gateway.Braintree.of_settings().find("unknown1")
    assert len(braintree.journal) == 1
    assert not ProviderGate.objects.filter(pk=CODE, shut_at__isnull=False).exists()
