"""Prints what the children say, one prefixed line at a time, and never lets them wait for a dead terminal."""

import contextlib
import os
import sys
import threading
from typing import Final

_WIDTH: Final = 8


def say(line: str = "") -> None:
    """Print a line; a terminal that is gone is no reason to stop."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def voice(name: str) -> int:
    """Return a descriptor for a child to write to; the caller closes it once the child has it."""
    reading, writing = os.pipe()
    threading.Thread(target=_repeat, args=(name, reading), daemon=True).start()
    return writing


def _repeat(name: str, reading: int) -> None:
    with os.fdopen(reading, "r", encoding="utf-8", errors="replace") as lines:
        for line in lines:
            say(f"{name:<{_WIDTH}}| {line.rstrip()}")
