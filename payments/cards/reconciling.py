"""Every night our record is compared with Braintree's, both ways (Art. 5(1)(d)): charges, refunds, disputes."""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from datamap.catalogue import length_of
from outbox.gates import asking
from outbox.handlers import EffectError
from payments.cards import disputes_there, disputing
from payments.cards.disputing import remind
from payments.cards.gateway import CODE, Braintree, Charge, NotHere, is_configured
from payments.cards.merging import merge
from payments.cards.orphans import follow, note
from payments.cards.recording import is_taken
from payments.cards.refunding import failed
from payments.cards.telling import tell_of_orphans
from payments.models import CardDispute
from payments.models.cards import CardNotice, CardPayment, CardReconciliation, CardRefund, PaymentState, RefundState
from payments.models.orphans import UNDECIDED, CardOrphan

logger = logging.getLogger(__name__)

LOOKS_BACK: Final = length_of("CARDS_COMPARED")
_SETTLES: Final = timedelta(hours=1)
"""What is younger may be on its way."""

_RUNNING: Final = ("open", "under_review", "disputed")
_ENDS: Final = ("settled", "voided")
_MOST: Final = 500
"""Payments, and refunds, read again in one night; the oldest first."""


def reconcile(*, now: datetime) -> CardReconciliation | None:
    """Compare once, and keep the counts; None where no cards are taken.

    What only Braintree knows is an orphan: money that no payment knows, kept for staff to decide. What we had not
    heard of is taken over. What only we know is missing.
    """
    if not is_configured():
        return None
    run, unknown = CardReconciliation(at=now), list[Charge]()
    try:
        with asking(CODE, now=now):
            there = Braintree.of_settings().created(now - LOOKS_BACK, now)
        unknown = _compare(run, there, now=now)
        _compare_disputes(now=now)
    except EffectError as trouble:
        run.error = trouble.sentence[:200]
    run.unclear = CardPayment.objects.filter(state=PaymentState.UNCLEAR).count()
    run.unclear += CardRefund.objects.filter(state=RefundState.UNCLEAR).count()
    run.disputed = CardPayment.objects.exclude(dispute="").count()
    run.failed = failed().count()
    run.save(force_insert=True)
    _keep(unknown, run, now=now)
    remind(now=now)
    CardNotice.objects.filter(at__lt=now - LOOKS_BACK).delete()
    level = logging.ERROR if run.orphans or run.missing else logging.INFO
    logger.log(level, "payments.cards_reconciled", extra={"orphans": run.orphans, "missing": run.missing})
    return run


def _compare(run: CardReconciliation, there: list[Charge], *, now: datetime) -> list[Charge]:
    """Count and take over; what belongs to nothing we know is handed back."""
    known, found = _recorded(), list[Charge]()
    for charge in there:
        counts = charge.refund_of or is_taken(charge) or charge.id in known
        if not counts or (charge.created_at is not None and charge.created_at > now - _SETTLES):
            continue
        run.charges += 1
        if not merge(charge, now=now):
            run.orphans += 1
            found.append(charge)
        elif charge.id not in known:
            run.taken_over += 1
    for number in _not_over(now):
        _follow(number, now=now)
    seen = {charge.id for charge in there}
    ours = CardPayment.objects.filter(paid_at__gt=now - LOOKS_BACK + _SETTLES, paid_at__lte=now - _SETTLES)
    back = CardRefund.objects.filter(done_at__gt=now - LOOKS_BACK + _SETTLES, done_at__lte=now - _SETTLES)
    for row in [*ours.values_list("transaction_id", "began_at"), *back.values_list("transaction_id", "decided_at")]:
        run.missing += row[0] not in seen and not _is_there(row[0], now=now)
    return found


def _compare_disputes(*, now: datetime) -> None:
    """Those that wait for an answer there, and those of ours that may have come to their end since."""
    with asking(CODE, now=now):
        waiting = disputes_there.still_open()
    running = CardDispute.objects.filter(status__in=_RUNNING).exclude(number__in=[one.number for one in waiting])
    for number in running.values_list("number", flat=True)[:_MOST]:
        try:
            with asking(CODE, now=now):
                waiting.append(disputes_there.find(number))
        except NotHere:
            continue
    for one in waiting:
        disputing.note(one, now=now)


@transaction.atomic
def _keep(unknown: list[Charge], run: CardReconciliation, *, now: datetime) -> None:
    """Each is on record once, whatever night finds it again; whoever decides about it has one letter for all."""
    if fresh := [charge for charge in unknown if note(charge, run, now=now)]:
        tell_of_orphans(len(fresh), now=now)


def _not_over(now: datetime) -> list[str]:
    """What is older than the search looks and has not come to its end there: the call about it may be lost."""
    older = now - LOOKS_BACK + _SETTLES
    charged = CardPayment.objects.filter(state=PaymentState.PAID, paid_at__lte=older).order_by("changed_at")
    orphans = CardOrphan.objects.filter(state__in=UNDECIDED, refund_of="").order_by("found_at")
    back = CardRefund.objects.filter(state=RefundState.DONE, done_at__lte=older).exclude(status__in=_ENDS)
    rows = (charged, back.order_by("done_at"), orphans)
    return [number for found in rows for number in found.values_list("transaction_id", flat=True)[:_MOST]]


def _follow(number: str, *, now: datetime) -> None:
    """Read one transaction again, and take over what it says."""
    try:
        with asking(CODE, now=now):
            found = Braintree.of_settings().find(number)
    except NotHere:
        return
    if not merge(found, now=now):
        follow(found)


def _recorded() -> set[str]:
    rows = [CardPayment.objects.exclude(transaction_id=""), CardRefund.objects.exclude(transaction_id="")]
    return {number for found in rows for number in found.values_list("transaction_id", flat=True)}


def _is_there(number: str, *, now: datetime) -> bool:
    """The search may lag, and a void is as old as its charge: each is asked for by its number before it is missed."""
    try:
        with asking(CODE, now=now):
            return bool(Braintree.of_settings().find(number))
    except EffectError:
        return False
