"""The worker's part of a campaign: it goes on with whatever runs, for a while, and beat calls it again."""

from typing import Final

from celery import shared_task
from django.utils import timezone

from newsletters.campaigns import advance, running
from newsletters.doorbell import RUN_CAMPAIGNS
from newsletters.progress import settle_ended

MOST_PARTS: Final = 200
"""So many parts of one campaign in one go: a worker must not be lost to other work for long."""


@shared_task(name=RUN_CAMPAIGNS, acks_late=True, ignore_result=True)
def run_campaigns() -> None:
    """Take each running campaign some parts further, and note the result of those that have ended."""
    for campaign_id in running():
        for _turn in range(MOST_PARTS):
            if not advance(campaign_id, now=timezone.now()):
                break
    settle_ended()
