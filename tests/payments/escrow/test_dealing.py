"""A payment through Escrow.com from the first button to the money, as both of the two see it (policy clause 9.3)."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail

from accounts.models import User
from audit.models import Entry
from emulators.escrow import Escrow
from outbox.models import Effect
from outbox.services import drain
from payments.escrow import services
from payments.escrow.client import reference_of
from payments.models import EscrowAccount, EscrowDeal, EscrowSide
from payments.models.escrow import AccountState
from payments.payables import Payable
from tests.payments.escrow.conftest import NOW, PRICE, TITLE, Dealing, calls

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.network]


@pytest.mark.clause("Q8.11")
def test_nothing_leaves_before_both_have_agreed_and_then_only_what_the_page_said(
    escrow: Escrow, dealing: Dealing, person: User, seller: User
) -> None:
    dealing.press("tell", person)
    dealing.carry()
    assert (dealing.state, calls(escrow)) == ("proposed", [])
    dealing.press("tell", seller)
    dealing.carry()
    assert dealing.state == "created"
    (order,) = [json.loads(call.body) for call in escrow.journal if call.method == "POST"]
    assert order == {
        "reference": reference_of(dealing.deal.pk),
        "currency": "euro",
        "description": TITLE,
        "parties": [
            {"role": "partner", "customer": "me"},
            {"role": "buyer", "customer": person.email},
            {"role": "seller", "customer": seller.email},
        ],
        "items": [
            {
                "title": TITLE,
                "description": TITLE,
                "type": "general_merchandise",
                "inspection_period": 259_200,
                "quantity": 1,
                "schedule": [
                    {"amount": "120.50", "payer_customer": person.email, "beneficiary_customer": seller.email}
                ],
                "fees": [{"type": "escrow", "split": "1", "payer_customer": person.email}],
            }
        ],
    }
    assert len(reference_of(dealing.deal.pk)) == 24
    agreed = Entry.objects.filter(action="escrow.telling_agreed")
    assert set(agreed.values_list("subject", "actor_id")) == {
        (person.pk, str(person.pk)),
        (seller.pk, str(seller.pk)),
    }


def test_a_payment_goes_all_the_way_and_what_is_paid_for_hears_of_it(
    escrow: Escrow, dealing: Dealing, person: User, seller: User
) -> None:
    dealing.agree()
    assert (dealing.state, dealing.heard.words) == ("agreed", [])
    dealing.do(("pay", person))
    assert dealing.state == "agreed"
    assert dealing.deal.payment_page == f"{escrow.address}/__pay?transaction={dealing.number}"
    escrow.pay(dealing.number)
    dealing.read()
    assert (dealing.state, dealing.heard.words, dealing.deal.payment_page) == ("secured", ["paid"], "")
    dealing.do(("ship", seller), ("receive", person), ("accept", person))
    assert (dealing.state, dealing.heard.words) == ("paid_out", ["paid", "accepted"])
    whose = [call.headers.get("As-Customer") for call in escrow.journal if call.method == "PATCH"]
    assert whose == [person.email, seller.email, seller.email, person.email, person.email]
    assert not Effect.objects.exclude(state="done").exclude(kind="mailing.deliver").exists()


def test_what_is_not_as_agreed_goes_back_and_so_does_the_money(
    escrow: Escrow, dealing: Dealing, person: User, seller: User
) -> None:
    dealing.agree()
    escrow.pay(dealing.number)
    dealing.read()
    dealing.do(("ship", seller), ("receive", person), ("reject", person), ("send_back", person))
    dealing.do(("receive_back", seller), ("take_back", seller))
    assert (dealing.state, dealing.heard.words) == ("paid_back", ["paid", f"paid back {PRICE}"])


def test_nobody_accepts_for_a_consumer_and_nobody_presses_for_another(
    escrow: Escrow, dealing: Dealing, person: User, seller: User
) -> None:
    dealing.agree()
    escrow.pay(dealing.number)
    dealing.read()
    dealing.do(("ship", seller))
    dealing.do(("receive", person))
    for name in ("accept", "reject", "ship"):
        with pytest.raises(services.EscrowRefused):
            dealing.press(name, seller)
    asked = len(escrow.journal)
    drain(now=dealing.clock + timedelta(days=30))
    assert len(escrow.journal) == asked, "however long it takes, the site accepts nothing by itself"
    assert escrow.lapse(dealing.number)
    dealing.read()
    assert dealing.state == "paid_out", "Escrow.com did, by its terms"


def test_what_is_not_paid_yet_can_be_called_off_there_too(escrow: Escrow, dealing: Dealing, seller: User) -> None:
    dealing.agree()
    dealing.do(("cancel", seller))
    assert (dealing.state, dealing.heard.words) == ("cancelled", ["not paid"])
    assert escrow.transactions[dealing.number]["is_cancelled"]


def test_held_money_is_not_called_off_from_here(escrow: Escrow, dealing: Dealing) -> None:
    dealing.agree()
    escrow.pay(dealing.number)
    dealing.read()
    with pytest.raises(services.EscrowRefused):
        services.withdraw("thing", dealing.deal.payable_id, now=dealing.clock)
    assert dealing.state == "secured"


def test_what_was_called_off_while_it_was_being_set_up_ends_there_too(
    escrow: Escrow, dealing: Dealing, person: User, seller: User
) -> None:
    dealing.press("tell", person)
    dealing.press("tell", seller)
    services.withdraw("thing", dealing.deal.payable_id, now=dealing.clock)
    dealing.carry()
    assert dealing.state == "cancelled"
    assert escrow.transactions[dealing.number]["is_cancelled"]


@pytest.mark.clause("Q9.8")
@pytest.mark.parametrize("state", [state for state in AccountState if state != AccountState.OPEN])
def test_only_a_seller_whose_account_is_reported_open_can_be_paid_so(
    dealing: Dealing, person: User, seller: User, state: AccountState
) -> None:
    assert services.may_offer_escrow(seller)
    EscrowAccount.objects.update(state=state)
    assert not services.may_offer_escrow(seller)
    with pytest.raises(services.EscrowRefused):
        services.begin(Payable("thing", uuid4(), PRICE), buyer=person, seller=seller, title=TITLE, now=NOW)


def test_one_thing_has_one_payment_and_a_new_one_only_when_that_is_over(
    dealing: Dealing, person: User, seller: User
) -> None:
    payable = Payable("thing", dealing.deal.payable_id, PRICE)
    again: dict[str, Any] = {"buyer": person, "seller": seller, "title": TITLE, "now": NOW}
    assert services.begin(payable, **again).pk == dealing.deal.pk
    dealing.press("cancel", person)
    assert services.begin(payable, **again).pk != dealing.deal.pk
    assert EscrowDeal.objects.count() == 2


@pytest.mark.clause("Q9.9")
def test_an_account_is_opened_with_the_address_alone_and_only_its_state_comes_back(
    escrow: Escrow, person: User
) -> None:
    account = services.open_account(person, now=NOW)
    services.open_account(person, now=NOW)
    assert calls(escrow) == []
    drain(now=NOW)
    account.refresh_from_db()
    assert account.state == "pending"
    assert [json.loads(call.body) for call in escrow.journal if call.method == "POST"] == [{"email": person.email}]
    escrow.verify(person.email)
    services.look_again(account, now=NOW + timedelta(minutes=1))
    drain(now=NOW + timedelta(minutes=1))
    account.refresh_from_db()
    assert (account.state, services.may_offer_escrow(person)) == ("open", True)
    known = EscrowAccount.objects.filter(user=person).values().get()
    assert known.keys() == {"id", "user_id", "state", "provider_reference", "asked_at", "changed_at", "read_at"}
    assert "LV-DOCUMENT-7788" not in str(list(Effect.objects.values())) + str(known), "Escrow.com said it"


def test_letters_name_nobody(dealing: Dealing, person: User, seller: User) -> None:
    dealing.carry()
    assert {letter.to[0] for letter in mail.outbox} == {person.email, seller.email}
    for letter in mail.outbox:
        said = f"{letter.subject} {letter.body}"
        assert not [word for word in (TITLE, person.email, seller.email, "Kalns") if word in said]


def test_who_is_not_one_of_the_two_sees_nothing(dealing: Dealing, other_person: User) -> None:
    assert services.seen_by(other_person, dealing.deal.pk) is None
    assert EscrowSide.objects.filter(deal=dealing.deal).count() == 2
