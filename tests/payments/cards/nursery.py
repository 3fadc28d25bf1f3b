"""A process of the site that forks a worker for each line it reads, and says its number; whoever is killed stays dead.

Its clock runs faster than ours, so that pauses of hours are over in a second.
"""

import os
import signal
import sys
import time
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NoReturn
from uuid import UUID

import django

SPEED = 3600


class Deaf:
    """Whoever is told, elsewhere."""

    def page(self, payable: UUID) -> str:
        return "/"

    def paid(self, payable: UUID, *, now: datetime) -> None: ...

    def not_paid(self, payable: UUID, *, now: datetime) -> None: ...

    def paid_back(self, payable: UUID, *, amount: Decimal, now: datetime) -> None: ...

    def accepted(self, payable: UUID, *, now: datetime) -> None: ...

    def not_paid_back(self, payable: UUID, *, now: datetime) -> None: ...


def work(begin: datetime) -> NoReturn:
    """Drain without an end."""
    from outbox.services import drain

    started = time.monotonic()
    while True:
        drain(now=begin + timedelta(seconds=(time.monotonic() - started) * SPEED), limit=20)
        time.sleep(0.01)


def main() -> None:
    django.setup()
    from django.conf import settings

    from payments import payables

    settings.BRAINTREE["TIMEOUT"] = 0.3
    payables.register("tests", Deaf())
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    begin = datetime.fromisoformat(sys.argv[1])
    for _ in sys.stdin:
        begin += timedelta(hours=1)  # who comes later finds a later clock
        pid = os.fork()
        if pid == 0:
            work(begin)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
