"""Wakes a worker for a campaign or a list; a silent bell costs seconds, beat looks for what is under way too."""

from typing import Final

from outbox.doorbell import doorbell

RUN_CAMPAIGNS: Final = "newsletters.run_campaigns"
READ_LISTS: Final = "newsletters.read_lists"


def ring_campaigns() -> None:
    """Without ids: the rows say which campaigns run."""
    doorbell.ring(RUN_CAMPAIGNS)


def ring_imports() -> None:
    """Without ids: the rows say which lists are to be read."""
    doorbell.ring(READ_LISTS)
