"""Between the request and the database: a bounded queue in the process and one thread that drains it by `COPY`.

A request pays for one append. What may be lost: the last second at `kill -9`, the oldest hits when the queue is full,
and what no longer fits into the spool while PostgreSQL is away; all three but the first are counted. Reports of
browsers never lie in a file: while nobody can say whether their consent still holds, they wait in memory.
"""

import atexit
import logging
import os
import threading
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connections
from django.utils import timezone

from visits import spool
from visits.hits import Hit, line_of
from visits.objections import wanted, wanted_lines
from visits.queries import begins_after
from visits.storage import store
from visits.uses import Use, store_uses

QUEUE_LENGTH: Final = 20_000
USES_LENGTH: Final = 5_000
BATCH: Final = 1000
INTERVAL_SECONDS: Final = 1.0
_PATIENCE_AT_EXIT: Final = 5.0

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Counts:
    """The metric of one process since its start: waiting now, written, spooled, dropped when full, lost for good.

    The same of browsers' reports; those that came without a consent that holds count as dropped.
    """

    depth: int = 0
    written: int = 0
    spooled: int = 0
    dropped: int = 0
    lost: int = 0
    uses: int = 0
    uses_written: int = 0
    uses_dropped: int = 0


class Buffer:
    """The queue of one process. A forked child begins with an empty one and starts its own thread at its first hit."""

    def __init__(self, *, length: int = QUEUE_LENGTH) -> None:
        self.length = length
        self.begin()

    def begin(self) -> None:
        """Forgets everything: at the start, and in a child that must not write its parent's hits again."""
        self._hits: deque[Hit] = deque()
        self._uses: deque[Use] = deque()
        self._counts = Counts()
        self._guard = threading.Lock()
        self._drain = threading.Lock()
        self._wake = threading.Event()
        self._closing = False
        self._thread: threading.Thread | None = None

    @property
    def counts(self) -> Counts:
        """A copy of the metric."""
        return replace(self._counts, depth=len(self._hits), uses=len(self._uses))

    def record(self, hit: Hit) -> None:
        """Takes one hit; never waits for anything but another append. When full, the oldest hit goes."""
        with self._guard:
            if len(self._hits) >= self.length:
                self._hits.popleft()
                self._counts.dropped += 1
            self._hits.append(hit)
        if len(self._hits) >= BATCH:
            self._wake.set()
        if self._thread is None and not self._closing:
            self._start()

    def record_uses(self, uses: Iterable[Use]) -> None:
        """Takes reports of browsers into a queue of their own, so that no flood of them can push a visit out."""
        with self._guard:
            for use in uses:
                if len(self._uses) >= USES_LENGTH:
                    self._uses.popleft()
                    self._counts.uses_dropped += 1
                self._uses.append(use)
        if self._thread is None and not self._closing:
            self._start()

    def flush_now(self, *, now: datetime) -> int:
        """Drains the queue and then the spool in the calling thread; returns how many hits left the queue."""
        taken, is_away = 0, False
        with self._drain:
            _renew_connections()
            while hits := self._take():
                taken += len(hits)
                lines = self._lines(wanted(hits))
                is_away = is_away or not self._write(lines)
                if is_away:
                    self._spool(lines)
            if not is_away and not spool.is_empty():
                self._replay(now)
            if not is_away:
                self._drain_uses(now)
        return taken

    def close(self) -> None:
        """Ends the thread and writes what is left; called at the end of a worker, also after SIGTERM."""
        self._closing = True
        self._wake.set()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(_PATIENCE_AT_EXIT)
        if self._hits or self._uses:
            self.flush_now(now=timezone.now())

    def _start(self) -> None:
        if not getattr(settings, "VISITS_DRAIN_THREAD", True):
            return
        with self._guard:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="visits-drain", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while not self._closing:
            self._wake.wait(INTERVAL_SECONDS)
            self._wake.clear()
            try:
                self.flush_now(now=timezone.now())
            except Exception as error:  # noqa: BLE001 - the thread must outlive whatever one batch brings
                log.error("visits drain failed: %s", type(error).__name__)  # noqa: TRY400 - values stand in a traceback
        connections.close_all()

    def _take(self) -> list[Hit]:
        with self._guard:
            return [self._hits.popleft() for _ in range(min(BATCH, len(self._hits)))]

    def _drain_uses(self, now: datetime) -> None:
        while uses := self._take_uses():
            written = 0
            try:
                written = store_uses(uses, now=now)
            except (OperationalError, InterfaceError):
                with self._guard:
                    self._uses.extendleft(reversed(uses))
                return
            except DatabaseError as error:
                log.error("page uses lost: %d, %s", len(uses), type(error).__name__)  # noqa: TRY400 - values
            self._counts.uses_written += written
            self._counts.uses_dropped += len(uses) - written

    def _take_uses(self) -> list[Use]:
        with self._guard:
            return [self._uses.popleft() for _ in range(min(BATCH, len(self._uses)))]

    def _write(self, lines: list[str]) -> bool:
        """False when PostgreSQL is away."""
        try:
            _renew_connections()
            self._store(lines)
        except (OperationalError, InterfaceError):
            return False
        return True

    def _store(self, lines: Sequence[str]) -> None:
        try:
            store(lines)
        except OperationalError:
            raise
        except DatabaseError as error:
            # Refused lines would be refused again: kept, they would stop all that wait behind them.
            self._lose(len(lines), error)
        else:
            self._counts.written += len(lines)

    def _spool(self, lines: list[str]) -> None:
        try:
            kept = spool.append(lines)
        except OSError as error:
            kept = 0
            log.error("visits spool failed: %s", type(error).__name__)  # noqa: TRY400 - ids and counts only
        self._counts.spooled += kept
        self._lose(len(lines) - kept, OSError())

    def _lines(self, hits: list[Hit]) -> list[str]:
        lines = []
        for hit in hits:
            try:
                lines.append(line_of(hit))
            except Exception as error:  # noqa: BLE001 - one unreadable hit must not take a batch with it
                self._lose(1, error)
        return lines

    def _replay(self, now: datetime) -> None:
        # What has come of age while it waited is forgotten, not written.
        since = begins_after(now=now)
        try:
            spool.replay(lambda lines: self._store(wanted_lines(lines)), since=since, batch=BATCH)
        except (OperationalError, InterfaceError) as error:
            log.warning("visits spool waits: %s", type(error).__name__)

    def _lose(self, count: int, error: Exception) -> None:
        if count:
            self._counts.lost += count
            log.error("visits lost: %d, %s", count, type(error).__name__)


def _renew_connections() -> None:
    """Gives up those of this thread that broke or are too old: of the log's database, and of the one that is asked
    who objected."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


BUFFER: Final = Buffer()
os.register_at_fork(after_in_child=BUFFER.begin)
atexit.register(BUFFER.close)


def flush_now(*, now: datetime) -> int:
    """Drains this process's queue in the calling thread: for tests, and for a server's exit hook."""
    return BUFFER.flush_now(now=now)
