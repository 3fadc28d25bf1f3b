"""The worker's part of the profile: once a day it is computed anew, or ended (Q7.5)."""

from celery import shared_task
from django.utils import timezone

from profiling.refreshing import refresh


@shared_task(name="profiling.refresh", acks_late=True, ignore_result=True)
def refresh_profiles() -> None:
    """Compute every profile that is a day old."""
    refresh(now=timezone.now())
