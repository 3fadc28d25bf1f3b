"""The emulated Escrow.com of `bin/run`: a process of its own, with pages to identify oneself and to pay."""

import contextlib
import os
import secrets
import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from runner import children, mail, places, supervise
from runner.children import Child

PORT: Final = 8027
EMAIL: Final = "partner@qlekta.example"


@dataclass(frozen=True, slots=True)
class Held:
    """What the site must know to speak to it, and the process; empty where nothing is emulated."""

    environment: Mapping[str, str] = field(default_factory=dict)
    children: tuple[Child, ...] = ()


@contextlib.contextmanager
def emulated(
    environment: Mapping[str, str],
    *,
    listener: socket.socket,
    var: Path,
    output: supervise.Output,
    port: int = PORT,
) -> Iterator[Held]:
    """Lend the emulated Escrow.com while the site on `listener` runs; its books stay in `var`. Does nothing where mail
    is not emulated either, or somebody named an account of his own there."""
    if not mail.is_wanted(environment) or environment.get("ESCROW_API_KEY") or environment.get("ESCROW_API_KEY_FILE"):
        yield Held()
        return
    key = secrets.token_hex(16)
    with supervise.listen(port) as ours:
        pages = supervise.address_of(ours)
        words = ["emulators", "--only", "escrow", "--escrow-fd", str(ours.fileno())]
        words += ["--escrow-key", key, "--escrow-email", EMAIL, "--escrow-pages", pages]
        words += ["--escrow-webhook", f"{supervise.address_of(listener)}/webhooks/escrow/"]
        words += ["--escrow-keep", str(var / "escrow.json")]
        child = _spawn(words, ours.fileno(), environment, output=output)
    try:
        address = f"http://{supervise.HOST}:{pages.rpartition(':')[2]}"
        yield Held(
            {
                "ESCROW_API_KEY": key,
                "ESCROW_EMAIL": EMAIL,
                "ESCROW_API_URL": f"{address}/2017-09-01",
                "ESCROW_PAGES_URL": pages,
            },
            (child,),
        )
    finally:
        children.stop(child)


def _spawn(words: list[str], descriptor: int, environment: Mapping[str, str], *, output: supervise.Output) -> Child:
    voice = output("escrow")
    try:
        argv = [sys.executable, "-m", *words]
        return children.spawn("escrow", argv, env=environment, output=voice, cwd=places.PROJECT, pass_fds=(descriptor,))
    finally:
        os.close(voice)
