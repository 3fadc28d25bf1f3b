"""docker-compose.yml and .env.example speak of exactly those names that the settings read."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from runner import check, children, keys, supervise
from runner.places import PROJECT

SITE_SERVICES: Final = ("migrate", "web", "worker", "beat")
# Read only where a development default or a remedy for another place exists.
OPTIONAL: Final = {"DATABASE_SITE_ROLE"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    with (PROJECT / "docker-compose.yml").open() as file:
        found: dict[str, Any] = yaml.safe_load(file)
    return found


@pytest.fixture(scope="module")
def names_read() -> set[str]:
    """Return the names in a process of its own: other tests read names of their own making."""
    readers = "qlekta.settings, qlekta.catalogue, qlekta.catalogue.sales"
    question = f"import {readers}; from qlekta import env; print(*env.NAMES_READ)"
    argv = [sys.executable, "-c", question]
    done = subprocess.run(argv, cwd=PROJECT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("service", SITE_SERVICES)
def test_every_service_names_what_the_settings_read(
    compose: dict[str, Any], service: str, names_read: set[str]
) -> None:
    named = {name.removesuffix("_FILE") for name in compose["services"][service]["environment"]}
    assert named == names_read - OPTIONAL


def test_the_example_names_everything_the_settings_read(names_read: set[str]) -> None:
    lines = (PROJECT / ".env.example").read_text()
    assert set(re.findall(r"^#?([A-Z_]+)=", lines, re.MULTILINE)) == names_read


def test_every_secret_is_mounted_and_made(compose: dict[str, Any], tmp_path: Path) -> None:
    made = {path.name for path in keys.write(tmp_path)}
    assert set(compose["secrets"]) == made
    for service in SITE_SERVICES:
        described = compose["services"][service]
        paths = [value for name, value in described["environment"].items() if name.endswith("_FILE")]
        assert {Path(path).name for path in paths} == set(described["secrets"])


def test_only_migrations_log_in_as_the_owner(compose: dict[str, Any]) -> None:
    owners = {
        name for name, service in compose["services"].items() if "owner_database_url" in service.get("secrets", ())
    }
    assert owners == {"migrate"}


def test_secrets_are_written_once_and_only_for_their_owner(tmp_path: Path) -> None:
    first = {path: path.read_text() for path in keys.write(tmp_path)}
    (tmp_path / "signing_key").unlink()
    assert [path.name for path in keys.write(tmp_path)] == ["signing_key"]
    assert {path.stat().st_mode & 0o777 for path in first} == {0o600}
    assert first[tmp_path / "database_url"] == (tmp_path / "database_url").read_text()


@pytest.mark.slow
@pytest.mark.network
def test_the_health_check_of_the_container_finds_a_site_in_production_mode(
    compose: dict[str, Any], tmp_path: Path
) -> None:
    environment = {**os.environ, **check.production(), "VAR_DIR": str(tmp_path)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    asked = [sys.executable, *compose["services"]["web"]["healthcheck"]["test"][2:-1]]
    with supervise.listen(0) as listener, (tmp_path / "log").open("wb") as log:
        port, descriptor = listener.getsockname()[1], listener.fileno()
        argv = [sys.executable, "-m", *supervise.WEB, "--bind", f"fd://{descriptor}"]
        web = children.spawn("web", argv, env=environment, output=log, cwd=PROJECT, pass_fds=(descriptor,))
        try:
            healthy = any(
                subprocess.run([*asked, str(port)], cwd=PROJECT, env=environment, check=False).returncode == 0
                for _ in range(compose["services"]["web"]["healthcheck"]["retries"])
            )
        finally:
            children.stop(web)
    assert healthy, (tmp_path / "log").read_text()


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="docker-compose is not installed")
def test_docker_compose_accepts_the_file(tmp_path: Path) -> None:
    for path in ("docker-compose.yml", "Dockerfile"):
        shutil.copy(PROJECT / path, tmp_path)
    shutil.copy(PROJECT / ".env.example", tmp_path / ".env")
    keys.write(tmp_path / "secrets")
    argv = ["docker-compose", "config", "-q"]
    done = subprocess.run(argv, cwd=tmp_path, env={"PATH": os.environ["PATH"]}, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_demo_of_compose_starts_with_the_emulated_mailgun(compose: dict[str, Any], tmp_path: Path) -> None:
    lines = (PROJECT / ".env.demo").read_text().splitlines()
    named = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    secrets = {path.name.upper(): path.read_text() for path in keys.write(tmp_path / "secrets")}
    environment = {**os.environ, **secrets, **named, "REDIS_URL": "redis://localhost", "CACHE_URL": "redis://localhost"}
    environment |= {"VAR_DIR": str(tmp_path / "var"), "DJANGO_SETTINGS_MODULE": "qlekta.settings"}
    argv = [sys.executable, "-m", "qlekta.prepare", "check"]
    done = subprocess.run(argv, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    emulator = compose["services"]["mailgun"]
    assert emulator["profiles"] == ["demo"]
    assert "secrets" not in emulator
    assert named["MAILGUN_API_URL"] == f"http://mailgun:{emulator['ports'][0].rpartition(':')[2]}/v3"
