"""Braintree as a citizen of the data map: it tells of transactions by our numbers, and has nobody's name to correct."""

from typing import Any

import pytest
from django.utils import translation

from accounts.models import User
from datamap.processors import Outcome
from datamap.trace import subject_of_user
from emulators.braintree import Braintree
from payments.cards.processor import BraintreeHandler
from tests.payments.cards.conftest import NOW, fresh, order, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.network, pytest.mark.clause("Q9.2")]


def test_it_is_asked_for_the_transactions_of_one_person_and_nothing_of_a_card_comes_back(
    braintree: Braintree, person: User, other_person: User
) -> None:
    hers, his = order(person), order(other_person, amount="77.00")
    work(times=2)
    braintree.journal.clear()
    found = BraintreeHandler().collect(subject_of_user(person), now=NOW)
    assert found.outcome is Outcome.CONFIRMED
    (line,) = found.held
    assert line.startswith(f"{fresh(hers).transaction_id}, 19.99 EUR, ")
    asked = str(list(braintree.journal))
    assert str(hers.pk) in asked
    assert not [word for word in (str(his.pk), person.email, "77.00") if word in asked + line]


def test_who_never_paid_by_card_is_not_asked_about(braintree: Braintree, person: User) -> None:
    handler, subject = BraintreeHandler(), subject_of_user(person)
    told = [ask(subject, now=NOW) for ask in (handler.collect, handler.rectify, handler.restrict, handler.erase)]
    assert {one.outcome for one in told} == {Outcome.NOTHING_HELD}
    assert not list(braintree.journal)


def test_it_knows_neither_name_nor_address_so_nothing_can_be_corrected(braintree: Braintree, person: User) -> None:
    order(person)
    work()
    handler, subject = BraintreeHandler(), subject_of_user(person)
    braintree.journal.clear()
    with translation.override("en"):
        told = [handler.rectify(subject, now=NOW), handler.restrict(subject, now=NOW), handler.probe("", now=NOW)]
        assert all("neither your name nor your address" in str(one.detail) for one in told)
    assert {one.outcome for one in told} == {Outcome.NOT_POSSIBLE}
    assert not list(braintree.journal)


def test_that_a_transaction_is_not_found_is_asked_twice(braintree: Braintree, person: User) -> None:
    order(person)
    work()
    braintree.ledger = type(braintree.ledger)()
    braintree.journal.clear()
    assert BraintreeHandler().collect(subject_of_user(person), now=NOW).outcome is Outcome.NOTHING_LEFT
    assert len(list(braintree.journal)) == 2


def test_no_answer_is_not_nothing(braintree: Braintree, person: User) -> None:
    order(person)
    work()
    for fault, outcome in (({"status": 503}, Outcome.UNKNOWN), ({"status": 401}, Outcome.REFUSED)):
        braintree.faults.plan({"queue": [{"fault": "status", **fault}]})
        assert BraintreeHandler().collect(subject_of_user(person), now=NOW).outcome is outcome


def test_it_answers_for_our_keys(braintree: Braintree, settings: Any) -> None:
    found = BraintreeHandler().health(now=NOW)
    assert (found.outcome, found.held) == (Outcome.CONFIRMED, ("emulated",))
    settings.BRAINTREE = {**settings.BRAINTREE, "PRIVATE_KEY": "another"}
    assert BraintreeHandler().health(now=NOW).outcome is Outcome.REFUSED
    settings.BRAINTREE = {**settings.BRAINTREE, "PRIVATE_KEY": ""}
    assert BraintreeHandler().health(now=NOW).outcome is Outcome.NOT_POSSIBLE
