"""The scheduler's way into the comparison with the mail service."""

from celery import shared_task
from django.utils import timezone

from mailing.reconciling import reconcile


@shared_task(name="mailing.reconcile", ignore_result=True, acks_late=True)
def reconcile_nightly() -> None:
    """One comparison of both records."""
    reconcile(now=timezone.now())
