"""The first page of a category over 200 000 listings with paid placements above it, beside the same page without."""

import argparse
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from benchmarks.listing_search import NOW, WORDS, fill
from benchmarks.report import Report, Verdict, middle, progress
from benchmarks.stage import Stage, stage

GOAL_MS: Final = 50
"""As for a search without them."""
PLACEMENTS: Final = """
INSERT INTO marketplace_placement
    (id, listing_id, seller_id, service, amount, invoice_name, invoice_registration, invoice_address, chosen_at,
     paid_at, ends_at)
SELECT gen_random_uuid(), id, seller_id, 'PLACEMENT_WEEK', 2.99, '', '', '', %(now)s, %(now)s,
    %(now)s::timestamptz + random() * interval '7 days'
FROM marketplace_listing WHERE state = 'published' ORDER BY md5(id::text) LIMIT %(count)s
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rows", type=lambda text: int(float(text)), default=200_000, help="listings (2e5)")
    parser.add_argument("--placements", type=int, default=2000, help="of them placed (2000)")
    parser.add_argument("--rounds", type=int, default=15, help="how often each page is asked for (15)")


def run(options: argparse.Namespace) -> Report:
    """Each page with and without, in turn."""
    with stage(durable=False) as here:
        here.enter_django()
        fill(here, options.rows)
        _place(here, options.placements)
        rows = [(title, *_measured(wish, options.rounds)) for title, wish in _wishes().items()]
        plan = _plan(next(iter(_wishes().values())))
    report = Report("listing_placed", ("wish", "placed", "without, ms", "with, ms", "ratio"))
    for title, count, without, with_them in rows:
        report.rows.append((title, count, without * 1000, with_them * 1000, with_them / without))
    worst = max(float(row[3]) for row in report.rows)
    ratio = middle([float(row[4]) for row in report.rows])
    report.notes.append(f"plan of the placed ones in a category:\n{plan}")
    report.notes.append(f"with to without, the middle of all wishes: {ratio:.3g}")
    report.verdicts.append(Verdict("slowest page with placements, ms", worst, GOAL_MS))
    return report


def _place(here: Stage, count: int) -> None:
    progress(f"{count} placements")
    with here.owner_cursor() as cursor:
        cursor.execute(PLACEMENTS, {"now": NOW, "count": count})
        cursor.execute("VACUUM ANALYZE marketplace_placement")


def _wishes() -> dict[str, Any]:
    from marketplace.searching import Wish  # noqa: PLC0415 - models load only on the stage

    return {
        "a category": Wish(category="books"),
        "category and price": Wish(category="books", least=Decimal(50), most=Decimal(80)),
        "a frequent word in a category": Wish(category="books", words="v30"),
        "a rare word in a category": Wish(category="books", words=f"v{WORDS - 200}"),
        "category and place": Wish(category="tools", place="cesu-novads"),
    }


def _measured(wish: Any, rounds: int) -> tuple[int, float, float]:
    """How many stand first, and the medians of the time without them and with them."""
    from marketplace.placements import placed  # noqa: PLC0415 - models load only on the stage
    from marketplace.searching import PAGE, find  # noqa: PLC0415 - the same

    now = NOW + timedelta(minutes=5)
    without, both, first = list[float](), list[float](), list[Any]()
    for _ in range(rounds + 1):
        below = _seconds(lambda: find(wish, now=now)[: PAGE + 1], [])
        above = _seconds(lambda: placed(wish, now=now), first)
        without.append(below)
        both.append(below + above)
    return len(first) // (rounds + 1), middle(without[1:]), middle(both[1:])  # the first round warms


def _seconds(ask: Callable[[], Any], kept: list[Any]) -> float:
    """Until all rows are here, the making of the query included."""
    begun = time.perf_counter()
    kept.extend(ask())
    return time.perf_counter() - begun


def _plan(wish: Any) -> str:
    from marketplace.placements import placed  # noqa: PLC0415 - models load only on the stage

    plan: str = placed(wish, now=NOW + timedelta(minutes=5)).explain(analyze=True, buffers=True)
    return plan
