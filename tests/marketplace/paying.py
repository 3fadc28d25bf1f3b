"""Orders paid by card: the steps of the two, and the payment as the answer of Braintree leaves it."""

from django.utils import timezone

from accounts.models import User
from marketplace.models import Order
from marketplace.ordering import STEPS, seen_by, take
from marketplace.payables import OrderMoney
from payments.cards.paying import begin
from payments.models import CardPayment
from payments.models.cards import PaymentState


def pay(order: Order, person: User) -> CardPayment:
    now = timezone.now()
    payment = begin(order.payable, payer=person, now=now)
    CardPayment.objects.filter(pk=payment.pk).update(
        state=PaymentState.PAID, transaction_id=payment.pk.hex[:8], status="submitted_for_settlement", paid_at=now
    )
    OrderMoney().paid(order.pk, now=now)
    return payment


def step(who: User, order: Order, name: str) -> None:
    shown = seen_by(who, Order.objects.get(pk=order.pk))
    assert shown is not None
    take(shown, STEPS[name], now=timezone.now())
