"""Wakes a worker when a campaign starts or goes on; a silent bell costs seconds, beat looks for running ones too."""

from typing import Final

from outbox.doorbell import doorbell

RUN_CAMPAIGNS: Final = "newsletters.run_campaigns"


def ring_campaigns() -> None:
    """Without ids: the rows say which campaigns run."""
    doorbell.ring(RUN_CAMPAIGNS)
