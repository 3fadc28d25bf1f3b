"""One spelling for each value, so that hashes and signatures over it can be checked by anybody, years later."""

from datetime import UTC, date, datetime
from decimal import Decimal
from json import JSONEncoder
from typing import Any
from uuid import UUID

from django.utils.functional import Promise


def canonical_json(value: Any) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces; instants as RFC 3339 in UTC, UUIDs and decimals as text.

    Raises ValueError for NaN, infinities and naive datetimes, TypeError for what has no single spelling.
    """
    return _ENCODER.encode(value).encode()


def _spell(value: object) -> str:
    match value:
        case datetime():
            if value.tzinfo is None:
                raise ValueError("A datetime without a zone is no instant.")
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case UUID() | Decimal() | Promise():
            return str(value)
    raise TypeError(f"{type(value).__name__} has no canonical spelling.")


_ENCODER = JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False, default=_spell
)
