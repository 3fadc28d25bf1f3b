"""The scheduler's ways into the visit log."""

from celery import shared_task
from django.utils import timezone

from visits.partitions import make_partitions


@shared_task(name="visits.make_partitions", ignore_result=True)
def make_partitions_ahead() -> None:
    """Makes the days of the coming week."""
    make_partitions(now=timezone.now())
