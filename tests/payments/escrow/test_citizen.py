"""Escrow.com as a citizen of the data map: it tells of her payments, and is told by numbers of what changed."""

from typing import Any

import pytest
from django.core import mail
from django.utils import translation

from accounts.models import User
from datamap.processors import FINAL, Outcome
from datamap.trace import subject_of_user
from emulators.escrow import Escrow
from payments.escrow.recipient import EscrowHandler
from payments.models import EscrowDeal
from tests.payments.escrow.conftest import NOW, TITLE, Dealing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.network, pytest.mark.clause("Q9.10")]


def test_it_is_asked_for_her_payments_and_her_account_and_says_nothing_of_the_other(
    escrow: Escrow, dealing: Dealing
) -> None:
    dealing.agree()
    with translation.override("en"):
        sold = EscrowHandler().collect(subject_of_user(dealing.seller), now=dealing.clock)
        bought = EscrowHandler().collect(subject_of_user(dealing.buyer), now=dealing.clock)
    assert sold.outcome is bought.outcome is Outcome.CONFIRMED
    assert sold.held[0] == bought.held[0]
    assert sold.held[0].startswith(f"{dealing.number}, 120.50 euro, ")
    assert [line for line in sold.held if dealing.seller.email in line]
    assert dealing.buyer.email not in str(sold.held)
    assert dealing.seller.email not in str(bought.held)
    assert "privacy@escrow.com" in str(sold.detail), "it holds more than it tells us"
    assert "DOCUMENT" not in str(sold.held)


def test_a_payment_whose_answer_was_lost_is_looked_for_by_our_reference(escrow: Escrow, dealing: Dealing) -> None:
    dealing.agree()
    number, subject = dealing.number, subject_of_user(dealing.buyer)
    EscrowDeal.objects.update(provider_id=None, state="ordered")
    (line,) = EscrowHandler().collect(subject, now=dealing.clock).held
    assert line.startswith(f"{number}, ")
    EscrowDeal.objects.update(reference="q-never-came")
    before = len(escrow.journal)
    assert EscrowHandler().collect(subject, now=dealing.clock).outcome is Outcome.NOTHING_LEFT
    assert [call.path for call in list(escrow.journal)[before:]] == [
        "/2017-09-01/transaction/reference/q-never-came"
    ] * 2


def test_a_correction_is_told_by_numbers_and_counts_when_the_letter_has_gone(escrow: Escrow, dealing: Dealing) -> None:
    dealing.agree()
    mail.outbox.clear()
    handler, subject = EscrowHandler(), subject_of_user(dealing.seller)
    for verb, article in ((handler.rectify, "Art. 16"), (handler.restrict, "Art. 18")):
        told = verb(subject, now=dealing.clock)
        assert told.outcome is handler.probe(told.reference, now=dealing.clock).outcome is Outcome.REQUESTED
        assert told.outcome not in FINAL
        dealing.carry()
        assert handler.probe(told.reference, now=dealing.clock).outcome is Outcome.NOTICE_SENT
        letter = mail.outbox.pop()
        assert letter.to == ["privacy@escrow.com"]
        assert article in letter.body
        assert f"transactions concerned: {dealing.number}." in letter.body
        assert not [word for word in (TITLE, dealing.seller.email, dealing.buyer.email, "Kalns") if word in letter.body]


def test_who_never_dealt_there_is_not_asked_about(escrow: Escrow, person: User) -> None:
    handler, subject = EscrowHandler(), subject_of_user(person)
    told = [ask(subject, now=NOW) for ask in (handler.collect, handler.rectify, handler.restrict, handler.erase)]
    assert {one.outcome for one in told} == {Outcome.NOTHING_HELD}
    assert not list(escrow.journal)
    assert not mail.outbox


def test_it_answers_for_the_key_of_our_account(escrow: Escrow, settings: Any) -> None:
    found = EscrowHandler().health(now=NOW)
    assert (found.outcome, found.held) == (Outcome.CONFIRMED, ("1",))
    escrow.faults.plan({"queue": [{"fault": "garbage"}]})
    assert EscrowHandler().health(now=NOW).outcome is Outcome.UNKNOWN
    settings.ESCROW = {**settings.ESCROW, "KEY": "another"}
    assert EscrowHandler().health(now=NOW).outcome is Outcome.REFUSED
    settings.ESCROW = {**settings.ESCROW, "KEY": ""}
    assert EscrowHandler().health(now=NOW).outcome is Outcome.NOT_POSSIBLE
