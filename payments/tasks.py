"""The scheduler's way into the comparisons with those who move money."""

from celery import shared_task
from django.utils import timezone

from payments.cards.reconciling import reconcile as reconcile_cards
from payments.escrow.reconciling import reconcile as reconcile_escrow


@shared_task(name="payments.reconcile_escrow", ignore_result=True, acks_late=True)
def reconcile_escrow_hourly() -> None:
    """One reading of all payments at Escrow.com that are not over."""
    reconcile_escrow(now=timezone.now())


@shared_task(name="payments.reconcile_cards", ignore_result=True, acks_late=True)
def reconcile_cards_nightly() -> None:
    """One comparison of our record with Braintree's."""
    reconcile_cards(now=timezone.now())
