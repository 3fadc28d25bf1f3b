"""The emulated Mailgun of `bin/run`: a process of its own, to which the site sends over a socket as to the real one."""

import contextlib
import os
import secrets
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from runner import children, places, supervise
from runner.children import Child

PORT: Final = 8025
DOMAIN: Final = "mg.qlekta.example"
# Whoever names one of these says where mail goes.
_CHOICES: Final = ("EMAIL_URL", "MAILGUN_API_KEY", "QLEKTA_PROCESSORS")


@dataclass(frozen=True, slots=True)
class Mail:
    """What the site must know to send there, the process, and where people read; empty where nothing is emulated."""

    environment: Mapping[str, str] = field(default_factory=dict)
    children: tuple[Child, ...] = ()
    inbox: str = ""


def is_wanted(environment: Mapping[str, str]) -> bool:
    """Only in development, and only where nobody has said where mail goes."""
    chosen = any(environment.get(name) or environment.get(f"{name}_FILE") for name in _CHOICES)
    return environment.get("QLEKTA_ENV") == "development" and not chosen


@contextlib.contextmanager
def emulated(
    environment: Mapping[str, str], *, var: Path, output: supervise.Output, port: int = PORT
) -> Iterator[Mail]:
    """Lend the emulated Mailgun while the site runs; its letters stay in `var`. Does nothing where it is not wanted."""
    if not is_wanted(environment):
        yield Mail()
        return
    key, signing_key = secrets.token_hex(16), secrets.token_hex(16)
    with supervise.listen(port) as listener:
        address = f"http://{supervise.HOST}:{listener.getsockname()[1]}"
        inbox = f"{supervise.address_of(listener)}/"
        child = _spawn(listener.fileno(), (key, signing_key), environment, var=var, output=output)
    try:
        yield Mail(
            {
                "QLEKTA_PROCESSORS": "emulated",
                "EMULATED_INBOX_URL": inbox,
                "EMAIL_URL": "mailgun://",
                "MAILGUN_API_KEY": key,
                "MAILGUN_API_URL": f"{address}/v3",
                "MAILGUN_SENDER_DOMAIN": DOMAIN,
                "MAILGUN_WEBHOOK_SIGNING_KEY": signing_key,
                "MAILGUN_WEBHOOK_SECRET": f"mailgun:{secrets.token_hex(16)}",
            },
            (child,),
            inbox,
        )
    finally:
        children.stop(child)


def _spawn(
    descriptor: int, keys: tuple[str, str], environment: Mapping[str, str], *, var: Path, output: supervise.Output
) -> Child:
    words = ["emulators", "--mailgun-fd", str(descriptor), "--domain", DOMAIN]
    words += ["--api-key", keys[0], "--signing-key", keys[1]]
    words += ["--keep", str(var / "mailgun.jsonl"), "--letters", str(places.private_directory(var / "mail"))]
    voice = output("mailgun")
    try:
        return children.spawn(
            "mailgun",
            [sys.executable, "-m", *words],
            env=environment,
            output=voice,
            cwd=places.PROJECT,
            pass_fds=(descriptor,),
        )
    finally:
        os.close(voice)
