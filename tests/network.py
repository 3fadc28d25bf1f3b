"""No test speaks to the network: sockets open only inside the machine, and only for tests that say so.

The one exception has a name: a test marked `sandbox` reaches the sandboxes of the services below, and nobody else. Such
a test is skipped where the environment has no credentials for it.
"""

import contextlib
import ipaddress
import socket
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

_LOOPBACK_MARKERS: Final = ("network", "browser")
SANDBOXES: Final = frozenset(
    {"api.sandbox.braintreegateway.com", "api.escrow-sandbox.com", "api.mailgun.net", "api.eu.mailgun.net"}
)


class NetworkRefusedError(Exception):
    """A test tried to leave the machine, or to use the loopback without the marker `network`."""


class Guard:
    """Stands before every socket of the process; closed until a test opens the loopback, or a sandbox by its name."""

    def __init__(self) -> None:
        self.loopback_allowed = False
        self.sandboxes_allowed = False
        self._addresses: set[str] = set()

    def install(self) -> None:
        for name in ("connect", "connect_ex", "sendto"):
            setattr(socket.socket, name, self._guarded(getattr(socket.socket, name)))
        socket.getaddrinfo = self._guarded_lookup(socket.getaddrinfo)

    @contextlib.contextmanager
    def for_test(self, item: pytest.Item) -> Iterator[None]:
        """Open the loopback, or the sandboxes, while a marked test and its fixtures run."""
        before = self.loopback_allowed, self.sandboxes_allowed
        self.loopback_allowed = any(item.get_closest_marker(name) for name in _LOOPBACK_MARKERS)
        self.sandboxes_allowed = item.get_closest_marker("sandbox") is not None
        try:
            yield
        finally:
            self.loopback_allowed, self.sandboxes_allowed = before

    def check(self, host: object) -> None:
        is_sandbox = self.sandboxes_allowed and (host in SANDBOXES or host in self._addresses)
        if not (is_sandbox or (self.loopback_allowed and _is_loopback(host))):
            raise NetworkRefusedError(f"Tests may not reach {host!r}; mark the test `network` if it is the loopback.")

    def _guarded(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(this: socket.socket, *arguments: Any) -> Any:
            if this.family != socket.AF_UNIX:
                self.check(arguments[-1][0])
            return original(this, *arguments)

        return guarded

    def _guarded_lookup(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(host: object, *arguments: Any, **named: Any) -> Any:
            if host is not None:  # None asks for an address to listen on
                self.check(host)
            found = original(host, *arguments, **named)
            if host in SANDBOXES:
                self._addresses.update(address[0] for *_, address in found)
            return found

        return guarded


GUARD: Final = Guard()


def _is_loopback(host: object) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False
