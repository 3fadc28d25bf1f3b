"""Objections and stops stand again after a restore, and no case number that was told is given again (Q10.9)."""

from datetime import datetime
from typing import Final

from django.db import connection

from dsar.remembering import CAUTIONED, OBJECTED, caution_again, object_again
from replay.kinds import afterwards, repeats
from replay.segments import Line

AHEAD: Final = 1000
"""More cases than are filed in the life of a backup."""


@afterwards
def skip_numbers(*, now: datetime) -> None:
    """The numbers behind the backup's last one were told to people, and stand on their receipts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('dsar_case_number') FROM generate_series(1, %s)", [AHEAD])


@repeats(OBJECTED)
def stand_against_it_again(line: Line, /, *, now: datetime) -> bool:
    """What was stopped on legitimate interests stays stopped until two people overrule it."""
    return object_again(line, now=now)


@repeats(CAUTIONED)
def stop_again(line: Line, /, *, now: datetime) -> bool:
    """Before anything is handed out or erased that an older address has stopped."""
    return caution_again(line, now=now)
