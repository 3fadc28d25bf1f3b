"""From a thing that has arrived to the money on the seller's account (policy clause 9.1)."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from audit import trail
from audit.trail import Actor
from datamap.terms import Text
from mailing.services import send
from payments.amounts import exact
from payments.models import Payout, PayoutState
from payments.payables import Payable


class PayoutRefused(Exception):
    """Nothing was changed; `message` is the sentence."""

    def __init__(self, message: Text) -> None:
        super().__init__(str(message))
        self.message = message


_SENT_ALREADY = gettext_lazy("This money has been sent already. Nothing was changed.")


@transaction.atomic
def owe(payable: Payable, seller: User | None, *, now: datetime) -> Payout:
    """Note, in the transaction in which it became so, that the seller is owed this, also one who has left; once.

    Raises NoAmount.
    """
    payout, is_new = Payout.objects.get_or_create(
        payable_kind=payable.kind,
        payable_id=payable.id,
        defaults={"user": seller, "amount": exact(payable.amount), "owed_at": now},
    )
    if is_new and seller is not None:
        with translation.override(seller.language):
            paragraphs = [_("What you sold was paid by card. Tell us to which account we send the money.")]
        _tell(payout, paragraphs, now=now)
    return payout


@transaction.atomic
def give_account(payout: Payout, iban: str) -> None:
    """The seller says where to, or corrects it, as long as the money is here. Raises PayoutRefused."""
    held = _held(payout.pk)
    held.iban, held.state = iban, PayoutState.READY
    held.save()


@transaction.atomic
def note_sent(number: UUID, *, bank_reference: str, actor: Actor, now: datetime) -> Payout:
    """An accountant has sent it: the account number goes, the number at the bank stays. Raises PayoutRefused."""
    held = _held(number)
    if held.state != PayoutState.READY:
        raise PayoutRefused(gettext_lazy("The seller has not said yet to which account. Nothing was changed."))
    held.state, held.sent_at, held.bank_reference, held.iban = PayoutState.SENT, now, bank_reference, ""
    held.save()
    details = {"payout": str(held.pk)}
    trail.record("payout.sent", actor=actor, subject=held.user_id, about=held, details=details, now=now)
    if held.user is not None:
        with translation.override(held.user.language):
            paragraphs = [_("We have sent you the money for what you sold. We no longer keep your account number.")]
        _tell(held, paragraphs, now=now)
    return held


def owed_for(kind: str, payable: UUID) -> Payout | None:
    """What is owed, or was, for one thing."""
    return Payout.objects.filter(payable_kind=kind, payable_id=payable).first()


def owed_in_all() -> Decimal:
    """What is here and belongs to sellers, in euro."""
    return sum(Payout.objects.exclude(state=PayoutState.SENT).values_list("amount", flat=True), Decimal(0))


def _held(number: UUID) -> Payout:
    payout: Payout = Payout.objects.select_for_update(of=("self",)).select_related("user").get(pk=number)
    if payout.state == PayoutState.SENT:
        raise PayoutRefused(_SENT_ALREADY)
    return payout


def _tell(payout: Payout, paragraphs: list[str], *, now: datetime) -> None:
    reader = payout.user
    if reader is None:
        return
    with translation.override(reader.language):
        context = {
            "heading": _("Money for what you sold"),
            "paragraphs": paragraphs,
            "link": reverse("payments:payout", args=[payout.pk]),
            "link_label": _("Open it"),
        }
    send(
        "notice",
        to=reader.email,
        language=reader.language,
        purpose="SERVICE",
        context=context,
        user_id=reader.pk,
        now=now,
    )
