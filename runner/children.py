"""Child processes that never outlive the runner: each dies with its parent, even when that one is killed."""

import ctypes
import functools
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

NOBODY = 65534
Word = str | Path
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Child:
    """A started process, leader of its own session so that Ctrl-C reaches only the runner."""

    name: str
    process: subprocess.Popen[bytes]

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None


def spawn(
    name: str,
    argv: Sequence[Word],
    *,
    env: Mapping[str, str],
    output: int | IO[bytes],
    death_signal: signal.Signals = signal.SIGTERM,
    cwd: Path | None = None,
    pass_fds: Sequence[int] = (),
) -> Child:
    """Start a child that receives `death_signal` when we die; from the main thread, for the kernel watches threads."""
    process = subprocess.Popen(
        [str(word) for word in argv],
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=pass_fds,
        preexec_fn=dies_with_parent(death_signal),  # noqa: PLW1509 - one prctl, prepared before the fork
    )
    return Child(name, process)


def stop(child: Child, *, how: signal.Signals = signal.SIGTERM, patience: float = 10.0) -> None:
    """Ask the child to end, wait `patience` seconds, then kill what is left of its process group."""
    if child.is_alive:
        child.process.send_signal(how)
        try:
            child.process.wait(patience)
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()
    try:
        os.killpg(child.process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def dies_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """Return what a fresh child must call: ask Linux for `death_signal` at our death; elsewhere nothing."""
    if not sys.platform.startswith("linux"):
        return lambda: None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # we died between the fork and the request
            os._exit(1)

    return ask


@functools.cache
def in_user_namespace() -> tuple[str, ...]:
    """Return the words that run a program as nobody inside a user namespace, where the machine allows it."""
    words = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}")
    return words if shutil.which("unshare") and _succeeds([*words, "true"]) else ()


def as_nobody(death_signal: signal.Signals) -> tuple[str, ...]:
    """Return the words that run a program as nobody who may still read our directories, without a namespace."""
    return (
        "setpriv",
        f"--reuid={NOBODY}",
        "--clear-groups",
        "--securebits=+no_setuid_fixup",
        "--inh-caps=+dac_override",
        "--ambient-caps=+dac_override",
        f"--pdeathsig={death_signal.name.removeprefix('SIG')}",
    )


def _succeeds(argv: Sequence[str]) -> bool:
    return subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0
