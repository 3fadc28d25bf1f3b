"""Counts attempts in the database, one atomic statement each, under tokens that name nobody (Art. 25, 32)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from math import ceil
from typing import Final

from django.db import connection

from datamap.catalogue import length_of
from datamap.trace import normalise_email
from vault.tokens import token

_PREFIX: Final = {4: 24, 6: 48}
"""Bits of an address that count as one network: whoever has one address of it can have them all."""

# A row whose time is over starts anew; one that is used up is not touched and gives nothing back.
_TAKE: Final = """
INSERT INTO retention_attemptcount AS stored (key, count, ends_at) VALUES (%(key)s, 1, %(ends_at)s)
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN stored.ends_at <= %(now)s THEN 1 ELSE stored.count + 1 END,
    ends_at = CASE WHEN stored.ends_at <= %(now)s THEN excluded.ends_at ELSE stored.ends_at END
WHERE stored.ends_at <= %(now)s OR stored.count < %(limit)s
RETURNING count
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many attempts within a time that begins with the first of them."""

    attempts: int
    within: timedelta


PER_ADDRESS: Final = Limit(10, length_of("ATTEMPTS"))
"""So many letters one address gets in a day, whoever asks for them (security I4)."""

PER_NETWORK: Final = Limit(30, timedelta(hours=1))
"""So many forms, links and codes from one network; who hides behind it can still write to us (security I4)."""


def take(key: str, limit: Limit, *, now: datetime) -> bool:
    """Count one attempt; False where the limit is used up. Of many at once exactly so many are let through."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"key": key, "ends_at": now + limit.within, "now": now, "limit": limit.attempts})
        return cursor.fetchone() is not None


@dataclass(frozen=True, slots=True)
class Left:
    """How many attempts are left, and how many whole seconds until the count begins anew."""

    attempts: int
    seconds: int


def left(key: str, limit: Limit, *, now: datetime) -> Left:
    """What `take` would still let through; nothing is counted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count, ends_at FROM retention_attemptcount WHERE key = %s AND ends_at > %s", [key, now])
        row = cursor.fetchone()
    if row is None:
        return Left(limit.attempts, int(limit.within.total_seconds()))
    count, ends_at = row
    return Left(max(limit.attempts - count, 0), ceil((ends_at - now).total_seconds()))


def address_key(address: str) -> str:
    """The token of an e-mail address as it is counted; no other table can be joined by it."""
    return token(normalise_email(address), purpose="attempts.address")


def address_keys(addresses: Iterable[str]) -> set[str]:
    """The tokens of several addresses, for `Via`."""
    return {address_key(address) for address in addresses}


def network_key(ip: str) -> str:
    """The token of the network that an IP address lies in; all who hide theirs share one."""
    return token(_network_of(ip), purpose="attempts.network")


def _network_of(ip: str) -> str:
    try:
        version = ip_address(ip).version
    except ValueError:
        return ""
    return str(ip_network(f"{ip}/{_PREFIX[version]}", strict=False))
