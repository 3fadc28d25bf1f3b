"""Every night our record is compared with that of the mail service, in both directions (Art. 5(1)(d), 21(3))."""

import logging
from datetime import datetime, timedelta
from typing import Final

from datamap.catalogue import length_of
from mailing.delivery import carrier
from mailing.mailgun import LISTS, Mailgun
from mailing.models import OutgoingMessage, Reconciliation, State
from mailing.processor import CODE
from mailing.services import is_suppressed, suppress
from outbox.handlers import EffectError

logger = logging.getLogger(__name__)

LOOKS_BACK: Final = length_of("MAIL_COMPARED")
_SETTLES: Final = timedelta(hours=1)


def reconcile(*, now: datetime) -> Reconciliation | None:
    """Compare once, and keep the counts; None where another carrier takes our letters.

    Who stands on a list of the mail service gets no advertising from us either: she refused it there, complained, or
    cannot be reached. Letters that only one side knows are counted, for staff to look at.
    """
    if carrier() != CODE:
        return None
    run, service = Reconciliation(at=now), Mailgun.of_settings()
    try:
        _lists(run, service, now=now)
        _letters(run, service, now=now)
    except EffectError as trouble:
        run.error = trouble.sentence[:200]
    run.save(force_insert=True)
    logger.info("mailing.reconciled", extra={"added": run.added, "missing": run.missing, "unasked": run.unasked})
    return run


def _lists(run: Reconciliation, service: Mailgun, *, now: datetime) -> None:
    for name in LISTS:
        for address in service.listed(name):
            run.listed += 1
            if not is_suppressed(address):
                suppress(address, reason=f"mailgun {name}", now=now)
                run.added += 1


def _letters(run: Reconciliation, service: Mailgun, *, now: datetime) -> None:
    """What it took since the day before yesterday; the youngest letters may not stand in its log yet."""
    logged = set(service.numbers(since=now - LOOKS_BACK))
    run.logged = len(logged)
    ours = OutgoingMessage.objects.filter(
        handed_to=CODE, state=State.SENT, handed_over_at__gt=now - LOOKS_BACK, handed_over_at__lte=now - _SETTLES
    )
    run.missing = sum(str(number) not in logged for number in ours.values_list("pk", flat=True).iterator())
    unsent = OutgoingMessage.objects.filter(state__in=[State.QUEUED, State.FAILED]).values_list("pk", flat=True)
    run.unasked = sum(str(number) in logged for number in unsent.iterator())
