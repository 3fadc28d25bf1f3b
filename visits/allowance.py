"""How many reports one address may send: counted in the process, so that a flood costs nobody a query (H5)."""

import ipaddress
import threading
from typing import Final

PER_MINUTE: Final = 60
"""Reports of one address in a minute, in one process: a page sends one each time it is left or hidden."""
MOST_ADDRESSES: Final = 10_000
_SECONDS: Final = 60
_NETWORK_OF_ONE: Final = 64


class Allowance:
    """Counts by address within a minute and forgets everything with the next; what is beyond is refused and counted."""

    def __init__(self, *, most: int = PER_MINUTE, addresses: int = MOST_ADDRESSES) -> None:
        self.most = most
        self.addresses = addresses
        self.refused = 0
        self._minute = -1
        self._sent: dict[str, int] = {}
        self._guard = threading.Lock()

    def admits(self, ip: str, *, at: float) -> bool:
        """Whether this address may send one more; `at` in seconds of any clock that only goes forward.

        With more addresses in a minute than are counted, those that come last are refused: memory has a bound.
        """
        who = _one(ip)
        with self._guard:
            if (minute := int(at // _SECONDS)) != self._minute:
                self._minute, self._sent = minute, {}
            sent = self._sent.get(who, 0)
            if sent >= self.most or (not sent and len(self._sent) >= self.addresses):
                self.refused += 1
                return False
            self._sent[who] = sent + 1
        return True


def _one(ip: str) -> str:
    """Whoever has one IPv6 address has the whole network around it."""
    if ":" not in ip:
        return ip
    try:
        return str(ipaddress.ip_network((ip.partition("%")[0], _NETWORK_OF_ONE), strict=False))
    except ValueError:
        return ip


ALLOWANCE: Final = Allowance()
