"""Records what Escrow.com says of a payment, and tells whoever is paid, in one transaction.

Whatever rang, only an answer to a question of ours moves anything, and only upwards: so doubled, old, forged and
disordered calls all end in a harmless reading.
"""

import logging
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from mailing.services import send
from outbox.models import WAITING, Effect
from outbox.services import enqueue
from payments.amounts import CURRENCY
from payments.escrow.client import CURRENCIES, ReferenceConflict
from payments.escrow.states import RANK, state_of, was_secured
from payments.escrow.values import EscrowTx, Role
from payments.models.escrow import OVER, DealState, EscrowDeal, EscrowSide
from payments.payables import teller_of

logger = logging.getLogger(__name__)

READ: Final = "payments.escrow_read"
CANCEL: Final = "payments.escrow_cancel"
_READ_AGAIN: Final = timedelta(seconds=15)
"""So long after a reading nobody rings for another one."""


def require_ours(deal: EscrowDeal, tx: EscrowTx) -> EscrowTx:
    """The transaction, where it is the one we ordered. Raises ReferenceConflict; asked outside any transaction."""
    same = (
        tx.reference == deal.reference
        and tx.amount == deal.amount
        and tx.currency == CURRENCIES[CURRENCY]
        and deal.provider_id in {None, tx.id}
    )
    if not same:
        raise ReferenceConflict("Escrow.com has this payment on other terms than we.")
    return tx


def settle(number: UUID, tx: EscrowTx, *, now: datetime, done: str = "") -> bool:
    """Note where the payment stands; True where it has moved. `done` is the step that was carried out, if any."""
    with transaction.atomic():
        deal = EscrowDeal.objects.select_for_update().filter(pk=number).first()
        if deal is None:
            return False
        deal.read_at = now
        if deal.provider_id is None and deal.state != DealState.FAILED:
            deal.provider_id = tx.id
        if done and deal.underway == done:
            deal.underway, deal.refused = "", False
        moved = _move(deal, tx, now=now)
        deal.save()
        _note_agreements(deal, tx, now=now)
        if moved:
            _tell(deal, tx, now=now)
    return moved


def _move(deal: EscrowDeal, tx: EscrowTx, *, now: datetime) -> bool:
    state = state_of(tx)
    if RANK[state] <= RANK[DealState(deal.state)]:
        return False
    deal.state, deal.changed_at = state, now
    if state is not DealState.AGREED:
        deal.payment_page = ""
    if state in OVER:
        deal.underway = ""
    return True


def _note_agreements(deal: EscrowDeal, tx: EscrowTx, *, now: datetime) -> None:
    for role in Role:
        if tx.party(role).agreed:
            sides = EscrowSide.objects.filter(deal=deal, is_buyer=role is Role.BUYER, told_at__isnull=False)
            sides.filter(agreed_at=None).update(agreed_at=now)


def _tell(deal: EscrowDeal, tx: EscrowTx, *, now: datetime) -> None:
    """Tell what is paid for, and write to both."""
    teller = teller_of(deal.payable_kind)
    if deal.secured_at is None and was_secured(tx):
        EscrowDeal.objects.filter(pk=deal.pk).update(secured_at=now)
        deal.secured_at = now
        teller.paid(deal.payable_id, now=now)
    if deal.state in {DealState.ACCEPTED, DealState.PAID_OUT}:
        teller.accepted(deal.payable_id, now=now)
    elif deal.state == DealState.PAID_BACK:
        teller.paid_back(deal.payable_id, amount=deal.amount, now=now)
    elif deal.state == DealState.CANCELLED and deal.secured_at is None:
        teller.not_paid(deal.payable_id, now=now)
    logger.info("escrow: %s is %s", deal.pk, deal.state)
    write_to_both(deal, now=now)


def end_here(deal: EscrowDeal, state: DealState, *, now: datetime) -> None:
    """End a payment of which Escrow.com knows nothing, in the caller's transaction."""
    deal.state, deal.changed_at, deal.underway = state, now, ""
    deal.save(update_fields=["state", "changed_at", "underway"])
    teller_of(deal.payable_kind).not_paid(deal.payable_id, now=now)
    write_to_both(deal, now=now)


def write_to_both(deal: EscrowDeal, *, now: datetime) -> None:
    """A letter with the link to the payment; nobody's name stands in it, nor what is sold."""
    for reader in User.objects.filter(escrow_sides__deal=deal):
        with translation.override(reader.language):
            context = {
                "heading": _("News about a payment through Escrow.com"),
                "paragraphs": [_("It stands now: %(state)s.") % {"state": deal.get_state_display()}],
                "link": reverse("payments:escrow-deal", args=[deal.pk]),
                "link_label": _("Open the payment"),
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


def order_reading(deal: EscrowDeal, *, now: datetime) -> bool:
    """Have a payment read again; False where that cannot tell anything new, or one reading waits already."""
    if deal.provider_id is None or deal.state in {DealState.PAID_OUT, DealState.PAID_BACK, DealState.FAILED}:
        return False
    aggregate = f"escrow-read:{deal.pk}"
    if Effect.objects.filter(aggregate=aggregate, state__in=WAITING).exists():
        return False
    not_before = now if deal.read_at is None else max(now, deal.read_at + _READ_AGAIN)
    with transaction.atomic():
        enqueue(READ, aggregate=aggregate, payload={"deal": str(deal.pk)}, now=now, not_before=not_before)
    return True
