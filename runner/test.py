"""`bin/test`: all tests on throw-away stores; with arguments, exactly the tests they name."""

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

from runner import places

# Playwright keeps an event loop in the main thread for the whole session, so the browser has a session of its own.
# Whole files go to a worker, so that what a file prepares for its tests is prepared once.
_FILES: Final = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
_SESSIONS: Final = ((*_FILES, "-m", "not browser"), ("-m", "browser"))
# The visit log in a database of its own: what is about it passes there too.
_APART: Final = (*_FILES, "tests/visits", "tests/keystone")
_NOTHING_COLLECTED: Final = 5


def main(arguments: Sequence[str]) -> int:
    """Run pytest once with the given arguments, or once for each session; returns the first failing status."""
    if arguments:
        return _pytest(arguments)
    statuses = [*(_pytest(session) for session in _SESSIONS), _pytest(_APART, QLEKTA_TEST_VISITS="apart")]
    return next((status for status in statuses if status not in (0, _NOTHING_COLLECTED)), 0)


def _pytest(arguments: Sequence[str], **environment: str) -> int:
    print(
        f"\n== pytest {' '.join((*(f'{name}={value}' for name, value in environment.items()), *arguments))}", flush=True
    )
    argv = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(argv, cwd=places.PROJECT, env={**os.environ, **environment}, check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
