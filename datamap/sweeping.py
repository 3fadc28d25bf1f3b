"""What one sweep over one table counted."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SweepCounts:
    """Rows due, deleted, held back and failed; `oldest_at` is the start of the oldest row that remains."""

    due: int = 0
    deleted: int = 0
    held: int = 0
    failed: int = 0
    oldest_at: datetime | None = None
