"""What a bank asks back is on record with its last day, and answered once, by two above the limit (chargebacks)."""

from datetime import date, timedelta
from typing import Any

import pytest
import requests
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.models import Entry
from emulators.braintree import Braintree
from emulators.braintree_ledger import Invalid as Refusal
from emulators.braintree_ledger import Ledger
from outbox.services import drain
from payments.cards import disputing
from payments.cards.reconciling import LOOKS_BACK, reconcile
from payments.cards.refunding import NeedsAnother
from payments.models import CardDispute, CardPayment
from payments.models.disputes import AnswerState
from qlekta.roles import set_up
from tests.payments.cards.conftest import NOW, fresh, order, work
from tests.payments.cards.test_news import MUCH_LATER, at, call
from vault.keys import has_key

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.network]

WORDS = "Kanārija: it was sent on 3 November and signed for."


def disputed(braintree: Braintree, person: User, amount: str = "50.00") -> CardPayment:
    """A payment that its bank asks back."""
    payment = order(person, amount=amount)
    work()
    row = braintree.ledger.transactions[fresh(payment).transaction_id]
    row.status, row.dispute = "settled", "open"
    at(braintree, NOW)
    return fresh(payment)


def heard(braintree: Braintree, person: User, amount: str = "50.00") -> CardDispute:
    disputed(braintree, person, amount)
    reconcile(now=NOW + timedelta(hours=5))
    return CardDispute.objects.get()


def there(braintree: Braintree) -> tuple[str, list[str]]:
    """How it stands at Braintree, and what we said there."""
    (row,) = [row for row in braintree.ledger.transactions.values() if row.dispute]
    return row.dispute, row.evidence


def letters(to: User) -> list[str]:
    drain(now=NOW + MUCH_LATER)
    return [str(letter.subject) for letter in mail.outbox if letter.to == [to.email]]


@pytest.fixture
def accountant(officer: User) -> User:
    set_up(now=timezone.now())
    officer.groups.set([Group.objects.get(name="accountant")])
    return officer


@pytest.mark.parametrize("is_called", [True, False])
def test_it_is_on_record_with_its_last_day_and_who_answers_is_told_once(
    braintree: Braintree, person: User, accountant: User, *, client: Client, is_called: bool
) -> None:
    payment = disputed(braintree, person)
    if is_called:
        for kind in ("dispute_opened", "dispute_under_review"):
            call(client, braintree.notice(kind, payment.transaction_id))
            work(after=MUCH_LATER)
    else:
        for _ in range(2):
            reconcile(now=NOW + timedelta(hours=5))
    dispute = CardDispute.objects.get()
    assert (dispute.payment_id, dispute.status, dispute.reply_by) == (payment.pk, "open", date(2026, 12, 7))
    assert fresh(payment).dispute == "open"
    assert len(letters(accountant)) == 1
    client.force_login(accountant)
    assert "gada 7. decembri" in client.get(reverse("admin:index")).content.decode()


def test_the_emulator_begins_one_on_order(braintree: Braintree, person: User) -> None:
    payment = order(person)
    work()
    told = {"id": fresh(payment).transaction_id}
    assert requests.post(f"{braintree.address}/__dispute", json=told, timeout=5).status_code == 200
    at(braintree, NOW)
    reconcile(now=NOW + timedelta(hours=5))
    assert CardDispute.objects.get().payment_id == payment.pk


def test_three_days_before_its_end_whoever_has_not_answered_is_reminded(
    braintree: Braintree, person: User, accountant: User
) -> None:
    heard(braintree, person)
    reconcile(now=NOW + timedelta(days=10))
    assert len(letters(accountant)) == 1
    reconcile(now=NOW + timedelta(days=12))
    assert len(letters(accountant)) == 2
    disputing.answer(CardDispute.objects.get().pk, accepts=True, by=accountant, now=NOW)
    reconcile(now=NOW + timedelta(days=13))
    assert len(letters(accountant)) == 2


def test_what_we_say_goes_once_and_is_forgotten_here(braintree: Braintree, person: User, officer: User) -> None:
    dispute = heard(braintree, person)
    disputing.answer(dispute.pk, accepts=False, evidence=WORDS, by=officer, now=NOW)
    assert has_key(dispute.pk)
    assert work(times=2).failed == 0
    assert there(braintree) == ("disputed", [WORDS])
    dispute = CardDispute.objects.get()
    assert (dispute.state, dispute.status, dispute.evidence) == (AnswerState.DONE, "disputed", "")
    assert not has_key(dispute.pk)
    with pytest.raises(disputing.CannotAnswer):
        disputing.answer(dispute.pk, accepts=True, by=officer, now=NOW)
    assert Entry.objects.get(action="dispute.proposed").subject == person.pk


@pytest.mark.parametrize("accepts", [True, False])
@pytest.mark.parametrize("lost", range(1, 4))
def test_a_lost_answer_says_nothing_twice(
    braintree: Braintree, person: User, officer: User, *, accepts: bool, lost: int
) -> None:
    dispute = heard(braintree, person)
    disputing.answer(dispute.pk, accepts=accepts, evidence=WORDS, by=officer, now=NOW)
    braintree.faults.plan({"queue": [*[{"fault": "none"}] * lost, {"fault": "reset_after"}]})
    work(times=3)
    assert there(braintree) == (("accepted", []) if accepts else ("disputed", [WORDS]))
    assert CardDispute.objects.get().state == AnswerState.DONE


def test_above_the_limit_two_people_decide(
    braintree: Braintree, person: User, officer: User, other_person: User
) -> None:
    number = heard(braintree, person, "150.00").pk
    said: dict[str, Any] = {"accepts": False, "evidence": WORDS, "by": officer, "now": NOW}
    assert disputing.answer(number, **said).state == AnswerState.PROPOSED
    with pytest.raises(NeedsAnother):
        disputing.agree(number, by=officer, now=NOW)
    assert disputing.decline(number, by=other_person, now=NOW).evidence == ""
    disputing.answer(number, **said)
    work()
    assert there(braintree) == ("open", []), "nothing goes before both agree"
    disputing.agree(number, by=other_person, now=NOW)
    work()
    assert there(braintree) == ("disputed", [WORDS])


def test_what_braintree_decided_meanwhile_ends_what_waits_here(
    braintree: Braintree, person: User, officer: User
) -> None:
    dispute = heard(braintree, person, "150.00")
    disputing.answer(dispute.pk, accepts=False, evidence=WORDS, by=officer, now=NOW)
    (row,) = [row for row in braintree.ledger.transactions.values() if row.dispute]
    row.dispute = "expired"
    reconcile(now=NOW + 10 * LOOKS_BACK)
    dispute = CardDispute.objects.get()
    assert (dispute.status, dispute.state, dispute.evidence) == ("expired", AnswerState.NONE, "")
    assert not disputing.unanswered().exists()
    with pytest.raises(disputing.CannotAnswer):
        disputing.answer(dispute.pk, accepts=True, by=officer, now=NOW)


def test_what_braintree_does_not_take_can_be_said_otherwise(
    braintree: Braintree, person: User, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispute = heard(braintree, person)
    disputing.answer(dispute.pk, accepts=False, evidence=WORDS, by=officer, now=NOW)

    def refuse(*_args: object) -> None:
        raise Refusal("95700")

    monkeypatch.setattr(Ledger, "answer", refuse)
    work()
    assert CardDispute.objects.values_list("state", "refusal").get() == (AnswerState.REFUSED, "refused:95700")
    monkeypatch.undo()
    disputing.answer(dispute.pk, accepts=False, evidence="Shorter.", by=officer, now=NOW)
    work()
    assert there(braintree) == ("disputed", ["Shorter."])


@pytest.mark.requirement("G3")
def test_an_accountant_answers_on_its_page_and_nobody_else(
    braintree: Braintree, person: User, accountant: User, client: Client
) -> None:
    dispute = heard(braintree, person, "150.00")
    names = ("accept", "answer", "agree", "decline")
    accept, answer, agree, decline = (
        reverse(f"admin:payments_carddispute_{name}", args=[dispute.pk]) for name in names
    )
    page = reverse("admin:payments_carddispute_change", args=[dispute.pk])
    client.force_login(accountant)
    assert all(path in client.get(page).content.decode() for path in (accept, answer))
    client.post(answer, {"evidence": ""})
    client.post(agree)
    assert CardDispute.objects.get().state == AnswerState.NONE
    client.post(answer, {"evidence": WORDS})
    shown = client.get(page).content.decode()
    assert (WORDS in shown, agree in shown) == (True, False)
    client.post(agree)
    assert CardDispute.objects.get().state == AnswerState.PROPOSED, "not by the same"
    accountant.groups.set([Group.objects.get(name="officer")])
    client.force_login(User.objects.get(pk=accountant.pk))
    assert {client.post(path).status_code for path in (accept, answer, agree, decline)} == {403}
    assert WORDS not in client.get(page).content.decode()
