"""Keeps the rows of the registers once more that a restored backup does not know of (Q10.9)."""

from datetime import datetime

from registers.remembering import KEPT, keep_again
from replay.kinds import repeats
from replay.segments import Line


@repeats(KEPT)
def keep_row_again(line: Line, /, *, now: datetime) -> bool:
    """A contract that ended, a disclosure, a request, a breach: as it was after its step."""
    return keep_again(line)
