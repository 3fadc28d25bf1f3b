"""The visit log in a database of its own: moved, checked, copied, purged, erased, backed up and restored (5.2)."""

import dataclasses
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from runner import backup, database, restore, stores
from runner.database import Database
from runner.places import PROJECT
from runner.run import AS_OWNER
from runner.trouble import Trouble
from tests.runner.loaded import Loaded
from tests.runner.test_backup import environment, replay, run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.network,
    pytest.mark.clause("Q5.10"),
]

_PEOPLE: Final = """
from accounts.services import register_person
from consent.services import publish_texts
from replay.journal import write_out
from visits.models import PageUse, Visit
from visits.partitions import ensure_days
now = timezone.now()
publish_texts(now=now)
old = now - timedelta(days=141)
ensure_days({now.date(), old.date()})
people = dict()
for name in ("anna", "boris"):
    user = register_person(email=name + "@example.lv", password="Zilais-kalns-7", given_name=name, now=now)
    people[name] = str(user.pk)
    for at in (now, old):
        Visit.objects.create(at=at, kind="page", user_id=user.pk, platform="desktop", path="/of-" + name + "/",
                             status=200, response_ms=1)
write_out()
print(json.dumps({"people": people, "ids": sorted(Visit.objects.values_list("id", flat=True))}))
"""
_LOOK: Final = """
from django.core.management import call_command
from django.db import connections
from django.test import Client
from retention.queries import overdue
from visits.models import Visit
from visits.standing import check_log, days_left_behind
def tables(alias):
    with connections[alias].cursor() as cursor:
        return [name for name in connections[alias].introspection.table_names(cursor) if not name.startswith("django_")]
checks = Client(SERVER_NAME="localhost").get("/readyz").json()["checks"]
print(json.dumps({
    "paths": sorted(Visit.objects.values_list("path", flat=True)),
    "ids": sorted(Visit.objects.values_list("id", flat=True)),
    "tables": sorted(tables("visits")),
    "left_behind": days_left_behind(),
    "warnings": [warning.id for warning in check_log(databases=["visits"])],
    "ready": checks["visits"],
    "late": [item.table for item in overdue(now=timezone.now())],
    "next": Visit.objects.create(at=timezone.now(), kind="page", platform="desktop", status=200, response_ms=1).pk,
}))
Visit.objects.filter(user_id=None).delete()
"""
_COPY: Final = """
from io import BytesIO
from zipfile import ZipFile
from accounts.models import User
from datamap.trace import subject_of_user
from dsar.access_copy.archive import write_copy
sink = BytesIO()
subject = subject_of_user(User.objects.get(email="boris@example.lv"))
write_copy(sink, subject, case=None, package=None, now=timezone.now())
sink.seek(0)
print(json.dumps({"csv": ZipFile(sink).read("tables/visits_visit.csv").decode()}))
"""
_PURGE: Final = """
from retention.sweeps import sweep_all
sweep_all(now=timezone.now(), apply=True)
"""
_ERASE: Final = """
from accounts.models import User
from audit.trail import Actor
from datamap.trace import subject_of_user
from retention.erasure import execute_erasure, plan_erasure
from retention.models import ErasureRun
now = timezone.now()
subject = subject_of_user(User.objects.get(email="anna@example.lv"))
plan = plan_erasure(subject, now=now, archive=False)
execute_erasure(case_number="Q-1", subject=subject, plan_digest=plan.digest, objection_to_archive=True,
                actor=Actor.system("test"), now=now)
print(json.dumps({"visits": sum(line.count for line in plan.erased if line.table == "visits.Visit"),
                  "state": ErasureRun.objects.get().state}))
"""

_AWAY: Final = """
from django.conf import settings
settings.VISITS_DRAIN_THREAD = False
from django.db import OperationalError
from django.test import Client
from accounts.models import User
from audit.trail import Actor
from datamap.trace import subject_of_user
from retention.erasure import execute_erasure, plan_erasure
from retention.models import ErasureRun
from visits import spool
from visits.buffer import flush_now
client = Client(SERVER_NAME="localhost")
page = client.get("/cookies/").status_code
flush_now(now=timezone.now())
erasure = ""
try:
    subject = subject_of_user(User.objects.get(email="boris@example.lv"))
    plan = plan_erasure(subject, now=timezone.now(), archive=False)
    execute_erasure(case_number="Q-2", subject=subject, plan_digest=plan.digest, objection_to_archive=True,
                    actor=Actor.system("test"), now=timezone.now())
except OperationalError as error:
    erasure = type(error).__name__
print(json.dumps({
    "page": page,
    "waiting": len(spool.path().read_text().splitlines()),
    "away": client.get("/readyz").json()["checks"]["database"]["away"],
    "erasure": erasure,
    "people": sorted(User.objects.filter(email__endswith="@example.lv").values_list("email", flat=True)),
    "runs": ErasureRun.objects.count(),
}))
"""
_BACK: Final = """
from django.conf import settings
settings.VISITS_DRAIN_THREAD = False
from visits import spool
from visits.buffer import flush_now
from visits.models import Visit
flush_now(now=timezone.now())
print(json.dumps({"waiting": len(spool.path().read_text().splitlines()),
                  "paths": sorted(Visit.objects.values_list("path", flat=True))}))
"""


@dataclass(frozen=True, slots=True)
class Story:
    """What was seen at each step, and the backup made before the erasure."""

    path: Path
    apart: Database
    site: Loaded
    var: Path
    people: dict[str, Any]
    moved: dict[str, Any]
    copy: dict[str, Any]
    erased: dict[str, Any]
    afterwards: dict[str, Any]
    restored: dict[str, Any]
    replayed: dict[str, Any]


def prepared(found: Database, var: Path, *commands: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "qlekta.prepare", *(commands or AS_OWNER)]
    as_owner = {**environment(found, var), **found.owner, "VAR_DIR": str(var), "JOURNAL_DIR": str(var / "journal")}
    return subprocess.run(argv, cwd=PROJECT, env=as_owner, capture_output=True, text=True, check=False)


def started(found: Database, var: Path) -> str:
    done = prepared(found, var)
    assert done.returncode == 0, done.stderr
    return done.stdout


def with_visits_at(found: Database, owner: str, login: str) -> Database:
    named = {database.VISITS: owner}
    return dataclasses.replace(found, owner={**found.owner, **named}, site={**found.site, database.VISITS: login})


def rows_in(found: Database, statement: str) -> list[str]:
    return found.run("psql", "-X", "-A", "-t", "-c", statement, url=found.visits).decode().split()


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    with stores.throw_away() as (servers, directory):
        together, var = database.of_stores(servers), directory / "var"
        (var / "static").mkdir(parents=True)
        started(together, var)
        with Loaded.with_environment(environment(together, var)) as site:
            people = run(site, _PEOPLE)
        together.run("psql", "-X", "-q", "-c", "CREATE DATABASE qlekta_visits")
        owner, login = (f"{addresses['DATABASE_URL']}_visits" for addresses in (together.owner, together.site))
        apart = with_visits_at(together, owner, login)
        said = started(apart, var)
        assert "days moved" in said
        with Loaded.with_environment(environment(apart, var)) as site:
            moved, copied = run(site, _LOOK), run(site, _COPY)
            path = backup.backup(apart, directory / "backups", var=var)
            erased = run(site, _ERASE)
            run(site, _PURGE)
            afterwards = run(site, _LOOK)
            restore.restore(path, apart, var=var)
            restored = run(site, _LOOK)
            report = replay(site, "--apply")
            replayed = run(site, _LOOK) | {"report": report}
            yield Story(path, apart, site, var, people, moved, copied, erased, afterwards, restored, replayed)


def test_the_start_moves_the_log_with_its_numbers_and_nothing_else(story: Story) -> None:
    assert story.moved["paths"] == ["/of-anna/", "/of-anna/", "/of-boris/", "/of-boris/"]
    assert story.moved["ids"] == story.people["ids"], "a legal hold names rows by their numbers"
    assert story.moved["next"] > max(story.people["ids"]), "a number that a hold names would come to mean another row"
    assert story.moved["tables"] == ["visits_pageuse", "visits_visit"]
    assert story.moved["left_behind"] == 0


def test_moving_twice_moves_nothing_and_loses_nothing(story: Story) -> None:
    done = prepared(story.apart, story.var, "migrate_visits")
    assert (done.returncode, done.stdout) == (0, "0 days moved\n")


def test_the_start_checks_the_days_in_the_database_of_the_log(story: Story) -> None:
    assert (story.moved["warnings"], story.moved["ready"]) == ([], {"ok": True})
    tomorrow = "CREATE TABLE IF NOT EXISTS kept AS SELECT (current_date + 1)::text AS day; SELECT day FROM kept"
    (day,) = [word for word in rows_in(story.apart, tomorrow) if word[:2] == "20"]
    rows_in(story.apart, f'DROP TABLE visit_days."visit_{day.replace("-", "")}", kept')
    seen = run(story.site, _LOOK)
    assert seen["warnings"] == ["visits.W002"]
    assert seen["ready"] == {"ok": False, "missing": [day], "left_behind": 0}
    assert prepared(story.apart, story.var, "make_partitions").returncode == 0
    assert run(story.site, _LOOK)["ready"] == {"ok": True}


def test_the_sites_own_database_is_refused_before_anything_is_moved(story: Story) -> None:
    url = story.apart.owner["DATABASE_URL"]
    done = prepared(with_visits_at(story.apart, url, url), story.var, "migrate_visits")
    assert done.returncode != 0
    assert "names the site's own database" in done.stderr


def test_a_copy_holds_the_visits(story: Story) -> None:
    lines = story.copy["csv"].splitlines()
    assert len(lines) == 3
    assert all("/of-boris/" in line for line in lines[1:])


def test_a_purge_and_an_erasure_reach_the_log(story: Story) -> None:
    assert story.moved["late"] == ["visits.Visit"], "nothing was due: the test shows nothing"
    assert story.erased == {"visits": 2, "state": "done"}
    assert story.afterwards["paths"] == ["/of-boris/"]
    assert story.afterwards["late"] == []


def test_a_restore_brings_both_back_and_the_replay_erases_and_purges_in_both(story: Story) -> None:
    assert story.restored["paths"] == story.moved["paths"], "the backup brings nothing back: the test shows nothing"
    assert story.replayed["report"]["status"] == 0
    assert story.replayed["paths"] == ["/of-boris/"]


def test_a_backup_of_two_databases_is_not_restored_into_one(story: Story) -> None:
    alone = dataclasses.replace(story.apart, owner={**story.apart.owner, database.VISITS: ""})
    older = backup.backup(alone, story.var / "older", var=story.var)
    with pytest.raises(Trouble, match="holds the visit log apart"):
        restore.restore(story.path, alone, var=story.var)
    with pytest.raises(Trouble, match="older than the visit log"):
        restore.restore(older, story.apart, var=story.var)
    assert not (story.var / restore.MARKER).exists(), "nothing was changed, and the site stays open"


@pytest.mark.requirement("F8")
def test_while_the_log_is_away_pages_answer_visits_wait_and_nobody_is_half_erased(story: Story) -> None:
    story.apart.run("psql", "-X", "-q", "-c", "ALTER DATABASE qlekta_visits ALLOW_CONNECTIONS false")
    try:
        away = run(story.site, _AWAY)
    finally:
        story.apart.run("psql", "-X", "-q", "-c", "ALTER DATABASE qlekta_visits ALLOW_CONNECTIONS true")
    assert away == {
        "page": 200,
        "waiting": 1,
        "away": ["visits"],
        "erasure": "OperationalError",
        "people": ["boris@example.lv"],
        "runs": 1,
    }
    back = run(story.site, _BACK)
    assert back == {"waiting": 0, "paths": ["/cookies/", "/of-boris/"]}
