"""A web process of its own, as the site runs it: gunicorn on a free port of this machine."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from runner import children, places, supervise


@contextmanager
def serving(environment: Mapping[str, str]) -> Iterator[tuple[int, children.Child]]:
    """Its port, which listens before gunicorn is up, and the process itself; ended with the block."""
    listener = supervise.listen(0)
    child = children.spawn(
        "web",
        [sys.executable, "-E", "-m", *supervise.WEB, "--bind", f"fd://{listener.fileno()}"],
        env=dict(environment),
        output=subprocess.DEVNULL,
        cwd=places.PROJECT,
        pass_fds=(listener.fileno(),),
    )
    try:
        yield int(listener.getsockname()[1]), child
    finally:
        children.stop(child)
        listener.close()
