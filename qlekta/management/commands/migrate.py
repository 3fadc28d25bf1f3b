"""Django's `migrate` for a site that is in use: it queues for a lock for a moment only, and then tries again (O4)."""

import time
from collections.abc import Callable
from typing import Any, Final

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

PATIENCE: Final = "1500ms"
"""Whoever comes after a migration that waits for a lock waits behind it. More than `deadlock_timeout`, after which a
vacuum makes way."""
ATTEMPTS: Final = 40
PAUSE: Final = 1.0
_NO_LOCK: Final = "55P03"


class Command(migrate.Command):
    """What a migration that got no lock had done is rolled back; those before it stay, and the next try goes on."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError where a table stays locked for minutes."""
        connection = connections[options["database"]]
        patiently(connection, lambda: super(Command, self).handle(*args, **options))


def patiently(connection: BaseDatabaseWrapper, work: Callable[[], object], *, pause: float = PAUSE) -> None:
    """Do the work; again after a pause where a lock was not to be had, each wait at most PATIENCE long."""
    for attempt in range(1, ATTEMPTS + 1):
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [PATIENCE])
        try:
            work()
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", None) != _NO_LOCK:
                raise
            if attempt == ATTEMPTS:
                raise CommandError(
                    "A table is locked by somebody else (pg_stat_activity says who). What was migrated stays; end the"
                    " other session or wait, then migrate again."
                ) from error
            time.sleep(pause)
        else:
            return
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")
