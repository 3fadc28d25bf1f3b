"""Wakes the worker after a commit. The row is the order, the bell only saves waiting: a silent one does no harm."""

import logging
from collections.abc import Sequence
from time import monotonic
from typing import Final

from celery import current_app
from kombu.exceptions import KombuError

logger = logging.getLogger(__name__)

DRAIN_TASK: Final = "outbox.drain"
# Without its own bounds a dead broker would hold the request that rings for as long as the worker's settings allow.
_IMPATIENT: Final = {
    "socket_connect_timeout": 0.3,
    "socket_timeout": 0.3,
    "retry_on_timeout": False,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "connect_retries_timeout": 0.5,
}


_QUIET_AFTER_SILENCE: Final = 5.0


class Doorbell:
    """Remembers for some seconds that nobody answered, so that a dead broker costs the first request only."""

    def __init__(self) -> None:
        self.quiet_until = 0.0

    def ring(self, task: str = DRAIN_TASK, *, args: Sequence[str] = (), queue: str | None = None) -> None:
        """Sends a task with ids alone as its arguments; without a queue it goes where the worker's settings say."""
        if monotonic() < self.quiet_until:
            return
        try:
            with current_app.connection_for_write(transport_options=_IMPATIENT) as connection:
                current_app.send_task(
                    task, args=list(args), queue=queue, connection=connection, retry=False, ignore_result=True
                )
        except (KombuError, OSError) as error:
            self.quiet_until = monotonic() + _QUIET_AFTER_SILENCE
            logger.warning("outbox: the doorbell is silent (%s); the scheduler will drain", type(error).__name__)


doorbell: Final = Doorbell()


def ring() -> None:
    """Wakes the worker; a dead broker is noted in the log and costs a moment, since the scheduler drains anyway."""
    doorbell.ring()
