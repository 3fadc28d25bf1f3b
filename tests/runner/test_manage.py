"""`bin/manage` speaks to the running site, and says so where none runs."""

import os
import subprocess
from pathlib import Path

from runner.places import PROJECT


def test_without_a_running_site_there_is_a_sentence(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    done = subprocess.run(
        [PROJECT / "bin" / "manage", "check"],
        env=environment | {"VAR_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "start bin/run" in done.stderr


def test_with_stores_named_the_command_runs() -> None:
    done = subprocess.run([PROJECT / "bin" / "manage", "check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "no issues" in done.stdout
