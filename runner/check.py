"""`bin/check`: lint, format, types, Django's own checks in development and production, migrations both ways."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from runner import keys, places, stores
from runner.trouble import Trouble


@dataclass(frozen=True, slots=True)
class Step:
    """One check: what it looks at, the arguments of `python -m`, and what its environment has more than ours."""

    title: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


def main() -> int:
    """Run every check, also after one has failed, and return 1 when any did."""
    try:
        with stores.throw_away() as (lent, directory):
            failed = [step.title for step in steps(lent.owner_environment, directory) if not _passes(step)]
    except Trouble as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 1
    print(f"\nFailed: {', '.join(failed)}." if failed else "\nEverything checked.", flush=True)
    return 1 if failed else 0


def steps(addresses: Mapping[str, str], directory: Path) -> Iterator[Step]:
    """Yield the checks; those of Django use throw-away stores at `addresses` and state in `directory`."""
    development = {**addresses, "QLEKTA_ENV": "development", "VAR_DIR": str(directory / "var")}
    live = {**addresses, **production(), "VAR_DIR": str(directory / "var")}
    yield Step("lint", ("ruff", "check", "."))
    yield Step("format", ("ruff", "format", "--check", "."))
    yield Step("types", ("mypy", "."), development)
    yield Step("declarations", ("manage", "check", "--fail-level", "WARNING"), development)
    yield Step("deployment", ("manage", "check", "--deploy", "--fail-level", "WARNING"), live)
    yield Step("migrations", ("manage", "makemigrations", "--check", "--dry-run"), development)
    yield Step("migrations, back and forth", ("tests.architecture.back_and_forth",), development)


def production() -> dict[str, str]:
    """Return a complete environment of production mode whose secrets nobody has ever used."""
    return {
        "QLEKTA_ENV": "production",
        **keys.fresh(),
        "ALLOWED_HOSTS": "qlekta.example",
        "SITE_URL": "https://qlekta.example",
        "EMAIL_URL": "smtp://mail.qlekta.example:25",
        "MAILGUN_API_KEY": secrets.token_hex(16),
        "MAILGUN_SENDER_DOMAIN": "mail.qlekta.example",
        "TRUSTED_PROXY_COUNT": "1",
    }


def _passes(step: Step) -> bool:
    print(f"\n== {step.title}", flush=True)
    environment = {**os.environ, **step.environment}
    argv = [sys.executable, "-m", *step.argv]
    return subprocess.run(argv, cwd=places.PROJECT, env=environment, check=False).returncode == 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
