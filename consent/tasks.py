"""The doorbell of the letters about a changed policy: beat rings, the rows decide."""

from celery import shared_task
from django.utils import timezone

from consent.policy_mails import write_letters


@shared_task(name="consent.write_of_changed_policy", ignore_result=True, acks_late=True)
def write_of_changed_policy() -> None:
    """Write the next letters, where a policy was changed materially and not everybody knows yet."""
    write_letters(now=timezone.now())
