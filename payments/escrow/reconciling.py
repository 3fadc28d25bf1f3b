"""Every hour all payments that are not over are read again: a call that never came loses nothing (Art. 5(1)(d))."""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from outbox.gates import asking, standings
from outbox.handlers import EffectError, Permanent
from payments.accountants import write_to_accountants
from payments.escrow.client import CODE, Escrow, is_open
from payments.escrow.effects import note_account
from payments.escrow.settling import require_ours, settle
from payments.escrow.values import EscrowTx, NoSuchTransaction, ProviderContractError
from payments.models.escrow import (
    OVER,
    AccountState,
    DealState,
    EscrowAccount,
    EscrowDeal,
    EscrowReconciliation,
    EscrowStranger,
    Oddity,
)

logger = logging.getLogger(__name__)

STUCK_AFTER: Final = timedelta(hours=1)
_MOST: Final = 1000
"""Rows of one run; those read longest ago come first, so the next run goes on."""


def reconcile(*, now: datetime) -> EscrowReconciliation | None:
    """Read once, and keep the counts; None where the site has no account there. A service that does not answer ends the
    run: the next one begins with what this one left."""
    if not is_open():
        return None
    run = EscrowReconciliation(at=now)
    if CODE in standings(now=now):
        run.error = "The gate to Escrow.com is shut."
    else:
        try:
            _read_deals(run, now=now)
            _read_accounts(run, now=now)
            _look_for_strangers(run, now=now)
        except EffectError as trouble:
            run.error = trouble.sentence[:200]
    run.stuck = EscrowDeal.objects.filter(_stuck(now)).count()
    run.save(force_insert=True)
    logger.info("escrow.reconciled", extra={"open": run.open, "moved": run.moved, "stuck": run.stuck, "odd": run.odd})
    return run


def _stuck(now: datetime) -> Q:
    """Something was pressed long ago and is not carried out: the outbox says why."""
    waits = Q(state=DealState.ORDERED) | ~Q(underway="")
    return waits & ~Q(state__in=OVER) & Q(changed_at__lt=now - STUCK_AFTER)


def _read_deals(run: EscrowReconciliation, *, now: datetime) -> None:
    over = [state for state in OVER if state != DealState.CANCELLED]
    # A cancelled payment is over when the money that was held is back.
    awaited = ~Q(state__in=over) & ~Q(state=DealState.CANCELLED, secured_at=None) & ~Q(state=DealState.PROPOSED)
    for deal in EscrowDeal.objects.filter(awaited).order_by("read_at", "pk")[:_MOST]:
        run.open += 1
        try:
            tx = _asked(deal, now=now)
        except (Permanent, ProviderContractError) as trouble:
            _note_odd(run, deal, trouble, now=now)
            continue
        if tx is None:
            continue
        EscrowDeal.objects.filter(pk=deal.pk).exclude(oddity="").update(oddity="")
        run.found += deal.provider_id is None
        run.moved += settle(deal.pk, tx, now=now)


def _note_odd(run: EscrowReconciliation, deal: EscrowDeal, trouble: EffectError, *, now: datetime) -> None:
    """Nothing is concluded from it but that somebody must look; who does is written to once."""
    is_missing = isinstance(trouble, NoSuchTransaction)
    run.missing += is_missing
    run.odd += not is_missing
    found = Oddity.MISSING if is_missing else Oddity.OTHERWISE
    logger.error("escrow: %s is not there as we know it: %s", deal.pk, trouble.sentence)
    with transaction.atomic():
        EscrowDeal.objects.filter(pk=deal.pk).update(read_at=now, oddity=found)
        if deal.oddity != found:
            write_to_accountants(
                _("A payment through Escrow.com is not as we know it"),
                [format_lazy("{}: {}", str(deal.pk), found.label)],
                link=reverse("admin:payments_escrowdeal_change", args=[deal.pk]),
                now=now,
            )


def _look_for_strangers(run: EscrowReconciliation, *, now: datetime) -> None:
    """What goes on there in our name without a payment of ours: two people may wait for each other."""
    with asking(CODE, now=now):
        there = list(Escrow.of_settings().going_on())
    ours = EscrowDeal.objects.filter(provider_id__in=[one.id for one in there])
    numbers = set(ours.values_list("provider_id", flat=True))
    # What was just ordered has no number here yet; the reading above, or the next one, gives it.
    ordered = EscrowDeal.objects.filter(provider_id=None, reference__in=[one.reference for one in there])
    references = set(ordered.values_list("reference", flat=True))
    strangers = {one.id for one in there if one.id not in numbers and one.reference not in references}
    run.strangers = len(strangers)
    with transaction.atomic():
        EscrowStranger.objects.exclude(number__in=strangers).delete()
        fresh = strangers - set(EscrowStranger.objects.values_list("number", flat=True))
        EscrowStranger.objects.bulk_create(EscrowStranger(number=number, found_at=now) for number in sorted(fresh))
        if fresh:
            write_to_accountants(
                _("Unknown transactions at Escrow.com"),
                [_("Escrow.com has transactions in our name that no payment here knows. Look at them there.")],
                link=reverse("admin:payments_escrowstranger_changelist"),
                now=now,
            )


def _asked(deal: EscrowDeal, *, now: datetime) -> EscrowTx | None:
    service = Escrow.of_settings()
    with asking(CODE, now=now):
        if deal.provider_id is None:
            found = service.by_reference(deal.reference)
            return None if found is None else require_ours(deal, found)
        return require_ours(deal, service.get(deal.provider_id))


def _read_accounts(run: EscrowReconciliation, *, now: datetime) -> None:
    waiting = EscrowAccount.objects.filter(state__in=[AccountState.PENDING, AccountState.OPEN]).select_related("user")
    for account in waiting.order_by("read_at", "pk")[:_MOST]:
        with asking(CODE, now=now):
            known = Escrow.of_settings().customer(account.user.email)
        run.accounts += note_account(account.pk, known, now=now)
