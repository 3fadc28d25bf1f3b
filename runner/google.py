"""The emulated Google of `bin/run`: counts who agrees to it, forgets who takes that back, and tells nobody."""

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from emulators.google import new_account
from runner import children, mail, places, supervise
from runner.children import Child

PORT: Final = 8028
PROPERTY: Final = "123456789"
ID: Final = "G-EMULATED"
_NAMES: Final = ("GOOGLE_ANALYTICS_ID", "GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_FILE")


@dataclass(frozen=True, slots=True)
class Counting:
    """What the site must know to have visits counted, and the process; empty where nothing is emulated."""

    environment: Mapping[str, str] = field(default_factory=dict)
    children: tuple[Child, ...] = ()


@contextlib.contextmanager
def emulated(
    environment: Mapping[str, str], *, var: Path, output: supervise.Output, port: int = PORT
) -> Iterator[Counting]:
    """Lend the emulated Google while the site runs. Does nothing where mail is not emulated either, or somebody named
    a property or an account of his own there."""
    if not mail.is_wanted(environment) or any(environment.get(name) for name in _NAMES):
        yield Counting()
        return
    with supervise.listen(port) as ours:
        address = f"http://{supervise.HOST}:{ours.getsockname()[1]}"
        account, descriptor = _written(var / "google-account.json", f"{address}/token"), ours.fileno()
        words = ["--only", "google", "--google-fd", str(descriptor), "--google-account", str(account)]
        child = _spawn([*words, "--google-property", PROPERTY], descriptor, environment, output=output)
    try:
        yield Counting(
            {
                "GOOGLE_EMULATOR_URL": address,
                "GOOGLE_ANALYTICS_ID": ID,
                "GOOGLE_ANALYTICS_PROPERTY": PROPERTY,
                "GOOGLE_SERVICE_ACCOUNT_FILE": str(account),
            },
            (child,),
        )
    finally:
        children.stop(child)


def _written(file: Path, token_uri: str) -> Path:
    """A key of this start alone, for nobody else to read."""
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as written:
        written.write(new_account(token_uri))
    return file


def _spawn(words: list[str], descriptor: int, environment: Mapping[str, str], *, output: supervise.Output) -> Child:
    voice = output("google")
    try:
        argv = [sys.executable, "-m", "emulators", *words]
        return children.spawn("google", argv, env=environment, output=voice, cwd=places.PROJECT, pass_fds=(descriptor,))
    finally:
        os.close(voice)
