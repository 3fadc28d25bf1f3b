"""The task behind the doorbell; it carries no arguments, the rows say what is due."""

from celery import shared_task
from django.utils import timezone

from outbox.doorbell import DRAIN_TASK
from outbox.services import drain


@shared_task(name=DRAIN_TASK, acks_late=True, ignore_result=True)
def drain_outbox() -> None:
    """Carries out what is due now."""
    drain(now=timezone.now())
