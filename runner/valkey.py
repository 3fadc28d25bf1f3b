"""A private Valkey: broker in its database 0, cache in its database 1, unix socket only."""

import os
import signal
import socket
import time
from dataclasses import dataclass, field
from pathlib import Path

from runner import binaries, children
from runner.children import Word
from runner.postgres import tail
from runner.trouble import Trouble

_START_PATIENCE = 30.0
_STOP_PATIENCE = 10.0


@dataclass(slots=True)
class Valkey:
    """One server: the directory of its append-only file, its socket, its log; `durable` is False for tests."""

    data: Path
    sockets: Path
    log: Path
    durable: bool = True
    child: children.Child | None = field(default=None, init=False)

    @property
    def socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def broker_url(self) -> str:
        return f"redis+socket://{self.socket}?virtual_host=0"

    @property
    def cache_url(self) -> str:
        return f"unix://{self.socket}?db=1"

    def start(self) -> None:
        """Start the server and wait until it answers a ping."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._wait_for_predecessor()
        with self.log.open("ab") as output:
            self.child = children.spawn("valkey", self._argv(), env=dict(os.environ), output=output, cwd=self.data)
        deadline = time.monotonic() + _START_PATIENCE
        while time.monotonic() < deadline and self.child.is_alive:
            if self._answers():
                return
            time.sleep(0.02)
        raise Trouble(f"Valkey did not start. The end of {self.log}:\n{tail(self.log)}")

    def stop(self) -> None:
        """End the server; it writes its append-only file to the end first."""
        if self.child is not None:
            children.stop(self.child, how=signal.SIGTERM, patience=_STOP_PATIENCE)

    def _argv(self) -> list[Word]:
        argv: list[Word] = [binaries.valkey_program(), "--port", "0", "--dir", self.data, "--daemonize", "no"]
        argv += ["--unixsocket", self.socket, "--unixsocketperm", "700"]
        # A full broker must refuse new work, never forget accepted work.
        argv += ["--save", "", "--maxmemory-policy", "noeviction", "--databases", "64"]
        return [*argv, "--appendonly", "yes" if self.durable else "no"]

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(1)
                line.connect(str(self.socket))
                line.sendall(b"PING\r\n")
                return line.recv(64).startswith(b"+PONG")
        except OSError:
            return False

    def _wait_for_predecessor(self) -> None:
        # The server of a runner that was killed answers until it has shut down; two must not share one file.
        deadline = time.monotonic() + _STOP_PATIENCE
        while self._answers():
            if time.monotonic() > deadline:
                raise Trouble(f"Another Valkey is still running on {self.socket}.")
            time.sleep(0.1)
        self.socket.unlink(missing_ok=True)
