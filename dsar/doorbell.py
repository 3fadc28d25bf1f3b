"""Wakes a worker after a commit. The row is the order; a silent bell costs a minute: beat looks for work too."""

import logging
from typing import Final
from uuid import UUID

from celery import current_app
from kombu.exceptions import KombuError

log = logging.getLogger(__name__)

BUILD_PACKAGE: Final = "dsar.build_package"
EXECUTE_ERASURE: Final = "dsar.execute_erasure"
_QUEUES: Final = {BUILD_PACKAGE: "export", EXECUTE_ERASURE: "erasure"}


def ring(task: str, case_id: UUID) -> None:
    """Send the task with the id of its request; a dead broker is noted and costs no wait."""
    try:
        with current_app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=2)
            current_app.send_task(
                task, args=[str(case_id)], queue=_QUEUES[task], connection=connection, retry=False, ignore_result=True
            )
    except (KombuError, OSError) as error:
        log.warning("dsar: the doorbell is silent (%s); the scheduler will look", type(error).__name__)
