"""Fills the visit log inside the server, with values as long and as varied as real ones."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from visits.hits import COLUMNS
from visits.partitions import ONE_DAY, TABLE, ensure_days

# Each person's share of the rows: the n-th row belongs to the first person whose step divides n.
_FILL = f"""
INSERT INTO {TABLE} ({", ".join(COLUMNS)})
SELECT
    %(start)s + (%(span)s * (n::float8 / %(rows)s)),
    {{user}},
    'page',
    left(encode(sha256((n %% 100000)::text::bytea), 'base64'), 43),
    ('203.0.' || n %% 251 || '.' || n %% 249)::inet,
    'Firefox', '140.0', 'Linux', 'desktop', 'GET',
    '/listings/' || md5((n %% 10000)::text) || '/',
    'https://qlekta.example/listings/?page=' || n %% 40,
    '',
    md5((n %% 10000)::text),
    200,
    (n %% 300)::int
FROM generate_series(0, %(rows)s - 1) AS n
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
