"""Wakes a worker after a commit. The row is the order; a silent bell costs a minute: beat looks for work too."""

from typing import Final
from uuid import UUID

from outbox.doorbell import doorbell

BUILD_PACKAGE: Final = "dsar.build_package"
EXECUTE_ERASURE: Final = "dsar.execute_erasure"
TAKE_SNAPSHOT: Final = "dsar.take_snapshot"
END_ADVERTISING: Final = "dsar.end_advertising"
_QUEUES: Final = {
    BUILD_PACKAGE: "export",
    EXECUTE_ERASURE: "erasure",
    TAKE_SNAPSHOT: "export",
    END_ADVERTISING: "erasure",
}


def ring(task: str, case_id: UUID) -> None:
    """Send the task with the id of its request, and nothing else."""
    doorbell.ring(task, args=[str(case_id)], queue=_QUEUES[task])
