"""The scheduler's ways into the visit log."""

from celery import shared_task
from django.utils import timezone

from visits.partitions import make_partitions
from visits.statistics import count_days


@shared_task(name="visits.make_partitions", ignore_result=True)
def make_partitions_ahead() -> None:
    """Makes the days of the coming week."""
    make_partitions(now=timezone.now())


@shared_task(name="visits.count_days", ignore_result=True)
def count_finished_days() -> None:
    """Counts the days that are over, long before the purge takes them."""
    count_days(now=timezone.now())
