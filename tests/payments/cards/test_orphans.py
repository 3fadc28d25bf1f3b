"""Money at Braintree that no payment of ours knows: on record, told, and decided by people (Art. 5(1)(d))."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.models import Entry
from emulators.braintree import Braintree
from emulators.braintree_ledger import Transaction
from outbox.services import drain
from payments.cards import orphans
from payments.cards.reconciling import LOOKS_BACK, reconcile
from payments.cards.refunding import NeedsAnother
from payments.models import CardOrphan, CardPayment, CardReconciliation, CardRefund
from payments.models.cards import PaymentState, RefundState
from payments.models.orphans import OrphanState
from qlekta.roles import give, set_up
from tests.payments.cards.conftest import NOW, Heard, fresh, order, work
from tests.payments.cards.test_news import at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.network]

WHY = "A sale by hand at Braintree."


def stranger(braintree: Braintree, amount: str = "7.00", name: str = "x") -> Transaction:
    """A charge that nobody here has ordered."""
    made = braintree.ledger.sale({"amount": amount, "payment_method_nonce": "fake-valid-nonce", "order_id": name})
    made.status = "settled"
    braintree.ledger.add({}, "", made)
    return made


def night(braintree: Braintree, *, after: timedelta = timedelta(hours=5)) -> CardReconciliation:
    at(braintree, NOW)
    run = reconcile(now=NOW + after)
    assert run is not None
    return run


def found(braintree: Braintree) -> CardOrphan:
    night(braintree)
    return CardOrphan.objects.get()


def declined(person: User, amount: str = "7.00") -> CardPayment:
    """A payment that our books believe was not charged."""
    payment = order(person, amount=amount, nonce="fake-processor-declined-visa-nonce")
    work()
    return fresh(payment)


def test_the_night_puts_it_on_record_once_and_writes_once(braintree: Braintree, officer: User, client: Client) -> None:
    set_up(now=timezone.now())
    officer.groups.set([Group.objects.get(name="accountant")])
    made = stranger(braintree, name="x<script>")
    assert [night(braintree).orphans for _ in range(2)] == [1, 1]
    orphan = CardOrphan.objects.get()
    assert (orphan.transaction_id, orphan.amount, orphan.order) == (made.id, Decimal("7.00"), "")
    drain(now=NOW + timedelta(days=2000))
    page = reverse("admin:payments_cardorphan_changelist")
    assert len([letter for letter in mail.outbox if page in letter.body and letter.to == [officer.email]]) == 1
    client.force_login(officer)
    assert page in client.get(reverse("admin:index")).content.decode()
    run = CardReconciliation.objects.order_by("at").first()
    shown = client.get(reverse("admin:payments_cardreconciliation_change", args=[run and run.pk])).content.decode()
    assert reverse("admin:payments_cardorphan_change", args=[orphan.pk]) in shown


def test_sent_back_it_goes_as_every_other_refund_and_is_no_stranger_any_more(
    braintree: Braintree, officer: User
) -> None:
    made = stranger(braintree)
    refund = orphans.send_back(found(braintree).pk, by=officer, reason=WHY, now=NOW)
    assert refund.state == RefundState.ORDERED
    assert work().failed == 0
    assert [row.refunded for row in braintree.ledger.transactions.values() if row.kind == "credit"] == [made.id]
    assert (CardOrphan.objects.get().state, CardRefund.objects.get().state) == (OrphanState.BACK, RefundState.DONE)
    assert night(braintree).orphans == 0
    assert set(Entry.objects.filter(action__startswith="orphan").values_list("action", "reason")) == {
        ("orphan.back", WHY)
    }
    with pytest.raises(orphans.CannotDecide):
        orphans.send_back(CardOrphan.objects.get().pk, by=officer, reason=WHY, now=NOW)


def test_above_the_limit_a_second_person_agrees_to_either(
    braintree: Braintree, person: User, officer: User, other_person: User
) -> None:
    stranger(braintree, "150.00")
    number = found(braintree).pk
    payment = declined(person, "150.00")
    assert orphans.book(number, payment.pk, by=officer, reason=WHY, now=NOW).state == OrphanState.PROPOSED
    with pytest.raises(NeedsAnother):
        orphans.agree(number, by=officer, now=NOW)
    assert orphans.decline(number, by=other_person, now=NOW).state == OrphanState.OPEN
    orphans.book(number, payment.pk, by=officer, reason=WHY, now=NOW)
    assert fresh(payment).state == PaymentState.DECLINED, "nothing is booked before both agree"
    assert orphans.agree(number, by=other_person, now=NOW).state == OrphanState.BOOKED
    assert fresh(payment).state == PaymentState.SETTLED
    other = stranger(braintree, "140.00", "y")
    night(braintree)
    refund = orphans.send_back(CardOrphan.objects.get(transaction_id=other.id).pk, by=officer, reason=WHY, now=NOW)
    assert refund.state == RefundState.PROPOSED


def test_what_belongs_to_a_payment_is_its_money_and_whoever_waited_hears_of_it(
    braintree: Braintree, person: User, officer: User, heard: Heard
) -> None:
    made, payment = stranger(braintree), declined(person)
    orphans.book(found(braintree).pk, payment.pk, by=officer, reason=WHY, now=NOW)
    assert (fresh(payment).state, fresh(payment).transaction_id) == (PaymentState.SETTLED, made.id)
    assert heard.news == [("not paid", payment.payable_id), ("paid", payment.payable_id)]
    assert night(braintree).orphans == 0
    assert Entry.objects.get(action="orphan.booked").subject == person.pk


def test_it_fits_to_no_payment_of_another_amount_or_that_is_paid(
    braintree: Braintree, person: User, officer: User
) -> None:
    stranger(braintree)
    number, paid, dearer = found(braintree).pk, order(person, amount="7.00"), declined(person, "8.00")
    work()
    again = declined(person)
    CardPayment.objects.filter(pk=again.pk).update(state=PaymentState.CANCELLED, answer="")
    same: dict[str, Any] = {"payable_kind": again.payable_kind, "payable_id": again.payable_id, "amount": again.amount}
    CardPayment.objects.create(began_at=NOW, changed_at=NOW, **same)
    for payment in (paid.pk, dearer.pk, again.pk, uuid4()):
        with pytest.raises(orphans.DoesNotFit):
            orphans.book(number, payment, by=officer, reason=WHY, now=NOW)
    assert CardOrphan.objects.get().state == OrphanState.OPEN


def test_a_refund_by_hand_is_booked_to_the_payment_whose_money_went(
    braintree: Braintree, person: User, officer: User, heard: Heard
) -> None:
    payment = order(person, amount="50.00")
    work()
    braintree.move(fresh(payment).transaction_id, "settled")
    ledger = braintree.ledger
    ledger.add({}, "", ledger.refund(fresh(payment).transaction_id, {"amount": "20.00", "order_id": "by-hand"}))
    orphan = found(braintree)
    with pytest.raises(orphans.CannotDecide):
        orphans.send_back(orphan.pk, by=officer, reason=WHY, now=NOW)
    with pytest.raises(orphans.DoesNotFit):
        orphans.book(orphan.pk, declined(person).pk, by=officer, reason=WHY, now=NOW)
    orphans.book(orphan.pk, payment.pk, by=officer, reason=WHY, now=NOW)
    assert heard.back == [(payment.payable_id, Decimal("20.00"))]
    assert night(braintree).orphans == 0


def test_what_braintree_undid_itself_needs_no_decision(braintree: Braintree) -> None:
    made = stranger(braintree)
    night(braintree)
    braintree.move(made.id, "voided")
    night(braintree, after=5 * LOOKS_BACK)
    assert CardOrphan.objects.get().state == OrphanState.GONE


@pytest.mark.requirement("G3")
def test_an_accountant_decides_on_its_page_and_nobody_else(
    braintree: Braintree, person: User, officer: User, client: Client
) -> None:
    set_up(now=timezone.now())
    stranger(braintree)
    number, payment = found(braintree).pk, declined(person)
    page = reverse("admin:payments_cardorphan_change", args=[number])
    paths = [reverse(f"admin:payments_cardorphan_{name}", args=[number]) for name in ("back", "belongs", "agree")]
    officer.groups.set([Group.objects.get(name="officer")])
    client.force_login(officer)
    assert [client.post(path, {"reason": WHY}).status_code for path in paths] == [403] * 3
    give("accountant", officer, now=timezone.now())
    client.force_login(User.objects.get(pk=officer.pk))
    assert all(path in client.get(page).content.decode() for path in paths[:2])
    client.post(paths[0], {"reason": ""})
    client.post(paths[1], {"reason": WHY, "payment": "x"})
    client.post(paths[2])
    assert CardOrphan.objects.get().state == OrphanState.OPEN
    client.post(paths[1], {"reason": WHY, "payment": str(payment.pk)})
    assert CardOrphan.objects.get().state == OrphanState.BOOKED
    assert paths[0] not in client.get(page).content.decode()
