"""Wakes the worker after a commit. The row is the order, the bell only saves waiting: a silent one does no harm."""

import logging
from typing import Final

from celery import current_app
from kombu.exceptions import KombuError

logger = logging.getLogger(__name__)

DRAIN_TASK: Final = "outbox.drain"


def ring() -> None:
    """Wakes the worker; a dead broker is noted in the log and costs no wait, since the scheduler drains anyway."""
    try:
        with current_app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=2)
            current_app.send_task(DRAIN_TASK, connection=connection, retry=False, ignore_result=True)
    except (KombuError, OSError) as error:
        logger.warning("outbox: the doorbell is silent (%s); the scheduler will drain", type(error).__name__)
