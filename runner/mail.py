"""The emulated services of `bin/run`: a process of their own, which the site calls over sockets like the real ones."""

import contextlib
import os
import secrets
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from runner import cards, children, places, supervise
from runner.cards import Cards
from runner.children import Child

PORT: Final = 8025
DOMAIN: Final = "mg.qlekta.example"
# Whoever names one of these says where mail or money goes.
_CHOICES: Final = ("EMAIL_URL", "MAILGUN_API_KEY", "BRAINTREE_MERCHANT_ID", "QLEKTA_PROCESSORS")


@dataclass(frozen=True, slots=True)
class Mail:
    """What the site must know to send there, the process, and where people read; empty where nothing is emulated."""

    environment: Mapping[str, str] = field(default_factory=dict)
    children: tuple[Child, ...] = ()
    inbox: str = ""


def is_wanted(environment: Mapping[str, str]) -> bool:
    """Only in development, and only where nobody has said where mail or money goes."""
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
    key, signing_key, payment = secrets.token_hex(16), secrets.token_hex(16), Cards()
    with supervise.listen(port) as listener, supervise.listen(port and cards.PORT) as till:
        address = f"http://{supervise.HOST}:{listener.getsockname()[1]}"
        of_cards = payment.environment(f"http://{supervise.HOST}:{till.getsockname()[1]}")
        inbox = f"{supervise.address_of(listener)}/"
        words = [*_words(listener.fileno(), (key, signing_key), var=var), *payment.words(till.fileno(), var=var)]
        child = _spawn(words, (listener.fileno(), till.fileno()), environment, output=output)
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
                **of_cards,
            },
            (child,),
            inbox,
        )
    finally:
        children.stop(child)


def _words(descriptor: int, keys: tuple[str, str], *, var: Path) -> list[str]:
    words = ["--mailgun-fd", str(descriptor), "--domain", DOMAIN, "--api-key", keys[0], "--signing-key", keys[1]]
    return [*words, "--keep", str(var / "mailgun.jsonl"), "--letters", str(places.private_directory(var / "mail"))]


def _spawn(
    words: list[str], descriptors: tuple[int, ...], environment: Mapping[str, str], *, output: supervise.Output
) -> Child:
    voice = output("mailgun")
    try:
        return children.spawn(
            "mailgun",
            [sys.executable, "-m", "emulators", "--only", "mailgun", "braintree", *words],
            env=environment,
            output=voice,
            cwd=places.PROJECT,
            pass_fds=descriptors,
        )
    finally:
        os.close(voice)
