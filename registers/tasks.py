"""The doorbell of the registers: beat rings, the rows decide."""

from celery import shared_task
from django.utils import timezone

from registers.watch import watch


@shared_task(name="registers.watch", ignore_result=True, acks_late=True)
def watch_registers() -> None:
    """One round: versions, reminders, alarms."""
    watch(now=timezone.now())
