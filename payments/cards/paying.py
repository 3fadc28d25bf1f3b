"""What a checkout page calls, in this order: `begin`, `client_token`, `take_nonce`; then `payment.state` tells.

The card's number goes from the browser to Braintree, never through the site: what comes back here is a one-time number
("nonce") for it. Who tests stolen cards finds no use in that (issue of payments: card-testing defences): a token is
only for a person who is logged in, confirmed her address and has something to pay, and tries are counted.
"""

import re
from datetime import datetime, timedelta
from typing import Final

from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from django.db import transaction
from django.db.models import Sum
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from outbox.contracts import require_contract
from outbox.gates import Standing, asking, standings
from outbox.handlers import EffectError, Waits
from outbox.services import enqueue
from payments.amounts import exact
from payments.cards.effects import CHARGE
from payments.cards.gateway import CODE, Braintree, is_configured
from payments.models.cards import CHARGED, OVER, TAKES_A_CARD, UNDERWAY, CardPayment, PaymentState
from payments.payables import Payable, teller_of

MOST_ATTEMPTS: Final = 5
"""So many cards one payment takes."""

MOST_IN_AN_HOUR: Final = 10
"""So many attempts one account may make in an hour, over all its payments."""

_NONCE: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")


class CannotPay(Exception):
    """Base of what a payment page says when it does not go on; `message` is for the person."""

    message = _("This payment is not possible.")


class NotYours(CannotPay):
    """Somebody else pays for this."""


class AlreadyPaid(CannotPay):
    """The money is there."""

    message = _("This is paid already.")


class Underway(CannotPay):
    """A card is being charged at this moment, or staff look whether it was."""

    message = _("A payment for this is being carried out. Please wait for its outcome; do not pay again.")


class NotCounted(CannotPay):
    """The person has no confirmed address."""

    message = _("Please confirm your e-mail address first.")


class TooManyTries(CannotPay):
    """The limits of the payment, the account or the address are reached."""

    message = _(
        "There were too many attempts to pay by card. Please try again in an hour or choose another way to pay."
    )


class NoNonce(CannotPay):
    """What came from the card form is nothing that Braintree makes."""

    message = _("The card form did not answer as expected. Please enter the card again.")


class CardsUnavailable(CannotPay):
    """Braintree cannot be asked now, or must not."""

    message = _("Payment by card is not possible at the moment. Please try again later or choose another way to pay.")


def is_offered(*, now: datetime) -> bool:
    """Whether a page may offer cards: there are keys, a contract in force, and Braintree is not known to be away."""
    try:
        require_contract(CODE, now=now)
    except Waits:
        return False
    return is_configured() and standings(now=now).get(CODE) is not Standing.SHUT


def payment_for(payable: Payable) -> CardPayment | None:
    """The payment by card of this thing that counts: the one that is not over, else the latest."""
    rows = CardPayment.objects.filter(payable_kind=payable.kind, payable_id=payable.id)
    found: CardPayment | None = rows.exclude(state__in=OVER).first() or rows.order_by("-began_at").first()
    return found


def begin(payable: Payable, *, payer: User, now: datetime) -> CardPayment:
    """The one payment for this thing, begun now or before; nothing leaves the site yet.

    A changed amount is taken over while no card is being charged. Look at its `state` (`payments.models.cards`):
    OPEN or DECLINED takes a card. Raises UnknownPayable, NoAmount, NotYours, Underway, AlreadyPaid.
    """
    teller_of(payable.kind)
    amount = exact(payable.amount)
    fresh = {"payer": payer, "amount": amount, "began_at": now, "changed_at": now}
    with transaction.atomic():
        wanted = {"payable_kind": payable.kind, "payable_id": payable.id}
        rows = CardPayment.objects.select_for_update(of=("self",)).exclude(state__in=OVER)
        payment: CardPayment
        payment, is_new = rows.get_or_create(**wanted, defaults=fresh)
        if is_new:
            return payment
        if payment.payer_id != payer.pk:
            raise NotYours
        if payment.amount != amount:
            _refuse_unless_open(payment)
            payment.amount, payment.changed_at = amount, now
            payment.save()
    return payment


def client_token(payment: CardPayment, person: User, *, request: HttpRequest, now: datetime) -> str:
    """What the card form in the browser needs; asks Braintree, so call it outside a transaction, and only after the
    person chose to pay by card (Q9.1). Never store or log it.

    Raises NotYours, NotCounted, Underway, AlreadyPaid, TooManyTries, CardsUnavailable.
    """
    _refuse_others(payment, person)
    _refuse_unless_open(payment)
    _refuse_too_many(payment, now=now)
    if not ratelimit.consume(request, action="card", user=person):
        raise TooManyTries
    if not is_offered(now=now):
        raise CardsUnavailable
    try:
        with asking(CODE, now=now):
            return Braintree.of_settings().client_token()
    except EffectError as trouble:
        raise CardsUnavailable from trouble


def take_nonce(payment: CardPayment, nonce: str, *, person: User, now: datetime) -> CardPayment:
    """Orders the charge with the one-time number from the card form; the outbox carries it out, usually in a second.

    A second press of the button finds Underway and charges nothing. Raises NotYours, NotCounted, NoNonce, Underway,
    AlreadyPaid, TooManyTries.
    """
    if not _NONCE.fullmatch(nonce):
        raise NoNonce
    _refuse_others(payment, person)
    with transaction.atomic():
        row: CardPayment = CardPayment.objects.select_for_update().get(pk=payment.pk)
        _refuse_unless_open(row)
        _refuse_too_many(row, now=now)
        if row.state == PaymentState.DECLINED:
            row.attempt += 1
        row.state, row.nonce, row.answer, row.keyless = PaymentState.CHARGING, nonce, "", False
        row.tried_at, row.changed_at = None, now
        row.save()
        payload: dict[str, str | int] = {"payment": str(row.pk), "attempt": row.attempt}
        enqueue(CHARGE, aggregate=f"card:{row.pk}", payload=payload, now=now, subject=person.pk)
    return row


def _refuse_others(payment: CardPayment, person: User) -> None:
    if payment.payer_id is None or payment.payer_id != person.pk or not person.is_active:
        raise NotYours
    if not EmailAddress.objects.filter(user=person, verified=True).exists():
        raise NotCounted


def _refuse_unless_open(payment: CardPayment) -> None:
    if payment.state in UNDERWAY:
        raise Underway
    if payment.state in CHARGED:
        raise AlreadyPaid
    if payment.state not in TAKES_A_CARD:
        raise CannotPay


def _refuse_too_many(payment: CardPayment, *, now: datetime) -> None:
    """Counted in rows: no cache that is away lets anybody through."""
    if payment.state == PaymentState.DECLINED and payment.attempt >= MOST_ATTEMPTS:
        raise TooManyTries
    lately = CardPayment.objects.filter(payer=payment.payer_id, tried_at__gt=now - timedelta(hours=1))
    if (lately.aggregate(times=Sum("attempt"))["times"] or 0) >= MOST_IN_AN_HOUR:
        raise TooManyTries
