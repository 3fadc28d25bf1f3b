"""`bin/test`: all tests on throw-away stores; with arguments, exactly the tests they name."""

import subprocess
import sys
from collections.abc import Sequence
from typing import Final

from runner import places

# Playwright keeps an event loop in the main thread for the whole session, so the browser has a session of its own.
_SESSIONS: Final = (("-n", "2", "--dist", "loadgroup", "-m", "not browser"), ("-m", "browser"))
_NOTHING_COLLECTED: Final = 5


def main(arguments: Sequence[str]) -> int:
    """Run pytest once with the given arguments, or once for each session; returns the first failing status."""
    if arguments:
        return _pytest(arguments)
    statuses = [_pytest(session) for session in _SESSIONS]
    return next((status for status in statuses if status not in (0, _NOTHING_COLLECTED)), 0)


def _pytest(arguments: Sequence[str]) -> int:
    print(f"\n== pytest {' '.join(arguments)}", flush=True)
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=places.PROJECT, check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
