"""Makes the secrets of a production site, once: `python3 -m runner.keys secrets` writes one file for each."""

import base64
import os
import secrets
import sys
from pathlib import Path


def fresh() -> dict[str, str]:
    """Return new values for every secret that production must name, by the name the settings read."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(64),
        "VAULT_MASTER_KEYS": f"{secrets.token_hex(4)}:{_key()}",
        "VAULT_TOKEN_KEY": _key(),
        "SIGNING_KEY": _key(),
    }


def write(directory: Path) -> list[Path]:
    """Write the missing secrets and database addresses into `directory`; what exists is never replaced."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    passwords = {name: secrets.token_urlsafe(32) for name in ("owner", "site")}
    files = {name.lower(): value for name, value in fresh().items()}
    if not any((directory / f"{name}_password").exists() for name in passwords):
        files |= {f"{name}_password": value for name, value in passwords.items()}
        files["owner_database_url"] = f"postgres://qlekta:{passwords['owner']}@postgres:5432/qlekta"
        files["database_url"] = f"postgres://qlekta_web:{passwords['site']}@postgres:5432/qlekta"
    return [path for name, value in files.items() if _write_once(path := directory / name, value)]


def _write_once(path: Path, value: str) -> bool:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(value)
    return True


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Name one directory for the secrets: python3 -m runner.keys secrets")
    for written in write(Path(sys.argv[1])):
        print(written)
