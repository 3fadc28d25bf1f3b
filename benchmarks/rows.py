"""Fills the visit log inside the server, with values as long and as varied as real ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from visits.hits import COLUMNS
from visits.partitions import ONE_DAY, TABLE, ensure_days

_PATTERNS: Final = 20_000
_PATTERN: Final = [name for name in COLUMNS if name not in {"at", "user_id"}]

# What a visit looks like repeats, only its time and its person are its own: so long fills spend their time on writing.
# Each person has a share of the rows: the n-th row belongs to the first person whose step divides n.
_FILL = f"""
WITH pattern AS MATERIALIZED (
    SELECT
        n AS number,
        'page' AS kind,
        left(encode(sha256(n::text::bytea), 'base64'), 43) AS visitor_key,
        ('203.0.' || n %% 251 || '.' || n %% 249)::inet AS ip,
        'Firefox' AS browser, '140.0' AS browser_version, 'Linux' AS os, 'desktop' AS platform, 'GET' AS method,
        '/listings/' || md5((n %% 10000)::text) || '/' AS path,
        'https://qlekta.example/listings/?page=' || n %% 40 AS referrer,
        '' AS search,
        md5((n %% 10000)::text) AS item,
        200 AS status,
        (n %% 300)::int AS response_ms
    FROM generate_series(0, least(%(rows)s, {_PATTERNS}) - 1) AS n
)
INSERT INTO {TABLE} (at, user_id, {", ".join(_PATTERN)})
SELECT %(start)s + (%(span)s * (n::float8 / %(rows)s)), {{user}}, {", ".join(_PATTERN)}
FROM generate_series(0, %(rows)s - 1) AS n JOIN pattern ON number = n %% {_PATTERNS}
"""


def add_one(cursor: Any, *, at: datetime) -> None:
    """Writes one visit into a day that exists."""
    cursor.execute(_FILL.format(user="NULL::uuid"), {"rows": 1, "start": at, "span": timedelta(0)})


def fill(cursor: Any, *, rows: int, start: datetime, span: timedelta, persons: dict[UUID, int] | None = None) -> None:
    """Writes `rows` visits evenly over `span`; `persons` names accounts and at every how many rows one is theirs."""
    ensure_days({(start + ONE_DAY * number).date() for number in range(span // ONE_DAY + 1)})
    cases = "".join(f" WHEN n %% {step} = 0 THEN '{account}'::uuid" for account, step in (persons or {}).items())
    user = f"CASE{cases} WHEN n %% 3 = 0 THEN md5((n %% 5000)::text)::uuid END"
    cursor.execute(_FILL.format(user=user), {"rows": rows, "start": start, "span": span})


@contextmanager
def indexes_later(cursor: Any, *tables: str) -> Iterator[None]:
    """Takes the indexes off the log, but for its key, and makes them at the end, for each of the `tables`."""
    cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexdef !~ 'UNIQUE'", [TABLE])
    indexes = dict(cursor.fetchall())
    cursor.execute(f"DROP INDEX {', '.join(indexes)}")
    yield
    for definition in indexes.values():
        for table in tables:
            cursor.execute(definition.replace(" ON ONLY ", " ON ").replace(TABLE, table))
