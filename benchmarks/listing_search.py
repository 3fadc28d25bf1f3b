"""The first page of a search over 200 000 listings: the time of the database, and the plan it chose, for each wish."""

import argparse
import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from benchmarks.report import Report, Verdict, middle, progress
from benchmarks.stage import Stage, stage

NOW: Final = datetime(2026, 6, 1, tzinfo=UTC)
GOAL_MS: Final = 50
WORDS: Final = 5000
"""Different words; the first ones come in every second listing, the last ones in a few."""
# Three words in a title and twenty in a description, the frequent ones far more often; a tenth has been closed.
LISTINGS: Final = """
INSERT INTO marketplace_listing
    (id, seller_id, state, language, title, description, category, price, place, created_at, published_at, ends_at,
     words)
SELECT gen_random_uuid(), (%(sellers)s::uuid[])[1 + n %% cardinality(%(sellers)s::uuid[])],
    CASE WHEN n %% 10 = 0 THEN 'closed' ELSE 'published' END, 'lv', title, text,
    (%(categories)s::text[])[1 + (n * 7) %% cardinality(%(categories)s::text[])],
    round((random() * random() * 2000)::numeric, 2),
    (%(places)s::text[])[1 + (n * 13) %% cardinality(%(places)s::text[])],
    at, at, at + interval '60 days',
    setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', text), 'B')
FROM (
    SELECT n, %(now)s::timestamptz - random() * interval '59 days' AS at,
        (SELECT string_agg('v' || floor(%(words)s * power(random(), 3)), ' ')
         FROM generate_series(1, 3) g WHERE g + n > 0) AS title,
        (SELECT string_agg('v' || floor(%(words)s * power(random(), 3)), ' ')
         FROM generate_series(1, 20) g WHERE g + n > 0) AS text
    FROM generate_series(1, %(rows)s) n
) AS made
"""


@dataclass(slots=True)
class Asked:
    """One wish, what it cost each time, and how many listings answer it."""

    title: str
    wish: Any
    answers: int = 0
    seconds: list[float] = field(default_factory=list)


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rows", type=lambda text: int(float(text)), default=200_000, help="listings (2e5)")
    parser.add_argument("--rounds", type=int, default=15, help="how often each wish is asked (15)")
    parser.add_argument("--plans", action="store_true", help="show the plan of every wish, not of the slowest alone")


def run(options: argparse.Namespace) -> Report:
    """Each wish is asked in turn, in another order in each round."""
    with stage(durable=False) as here:
        here.enter_django()
        fill(here, options.rows)
        asked = _wishes()
        order = random.Random(1)
        for number in range(options.rounds + 1):
            for one in order.sample(asked, len(asked)):
                seconds = _ask(one)
                one.seconds += [seconds] if number else []  # the first round warms
        plans = {one.title: _plan(one) for one in asked}
        for one in asked:
            one.answers = _found(one).count()
    report = Report("listing_search", ("wish", "answers", "median, ms", "slowest, ms"))
    for one in asked:
        report.rows.append((one.title, one.answers, middle(one.seconds) * 1000, max(one.seconds) * 1000))
    worst = max(asked, key=lambda one: middle(one.seconds))
    for title in [one.title for one in asked] if options.plans else [worst.title]:
        report.notes.append(f"plan of {title}:\n{plans[title]}")
    median = middle([second for one in asked for second in one.seconds]) * 1000
    report.verdicts.append(Verdict("median of all wishes, ms of the database", median, GOAL_MS))
    report.verdicts.append(Verdict(f"median of {worst.title}, ms", middle(worst.seconds) * 1000, GOAL_MS))
    return report


def fill(here: Stage, rows: int) -> None:
    """So many listings of a thousand sellers, in all categories and places."""
    from benchmarks.crowd import make_people  # noqa: PLC0415 - models load only on the stage
    from marketplace.places import PLACES  # noqa: PLC0415 - the same
    from marketplace.terms import Category  # noqa: PLC0415 - the same

    sellers = [str(number) for number in make_people(1000, log_ins=0, at=NOW)]
    progress(f"{rows} listings")
    given = {"sellers": sellers, "categories": Category.values, "places": [code for code, _name in PLACES]}
    with here.owner_cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute(LISTINGS, given | {"rows": rows, "words": WORDS, "now": NOW})
        cursor.execute("VACUUM ANALYZE marketplace_listing")


def _wishes() -> list[Asked]:
    from marketplace.searching import Wish  # noqa: PLC0415 - models load only on the stage
    from marketplace.terms import Sorting  # noqa: PLC0415 - the same

    some: dict[str, Any] = {"least": Decimal(50), "most": Decimal(80)}
    return [
        Asked("everything, newest", Wish()),
        Asked("a word of every second listing", Wish(words="v0")),
        Asked("a frequent word", Wish(words="v30")),
        Asked("a rare word", Wish(words="v4800")),
        Asked("a word that is nowhere", Wish(words="nekur")),
        Asked("two words", Wish(words="v3 v40")),
        Asked("a frequent word, cheapest", Wish(words="v30", order=Sorting.CHEAPEST)),
        Asked("category and price, cheapest", Wish(category="books", order=Sorting.CHEAPEST, **some)),
        Asked("place and category", Wish(place="cesu-novads", category="tools")),
        Asked("a frequent word in a place", Wish(words="v10", place="cesu-novads")),
    ]


def _found(one: Asked) -> Any:
    from marketplace.searching import find  # noqa: PLC0415 - models load only on the stage

    return find(one.wish, now=NOW)


def _ask(one: Asked) -> float:
    """Seconds of the database for the first page, and for one row more, which says whether there is a second."""
    from django.db import connection  # noqa: PLC0415 - Django is set up on the stage

    from marketplace.searching import PAGE  # noqa: PLC0415 - models load only on the stage

    spent = 0.0

    def timed(execute: Any, *statement: Any) -> Any:
        nonlocal spent
        begun = time.perf_counter()
        try:
            return execute(*statement)
        finally:
            spent += time.perf_counter() - begun

    with connection.execute_wrapper(timed):
        list(_found(one)[: PAGE + 1])
    return spent


def _plan(one: Asked) -> str:
    from marketplace.searching import PAGE  # noqa: PLC0415 - models load only on the stage

    plan: str = _found(one)[: PAGE + 1].explain(analyze=True, buffers=True)
    return plan
