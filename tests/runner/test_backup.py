"""A real dump, restored into a second database: nobody erased comes back, nothing withdrawn holds again (F25, O1)."""

import json
import os
import shutil
import stat
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from runner import backup, database, places, restore, stores
from runner.database import Database
from runner.places import PROJECT
from runner.trouble import Trouble
from tests.runner.loaded import Loaded

pytestmark = [pytest.mark.slow, pytest.mark.network]

CANARY: Final = "Kanārija-zem-zīmoga-4711"

# What each step does or sees; run in a process of its own, as the site's role.
_BEGIN: Final = "import os, json\nfrom datetime import *\nfrom django.utils import timezone\n"
_PEOPLE: Final = f"""
from accounts.services import register_person
from consent.services import give, publish_texts
from mailing.composing import Letter
from mailing.services import send_rendered
from replay.journal import write_out
now = timezone.now()
publish_texts(now=now)
people = dict()
for name in ("anna", "boris", "zane"):
    user = register_person(email=name + "@example.lv", password="Zilais-kalns-7", given_name=name, now=now)
    people[name] = str(user.pk)
    give(user.pk, "MARKETING_EMAIL", language="lv", method="account", place="/", now=now)
send_rendered(Letter("x", "{CANARY}"), to="anna@example.lv", language="lv", purpose="SERVICE", now=now)
write_out()
print(json.dumps(people))
"""
_DECISIONS: Final = """
from accounts.models import User
from audit.trail import Actor
from consent.services import withdraw
from datamap.trace import subject_of_user
from mailing.services import suppress
from retention.erasure import execute_erasure, plan_erasure
now = timezone.now()
zane = User.objects.get(email="zane@example.lv")
withdraw(zane.pk, "MARKETING_EMAIL", language="lv", method="account", place="/", now=now)
suppress("vesela@example.lv", reason="unsubscribed", now=now)
for number, name in enumerate(("anna", "boris")):
    subject = subject_of_user(User.objects.get(email=name + "@example.lv"))
    digest = plan_erasure(subject, now=now, archive=True).digest
    execute_erasure(case_number=f"Q-{number}", subject=subject, plan_digest=digest,
                    objection_to_archive=False, actor=Actor.system("test"), now=now)
"""
_LOOK: Final = """
from accounts.models import User
from consent.models import ConsentEvent
from consent.services import status
from django.test import Client
from mailing.models import OutgoingMessage
from mailing.services import is_suppressed
from retention.models import ArchiveRecord, ErasureReceipt, ErasureRun
from retention.receipts import secret_of
now = timezone.now()
zane = User.objects.filter(email="zane@example.lv").first()
client = Client(SERVER_NAME="localhost")
print(json.dumps({
    "people": sorted(User.objects.values_list("email", flat=True)),
    "permits": status(zane.pk, "MARKETING_EMAIL", at=now).permits,
    "suppressed": is_suppressed("vesela@example.lv"),
    "front": client.get("/privacy/policy/").status_code,
    "health": client.get("/healthz").status_code,
    "mail_to_anna": OutgoingMessage.objects.filter(to_address="anna@example.lv").count(),
    "runs": ErasureRun.objects.count(),
    "states": sorted(ErasureRun.objects.values_list("state", flat=True)),
    "archived": ArchiveRecord.objects.count(),
    "secrets": sorted(secret_of(receipt) for receipt in ErasureReceipt.objects.all()),
    "events": ConsentEvent.objects.count(),
}))
"""


@dataclass(frozen=True, slots=True)
class Story:
    """What was seen before the backup, after the decisions, after the restore, and after the replay."""

    path: Path
    dump: str
    var: Path
    people: dict[str, str]
    decided: dict[str, Any]
    restored: dict[str, Any]
    dry: dict[str, Any]
    replayed: dict[str, Any]
    again: dict[str, Any]
    by_hand: dict[str, Any]
    reopened: dict[str, Any]


def environment(found: Database, var: Path) -> dict[str, str]:
    own = {"VAR_DIR": str(var), "JOURNAL_DIR": str(var / "journal"), "SITE_URL": "http://localhost:8000"}
    own |= {"DJANGO_SETTINGS_MODULE": "qlekta.settings", "QLEKTA_ENV": "development", "EMAIL_URL": "memorymail://"}
    return {**found.site, **own, "LOG_LEVEL": "WARNING"}


def run(site: Loaded, code: str) -> Any:
    done = site.execute(_BEGIN + code)
    assert done.status == 0, done.err
    return json.loads(done.out.splitlines()[-1]) if done.out.strip() else None


def replay(site: Loaded, *options: str) -> dict[str, Any]:
    done = site.command("replay_erasures", "--json", *options)
    report: dict[str, Any] = json.loads(done.out)
    return report | {"status": done.status, "said": done.err}


def migrated(found: Database, var: Path) -> None:
    argv = [sys.executable, "-m", "qlekta.prepare", "migrate", "make_partitions"]
    as_owner = {**environment(found, var), "DATABASE_URL": found.url}
    done = subprocess.run(argv, cwd=PROJECT, env=as_owner, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def somebody_else(found: Database, person: str) -> None:
    """The id of an erased account, held by an account that was made at another time."""
    statement = f"UPDATE accounts_user SET date_joined = date_joined - interval '1 hour' WHERE id = '{person}'"
    found.run("psql", "-X", "-q", "-c", statement)


@contextmanager
def two_databases() -> Iterator[tuple[Database, Loaded, Database, Loaded, Path]]:
    """One that the site has used, one for what is restored, each with the site loaded on it, and their directory."""
    with ExitStack() as ends:
        first, directory = ends.enter_context(stores.throw_away())
        second, _other = ends.enter_context(stores.throw_away())
        old, new, var = database.of_stores(first), database.of_stores(second), directory / "var"
        (var / "static").mkdir(parents=True)
        (var / "sealed").mkdir()
        (var / "media" / "listings").mkdir(parents=True)
        migrated(old, var)
        site, restored = (ends.enter_context(Loaded.with_environment(environment(found, var))) for found in (old, new))
        yield old, site, new, restored, directory


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    with two_databases() as (old, site, new, second, directory):
        var = directory / "var"
        people = run(site, _PEOPLE)
        (var / "sealed" / ("a" * 64)).write_bytes(b"QLS1 noise")
        (var / "media" / "listings" / "a.webp").write_bytes(b"RIFF photo")
        path = backup.backup(old, directory / "backups", var=var)
        run(site, _DECISIONS)
        decided = run(site, _LOOK)
        (var / "sealed" / ("b" * 64)).write_bytes(b"QLS1 later")
        (var / "media" / "listings" / "b.webp").write_bytes(b"RIFF later")
        restore.restore(path, new, var=var)
        somebody_else(new, people["boris"])
        restored, dry = run(second, _LOOK), replay(second)
        replay_report = replay(second, "--apply")
        replayed = run(second, _LOOK) | {"report": replay_report}
        again = {"report": replay(second, "--apply")} | run(second, _LOOK)
        # A second time, as somebody with pg_restore alone would do it: no marker, and the same answer.
        restore.restore(path, new, var=var)
        (var / restore.MARKER).unlink()
        by_hand = run(second, _LOOK)
        reopened = {"report": replay(second, "--apply")} | run(second, _LOOK)
        dump = _text_of(path, directory, new)
        yield Story(path, dump, var, people, decided, restored, dry, replayed, again, by_hand, reopened)


def _text_of(path: Path, directory: Path, found: Database) -> str:
    room = directory / "room"
    room.mkdir()
    restore._unpack(path, room)
    return found.run("pg_restore", "-f", "-", room / backup.DUMP).decode()


@pytest.mark.requirement("C6")
def test_a_backup_without_the_key_files_reads_as_noise(story: Story) -> None:
    assert "anna@example.lv" in story.dump, "the search does not see the dump"
    assert CANARY not in story.dump
    assert CANARY.encode().hex() not in story.dump
    whole = story.path.read_bytes()
    keys = [path.read_bytes().strip() for path in (story.var / "keys").iterdir()]
    assert len(keys) >= 4
    assert not any(key in whole for key in keys)


def test_a_backup_holds_sealed_files_and_photos_and_is_its_owners_alone(story: Story) -> None:
    with tarfile.open(story.path) as archive:
        assert archive.getnames() == [backup.ABOUT, backup.DUMP, f"sealed/{'a' * 64}", "photos/a.webp"]
    assert stat.S_IMODE(story.path.stat().st_mode) == 0o600
    assert [path.name for path in (story.var / "sealed").iterdir()] == ["a" * 64]
    assert [path.name for path in (story.var / "media" / "listings").iterdir()] == ["a.webp"]


@pytest.mark.clause("Q10.9")
@pytest.mark.requirement("O1", "F25")
def test_after_a_restore_the_site_is_closed_until_everything_was_replayed(story: Story) -> None:
    assert "anna@example.lv" in story.restored["people"], "the backup brings nobody back: the test shows nothing"
    assert story.restored["permits"]
    assert (story.restored["front"], story.restored["health"]) == (503, 200)
    assert (story.dry["status"], story.dry["open"], story.dry["why"]) == (1, False, "restored")
    assert story.dry["left"]["retention.erased"] == 2
    assert (story.replayed["report"]["status"], story.replayed["report"]["open"]) == (0, True)
    assert story.replayed["front"] == 200


@pytest.mark.clause("Q10.9")
@pytest.mark.requirement("F25", "X2")
def test_the_erased_are_gone_again_and_what_was_withdrawn_is_withdrawn(story: Story) -> None:
    found = story.replayed
    assert "anna@example.lv" not in found["people"]
    assert found["mail_to_anna"] == 0
    assert not found["permits"]
    assert found["suppressed"]
    assert found["archived"] == 1
    assert set(found["states"]) == {"done"}
    assert set(found["secrets"]) < set(story.decided["secrets"]), "a link of a receipt does not open it any more"


@pytest.mark.requirement("F25")
def test_an_account_that_only_shares_the_id_of_an_erased_one_is_untouched(story: Story) -> None:
    assert "boris@example.lv" not in story.decided["people"]
    assert "boris@example.lv" in story.replayed["people"]


def test_a_second_replay_changes_nothing(story: Story) -> None:
    assert story.again["report"]["repeated"] == {}
    for name in ("people", "runs", "archived", "secrets", "events"):
        assert story.again[name] == story.replayed[name], name


@pytest.mark.requirement("O1")
def test_a_restore_by_hand_closes_the_site_as_well(story: Story) -> None:
    assert story.by_hand["front"] == 503
    assert story.reopened["report"]["open"]
    assert story.reopened["front"] == 200
    assert "anna@example.lv" not in story.reopened["people"]


def test_the_journal_names_nobody(story: Story) -> None:
    text = "".join(path.read_text() for path in (story.var / "journal").rglob("*.jsonl"))
    assert story.people["anna"] in text
    assert "example.lv" not in text


@pytest.mark.clause("Q10.9")
def test_a_backup_expires_when_the_catalogue_says_and_is_not_restored_afterwards(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    paths = [made(tmp_path, now - timedelta(days=days)) for days in (36, 34, 0)]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "qlekta.settings"}
    found = Database("postgres://nobody@localhost/nothing", environment, environment)
    with pytest.raises(Trouble, match="expired"):
        restore.restore(paths[0], found, var=tmp_path / "var")
    assert not (tmp_path / "var").exists()
    assert backup.expire(tmp_path, environment) == paths[:1]
    assert [path.exists() for path in paths] == [False, True, True]


def made(directory: Path, moment: datetime) -> Path:
    about = directory / backup.ABOUT
    about.write_text(json.dumps({"made_at": moment.isoformat()}))
    path = directory / f"qlekta-{moment:%Y%m%dT%H%M%SZ}.backup"
    with tarfile.open(path, "w") as archive:
        archive.add(about, backup.ABOUT)
    return path


def test_what_is_no_backup_is_refused_before_anything_is_touched(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.backup"
    wrong.write_text("a letter")
    with pytest.raises(Trouble, match="no backup of Qlekta"):
        backup.made_at(wrong)
    path = made(tmp_path, datetime.now(UTC))
    trap = tmp_path / "trap"
    trap.write_text("x")
    with tarfile.open(path, "a") as archive:
        archive.add(trap, "sealed/../../trap")
    room = tmp_path / "room"
    room.mkdir()
    with pytest.raises(Trouble, match="no backup holds"):
        restore._unpack(path, room)


def test_without_the_keys_nothing_is_restored(tmp_path: Path) -> None:
    found = Database("postgres://nobody@localhost/nothing", {}, {})
    with pytest.raises(Trouble, match="keys are missing"):
        restore._require_keys(found, tmp_path)
    restore._require_keys(Database(found.url, {}, {"VAULT_MASTER_KEYS": "k1:…"}), tmp_path)


def test_a_password_stands_on_no_command_line() -> None:
    found = database.connection("postgres://qlekta:ge%3Aheim@db.example:5433/qlekta")
    wanted = {"PGHOST": "db.example", "PGPORT": "5433", "PGUSER": "qlekta", "PGPASSWORD": "ge:heim"}
    assert {name: found[name] for name in wanted} == wanted


def test_the_commands_say_what_is_missing(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "VAR_DIR": str(tmp_path / "var")}
    shutil.rmtree(tmp_path / "var", ignore_errors=True)
    argv = [str(PROJECT / "bin" / "backup")]
    done = subprocess.run(argv, cwd="/", env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "There is no database" in done.stderr
    shutil.rmtree(places.socket_directory(tmp_path / "var"), ignore_errors=True)
