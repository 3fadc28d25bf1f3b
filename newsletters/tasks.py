"""The worker's part of campaigns and lists: it goes on with what is under way, for a while; beat calls it again."""

from typing import Final

from celery import shared_task
from django.utils import timezone

from newsletters.campaigns import advance, running
from newsletters.doorbell import READ_LISTS, RUN_CAMPAIGNS
from newsletters.importing import Reader
from newsletters.lists import waiting
from newsletters.progress import settle_ended

MOST_PARTS: Final = 200
"""So many parts of one campaign or list in one go: a worker must not be lost to other work for long."""


@shared_task(name=RUN_CAMPAIGNS, acks_late=True, ignore_result=True)
def run_campaigns() -> None:
    """Take each running campaign some parts further, and note the result of those that have ended."""
    for campaign_id in running():
        for _turn in range(MOST_PARTS):
            if not advance(campaign_id, now=timezone.now()):
                break
    settle_ended()


@shared_task(name=READ_LISTS, acks_late=True, ignore_result=True)
def read_lists() -> None:
    """Read each list some parts further."""
    for list_id in waiting():
        reader = Reader(list_id)
        for _turn in range(MOST_PARTS):
            if not reader.advance(now=timezone.now()):
                break
