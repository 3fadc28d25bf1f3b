"""Escrow.com as a recipient: named in the answer, told of an erasure, and told nothing without a transfer mechanism."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import translation

from accounts.models import User
from datamap.catalogue import catalogue
from datamap.processors import Outcome
from datamap.terms import RecipientRole
from datamap.trace import subject_of_user
from datamap.transfers import may_hand_over
from emulators.escrow import Escrow
from outbox.models import Effect
from payments.escrow.client import CODE
from payments.escrow.recipient import EscrowHandler
from payments.escrow.services import CREATE
from payments.models import EscrowSide
from registers import contracts
from tests.payments.escrow.conftest import NOW, TITLE, Dealing, calls

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.network]


@pytest.fixture
def no_transfer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The transfer mechanism has run out."""

    def ended(recipient: str, day: Any, **_: Any) -> Any:
        found = contracts.from_catalogue(recipient)
        assert found is not None
        found.transfer_ends_on = NOW.date() - timedelta(hours=24)
        return found

    monkeypatch.setattr(contracts, "contract_on", ended)


@pytest.mark.clause("Q9.4")
@pytest.mark.usefixtures("no_transfer")
def test_without_a_transfer_mechanism_nothing_goes_there_and_the_order_waits(escrow: Escrow, dealing: Dealing) -> None:
    assert catalogue().recipients[CODE].role is RecipientRole.CONTROLLER
    assert "transfer mechanism ended" in may_hand_over(CODE, now=NOW).reason
    dealing.press("tell", dealing.buyer)
    dealing.press("tell", dealing.seller)
    assert dealing.carry().waiting >= 1
    assert calls(escrow) == []
    effect = Effect.objects.get(kind=CREATE)
    assert (effect.state, effect.attempts, dealing.state) == ("pending", 0, "ordered")


@pytest.mark.clause("Q9.10")
def test_who_never_dealt_there_is_not_named_and_nobody_is_told_of_her_erasure(escrow: Escrow, person: User) -> None:
    subject = subject_of_user(person)
    assert EscrowHandler().describe(subject) == ""
    assert EscrowHandler().erase(subject, now=NOW).outcome is Outcome.NOTHING_HELD


@pytest.mark.clause("Q9.10")
def test_the_answer_says_what_went_there_and_an_erasure_sends_a_notice_by_numbers(
    escrow: Escrow, dealing: Dealing
) -> None:
    dealing.agree()
    subject = subject_of_user(dealing.seller)
    with translation.override("en"):
        said = str(EscrowHandler().describe(subject))
    assert said.startswith("your e-mail address, to open an account for you as a seller; ")
    assert "for 1 payment" in said
    mail.outbox.clear()
    with translation.override("en"):
        result = EscrowHandler().erase(subject, now=dealing.clock)
        assert result.outcome is Outcome.REQUESTED
        assert "privacy@escrow.com" in str(result.detail)
    dealing.carry()
    assert EscrowHandler().probe(result.reference, now=dealing.clock).outcome is Outcome.NOTICE_SENT
    (notice,) = [letter for letter in mail.outbox if letter.to == ["privacy@escrow.com"]]
    assert f"transactions concerned: {dealing.number}." in notice.body
    assert "customers concerned: 7." in notice.body
    assert not [word for word in (TITLE, dealing.seller.email, dealing.buyer.email, "Kalns") if word in notice.body]
    assert escrow.transactions[dealing.number]["is_cancelled"], "what nobody paid is called off"
    assert dealing.state == "cancelled"


@pytest.mark.clause("Q9.3")
def test_held_money_goes_its_way_when_one_has_left(escrow: Escrow, dealing: Dealing) -> None:
    dealing.agree()
    escrow.pay(dealing.number)
    dealing.read()
    EscrowHandler().erase(subject_of_user(dealing.seller), now=dealing.clock)
    EscrowSide.objects.filter(user=dealing.seller).update(user=None)
    dealing.carry()
    assert dealing.state == "secured"
    for action in ("shipped", "received"):
        escrow.transactions[dealing.number]["items"][0]["status"][action] = True
    escrow.lapse(dealing.number)
    dealing.read()
    assert (dealing.state, dealing.heard.words) == ("paid_out", ["paid", "accepted"])
