"""What the journal says of itself: it was begun."""

from datetime import datetime

from replay.journal import BEGUN
from replay.kinds import repeats
from replay.segments import Line


@repeats(BEGUN)
def begun(line: Line, /, *, now: datetime) -> bool:
    """Nothing to do: the line only makes every journal begin with one."""
    return False
