"""Twenty-one weeks of visits, the oldest of them due to be purged."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from visits.hits import Hit, line_of
from visits.partitions import make_partitions
from visits.storage import store

DAYS = 21 * 7
PATHS = ("/", "/privacy/", "/privacy/policy/", "/cookies/", "/account/", "/accounts/login/", "/privacy/consents/")
SEARCHES = ("velosipēds", "dārza galds", "ziemas riepas", "bērnu gulta", "medus")
BROWSERS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
        " Version/18.1 Mobile/15E148 Safari/604.1"
    ),
)


def seed_visits(user_ids: list[UUID], *, now: datetime, chance: random.Random) -> int:
    """Writes visits of the people and of strangers, spread over 21 weeks; returns how many."""
    make_partitions(now=now, days_back=DAYS + 1)
    lines = [line_of(hit) for hit in _hits(user_ids, now, chance)]
    store(lines)
    return len(lines)


def _hits(user_ids: list[UUID], now: datetime, chance: random.Random) -> Iterator[Hit]:
    for day in range(DAYS):
        for _number in range(chance.randint(4, 12)):
            at = now - timedelta(days=day, seconds=chance.randint(0, 86_000))
            who = chance.choice([None, None, *user_ids])
            query = f"q={chance.choice(SEARCHES)}" if chance.random() < 0.2 else ""
            yield Hit(
                at=at,
                method="GET",
                path=chance.choice(PATHS),
                query=query,
                referrer="",
                host="localhost",
                ip=f"203.0.113.{chance.randint(1, 254)}",
                user_agent=chance.choice(BROWSERS),
                user_id=str(who) if who else None,
                status=404 if chance.random() < 0.03 else 200,
                seconds=chance.randint(4, 180) / 1000,
                secrets=(),
                is_staff_page=False,
            )
