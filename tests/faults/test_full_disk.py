"""The database's disk is full, really: reading goes on, a change is refused with 503, nothing is half done (F12)."""

import contextlib
import os
import re
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from django.db import connection, connections

from newsletters.models import SubscriptionRequest
from retention.models import RunState
from runner import supervise
from tests.database import as_owner
from tests.faults.conftest import Victims, differing, everything
from tests.faults.test_erasure import Person, assert_exactly_once
from tests.faults.test_exhausted import web

__all__ = ["web"]
pytestmark = [pytest.mark.slow, pytest.mark.network, pytest.mark.django_db(transaction=True)]

TABLES: Final = ("retention_erasurerun", "newsletters_subscriptionrequest")
PAGE: Final = "/newsletter/"


@dataclass(frozen=True)
class SmallDisk:
    """A disk of its own with the TABLES on it."""

    path: Path

    def fill(self) -> None:
        """To the last byte."""
        descriptor = os.open(self.path / "filler", os.O_WRONLY | os.O_CREAT, 0o600)
        with contextlib.suppress(OSError):
            while True:
                os.write(descriptor, b"x" * 4096)
        os.close(descriptor)
        assert os.statvfs(self.path).f_bavail == 0

    def empty(self) -> None:
        (self.path / "filler").unlink(missing_ok=True)


@pytest.fixture
def disk(transactional_db: None, tmp_path: Path) -> Iterator[SmallDisk]:
    place = tmp_path / "disk"
    place.mkdir()
    for parent in place.parents:
        if parent.is_relative_to(tmp_path.parents[1]):
            parent.chmod(0o755)
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=0777", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a disk")
    try:
        data = place / "data"
        data.mkdir(mode=0o700)
        os.chown(data, *_owner_of_the_cluster())
        # Pages in which earlier tests left room would take a row although the disk is full.
        emptied = [f"VACUUM (FULL) {table}" for table in TABLES]
        moved = [move(table, "small") for table in TABLES]
        as_the_owner(f"CREATE TABLESPACE small LOCATION '{data}'", *emptied, *moved)
        yield SmallDisk(place)
    finally:
        SmallDisk(place).empty()
        connections.close_all()
        as_the_owner(*(move(table, "pg_default") for table in TABLES), "DROP TABLESPACE IF EXISTS small")
        subprocess.run(["umount", str(place)], check=True)


def move(table: str, where: str) -> str:
    return f"ALTER TABLE {table} SET TABLESPACE {where}"


def as_the_owner(*statements: str) -> None:
    with as_owner(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _owner_of_the_cluster() -> tuple[int, int]:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        found = Path(cursor.fetchone()[0]).stat()
    return found.st_uid, found.st_gid


def get(port: int) -> str:
    with urllib.request.urlopen(f"http://localhost:{port}{PAGE}", timeout=30) as answer:
        assert answer.status == 200
        page: str = answer.read().decode()
    return page


def subscribe(port: int) -> tuple[int, str]:
    """Send the form as a browser without scripts does: the status, and when to come again."""
    shown = re.search(r'name="shown" value="([0-9a-f]{64})"', get(port))
    assert shown
    form = {"email": "liga@example.lv", "agreed": "on", "old_enough": "on", "shown": shown[1]}
    request = urllib.request.Request(f"http://localhost:{port}{PAGE}", urllib.parse.urlencode(form).encode())
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, ""
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.headers.get("Retry-After", "")


@pytest.mark.requirement("F12")
def test_an_erasure_on_a_full_disk_changes_nothing_and_is_done_once_there_is_room(
    victims: Victims, disk: SmallDisk
) -> None:
    person = Person(1)
    before = everything()
    disk.fill()
    refused = victims.run("erase", person.case.pk)
    assert "OperationalError" in refused.error
    assert differing(before, everything()) == set()
    disk.empty()
    assert victims.run("erase", person.case.pk).value == RunState.DONE
    assert_exactly_once(person)


@pytest.mark.requirement("F12")
@pytest.mark.usefixtures("published_texts")
def test_while_the_disk_is_full_pages_are_read_and_a_change_says_when_to_come_again(web: int, disk: SmallDisk) -> None:
    deadline = time.monotonic() + 60
    while supervise.fetch(web, "/healthz").status != 200:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    disk.fill()
    assert subscribe(web) == (503, "60")
    assert not SubscriptionRequest.objects.exists()
    disk.empty()
    assert subscribe(web) == (200, "")
    assert SubscriptionRequest.objects.count() == 1
