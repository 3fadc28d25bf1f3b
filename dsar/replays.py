"""Keeps case numbers unique across a restore: those given since the backup are never given again."""

from datetime import datetime
from typing import Final

from django.db import connection

from replay.kinds import afterwards

AHEAD: Final = 1000
"""More cases than are filed in the life of a backup."""


@afterwards
def skip_numbers(*, now: datetime) -> None:
    """The numbers behind the backup's last one were told to people, and stand on their receipts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('dsar_case_number') FROM generate_series(1, %s)", [AHEAD])
