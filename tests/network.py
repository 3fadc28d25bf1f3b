"""No test speaks to the network: sockets open only inside the machine, and only for tests that say so."""

import contextlib
import ipaddress
import socket
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

_LOOPBACK_MARKERS: Final = ("network", "browser")


class NetworkRefusedError(Exception):
    """A test tried to leave the machine, or to use the loopback without the marker `network`."""


class Guard:
    """Stands before every socket of the process; closed until a test opens the loopback."""

    def __init__(self) -> None:
        self.loopback_allowed = False

    def install(self) -> None:
        for name in ("connect", "connect_ex", "sendto"):
            setattr(socket.socket, name, self._guarded(getattr(socket.socket, name)))
        socket.getaddrinfo = self._guarded_lookup(socket.getaddrinfo)

    @contextlib.contextmanager
    def for_test(self, item: pytest.Item) -> Iterator[None]:
        """Open the loopback while a marked test and its fixtures run."""
        before = self.loopback_allowed
        self.loopback_allowed = any(item.get_closest_marker(name) for name in _LOOPBACK_MARKERS)
        try:
            yield
        finally:
            self.loopback_allowed = before

    def check(self, host: object) -> None:
        if not (self.loopback_allowed and _is_loopback(host)):
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
            return original(host, *arguments, **named)

        return guarded


GUARD: Final = Guard()


def _is_loopback(host: object) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False
