"""The emulated Escrow.com as a process: it keeps its books, and its pages work without a line of script."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.network
def test_a_process_of_its_own_keeps_its_books_over_a_restart(tmp_path: Path) -> None:
    words = ["emulators", "--only", "escrow", "--escrow-keep", str(tmp_path / "escrow.json")]
    for beginning in (True, False):
        with subprocess.Popen([sys.executable, "-m", *words], cwd=ROOT, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            started = json.loads(process.stdout.readline())
            assert started.keys() == {"escrow"}
            if beginning:
                requests.post(f"{started['escrow']}/__verify", {"customer": "a@example.lv"}, timeout=10)
            page = requests.get(started["escrow"], timeout=10)
            process.terminate()
        assert "a@example.lv: verified" in page.text
        assert "<script" not in page.text
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert (tmp_path / "escrow.json").stat().st_mode & 0o777 == 0o600
