"""An alarm when browsers send cookies that nobody declared: something on the pages sets what the notice does not name.

Names only, with what could be somebody's taken out of them; each once a day and process, a bounded number of them.
"""

import logging
import re
from collections.abc import Iterable
from datetime import date
from threading import Lock
from typing import Final

MOST_NAMES: Final = 50
"""Whoever sends invented names fills the log with no more than these."""

_KEYLIKE: Final = re.compile(r"[0-9a-f]{8,}|[0-9]+", re.IGNORECASE)
_NAME: Final = re.compile(r"[\w.*-]{1,40}", re.ASCII)
_OTHER: Final = "(a name of another form)"

logger = logging.getLogger(__name__)


class Drift:
    """The names that were reported on one day."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._day = date.min
        self._seen: set[str] = set()

    def note(self, names: Iterable[str], *, day: date) -> None:
        """Report those that were not yet reported on this day."""
        for name in {_without_people(name) for name in names}:
            if self._is_new(name, day):
                logger.error("browsers send a cookie that no cookies.py declares: %s", name)

    def _is_new(self, name: str, day: date) -> bool:
        with self._lock:
            if day != self._day:
                self._day, self._seen = day, set()
            if name in self._seen or len(self._seen) >= MOST_NAMES:
                return False
            self._seen.add(name)
            return True


def _without_people(name: str) -> str:
    """Numbers and keys in a name may be somebody's."""
    bare = _KEYLIKE.sub("*", name)
    return bare if _NAME.fullmatch(bare) else _OTHER


DRIFT: Final = Drift()
