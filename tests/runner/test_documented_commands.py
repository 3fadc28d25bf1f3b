"""Every command that a document tells somebody to type is typed: here, or by the test that is named here."""

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from runner import check, children, stores
from tests.architecture.test_documents import PAGES
from tests.architecture.test_floors import ROOT

BLOCK: Final = re.compile(r"^```(?:sh|console)\n(.*?)^```", re.DOTALL | re.MULTILINE)
INLINE: Final = re.compile(r"`((?:bin/|manage\.py |python3? -m |\.venv/bin/|docker compose |git )[^`]+)`")
COMMENT: Final = re.compile(r"\s+#.*$")

SHOWN_BY: Final = {
    "bin/run": "tests/runner/test_run.py",
    "bin/test": "tests/runner/test_run.py",
    "bin/check": "tests/runner/test_run.py",
    "bin/manage COMMAND": "tests/runner/test_manage.py",
    "bin/manage makemigrations": "tests/architecture/test_tutorial.py",
    "bin/manage datamap": "tests/architecture/test_tutorial.py",
    "bin/backup": "tests/runner/test_backup.py",
    "bin/restore": "tests/runner/test_backup.py",
    "bin/pseudonymise": "tests/runner/test_pseudonymise.py",
    "gunzip": "tests/runner/test_pseudonymise.py",
    "bin/bench": "tests/benchmarks",
    "curl": "tests/dsar_api",
    "python -m emulators": "tests/runner/test_mail.py",
    "python -m tests.architecture.clause_marks": "tests/architecture/test_clauses.py",
    "python -m tests.architecture.consent_uses": "tests/architecture/test_consent_uses.py",
    "manage.py check --database visits": "tests/runner/test_two_databases.py",
    ".venv/bin/python -m tests.browser.screens": "tests/browser/test_screens.py",
    ".venv/bin/pytest": "tests/architecture/test_tutorial.py",
}
"""Beginnings of commands -> where they run for real."""

OUTSIDE: Final = ("docker compose ", "git pull")
"""What needs another machine. Of Docker's file every command runs here: `test_docker_starts_what_is_typed_by_hand`."""

OWNERS: Final = ("check", "migrate", "migrate_visits", "make_partitions", "publish_texts")
SERVERS: Final = ("gunicorn", "worker", "beat")
"""Programs that stay."""

A_MAIL: Final = b"From: anna@example.lv\r\nTo: privacy@qlekta.example\r\nSubject: My data\r\n\r\nWhat do you hold?\r\n"


def commands() -> list[str]:
    """Each once, without comments and prompts, a line that goes on joined to its next."""
    found: dict[str, None] = {}
    for page in PAGES:
        if "adr" in page.parts:
            continue
        text = page.read_text(encoding="utf-8")
        lines = (line for block in BLOCK.findall(text) for line in _whole(block))
        for line in (*lines, *INLINE.findall(text)):
            if command := COMMENT.sub("", line).strip():
                found[command] = None
    return list(found)


def _whole(block: str) -> Iterator[str]:
    """Lines as a shell takes them: what is quoted may go over several."""
    begun = ""
    for line in block.replace("\\\n", " ").splitlines():
        begun += line
        if begun.count("'") % 2 == 0:
            yield begun
            begun = ""


def is_managed(command: str) -> bool:
    return command.startswith(("manage.py ", "bin/manage "))


def shown_by(command: str) -> str:
    """The test that runs it; empty where this one does, or nobody can."""
    return max(((begin, test) for begin, test in SHOWN_BY.items() if command.startswith(begin)), default=("", ""))[1]


def is_typed_here(command: str) -> bool:
    return not shown_by(command) and not command.startswith(OUTSIDE)


@dataclass(frozen=True, slots=True)
class Servers:
    """Stores of their own, and the environments of the owner of the tables and of the site."""

    owner: dict[str, str]
    site: dict[str, str]

    def type(self, command: str, environment: dict[str, str], **how: Any) -> str:
        argv = [sys.executable if part.startswith("python") else part for part in shlex.split(command)]
        done = subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, check=False, **how)
        said = (done.stdout + done.stderr).decode()
        assert done.returncode == 0, f"{command}\n{said}"
        return said


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    """In production's mode, as the documents are for."""
    own = (
        "DJANGO_",
        "QLEKTA_",
        "DATABASE_URL",
        "OWNER_",
        "VISITS_",
        "REDIS_URL",
        "CACHE_URL",
        "VAR_DIR",
        "JOURNAL_DIR",
    )
    bare = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    with stores.throw_away() as (lent, directory):
        base = {**bare, **check.production(), "VAR_DIR": str(directory / "var"), "PYTHONDONTWRITEBYTECODE": "1"}
        servers = Servers(base | lent.owner_environment, base | lent.site_environment)
        servers.type(next(command for command in commands() if "qlekta.prepare" in command), servers.owner)
        yield servers


def test_every_command_is_typed_somewhere() -> None:
    found = commands()
    assert len(found) > 40
    for begin, test in SHOWN_BY.items():
        assert any(command.startswith(begin) for command in found), f"nobody is told to type {begin}"
        assert (ROOT / test).exists()
    known = [*SERVERS, "qlekta.prepare", "runner.keys", "cp .env.example"]
    strange = [
        command
        for command in found
        if is_typed_here(command) and not is_managed(command) and not any(part in command for part in known)
    ]
    assert strange == []


@pytest.mark.slow
@pytest.mark.network
def test_the_commands_of_the_site_do_what_they_say(servers: Servers) -> None:
    typed = [command.partition(" ")[2] for command in commands() if is_managed(command) and is_typed_here(command)]
    assert len(typed) > 12
    someone = "shell -c \"from accounts.models import User; print(User.objects.create_user('ieva@qlekta.example').pk)\""
    number = servers.type(f"python -m qlekta.prepare {shlex.quote(someone)}", servers.site).split()[-1]
    filled = [line.replace("<time>", "2026-11-23T12:00:00Z").replace("ID", number) for line in typed]
    for environment, lines in (
        (servers.owner, [line for line in filled if line.split()[0] in OWNERS]),
        (servers.site, [line for line in filled if line.split()[0] not in OWNERS and "receive_mail" not in line]),
    ):
        servers.type(shlex.join(["python", "-m", "qlekta.prepare", *lines]), environment)
    servers.type("python manage.py receive_mail", servers.site, input=A_MAIL)


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.parametrize("server", SERVERS)
def test_each_server_starts_and_ends_as_it_is_typed(servers: Servers, server: str, tmp_path: Path) -> None:
    (command,) = [found for found in commands() if found.startswith("python -m") and f" {server} " in f"{found} "]
    typed = command.replace("127.0.0.1:8000", "127.0.0.1:0").replace("/tmp/", f"{tmp_path}/")
    log = tmp_path / "log"
    with log.open("wb") as output:
        argv = [sys.executable, *shlex.split(typed)[1:]]
        process = children.spawn(server, argv, env=servers.site, output=output.fileno(), cwd=ROOT)
        try:
            while process.is_alive and not _is_there(server, servers, tmp_path):
                time.sleep(0.2)
        finally:
            children.stop(process)
    assert process.process.returncode == 0, log.read_text()


def _is_there(server: str, servers: Servers, place: Path) -> bool:
    if server == "gunicorn":
        return "Listening at" in (place / "log").read_text()
    if server == "beat":
        return bool(list(place.glob("schedule*")))
    ping = [sys.executable, "-m", "celery", "-A", "qlekta", "inspect", "ping", "--timeout", "2"]
    return subprocess.run(ping, cwd=ROOT, env=servers.site, capture_output=True, check=False).returncode == 0


def test_secrets_and_settings_are_begun_as_it_is_typed(tmp_path: Path) -> None:
    found = [command for command in commands() if "runner.keys" in command or command.startswith("cp ")]
    assert len(found) == 2
    for command in found:
        argv = [sys.executable if part.startswith("python") else part for part in shlex.split(command)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        (tmp_path / ".env.example").write_bytes((ROOT / ".env.example").read_bytes())
        subprocess.run(argv, cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert (tmp_path / "secrets" / "signing_key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / ".env").exists()


def test_docker_starts_what_is_typed_by_hand() -> None:
    """No Docker is needed to know: its services run the commands that the other tests here have typed."""
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    (prepared,) = [shlex.split(command) for command in commands() if "qlekta.prepare" in command]
    assert services["migrate"]["command"] == prepared
    for name in ("worker", "beat"):
        (typed,) = [
            command for command in commands() if command.startswith("python -m celery") and f" {name} " in command
        ]
        assert services[name]["command"] == shlex.split(typed)
