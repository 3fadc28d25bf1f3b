"""A real Celery worker on the test's own database and queues, for tests of what only a worker shows."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from runner import children
from runner.supervise import WORKER

_START_PATIENCE: Final = 60.0


@pytest.fixture
def celery_worker_process(transactional_db: None, tmp_path: Path) -> Iterator[children.Child]:
    """Start a worker as the site's role for one test; with a longer life it would do the work of other tests.

    What earlier tests of this lane rang for is forgotten first: some hundred bells would keep it busy for too long.
    """
    from qlekta.celery import app

    app.control.purge()
    log = tmp_path / "worker.log"
    argv = [sys.executable, "-m", *WORKER, "--without-mingle", "--without-gossip"]
    with log.open("wb") as output:
        worker = children.spawn("worker", argv, env=site_environment(), output=output, cwd=settings.BASE_DIR)
    try:
        _wait_until_ready(worker, log)
        yield worker
    finally:
        children.stop(worker)


def site_environment() -> dict[str, str]:
    """What a process of the site needs to work on the test's own database and queues, with the site's privileges."""
    found = connection.settings_dict
    name = found["NAME"]
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "qlekta.settings",
        "DATABASE_URL": f"postgres://qlekta_web@{quote(str(found['HOST']), safe='')}/{name}",
        "EMAIL_URL": f"filemail://{settings.VAR_DIR / 'mail'}",
    }


def _wait_until_ready(worker: children.Child, log: Path) -> None:
    from qlekta.celery import app

    deadline = time.monotonic() + _START_PATIENCE
    while time.monotonic() < deadline and worker.is_alive:
        if app.control.ping(timeout=0.5):
            return
    raise subprocess.SubprocessError(f"The worker did not start:\n{log.read_text()}")
