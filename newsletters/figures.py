"""Figures for an audit of advertising: totals only, small ones left out, and nothing that could name a person (Q8.9).

Of each campaign that has ended, how many letters came to what; never who, and never so few that somebody could be told.
"""

from collections.abc import Iterator
from csv import writer
from dataclasses import dataclass
from io import StringIO
from typing import Final

from datamap.periods import RIGA
from datamap.sheets import safe_text
from newsletters.models import Campaign
from newsletters.progress import Progress

FEWEST: Final = 10
"""A count below this is left out, and so is what it could be worked out from (T19)."""

HEADER: Final = ("started_on", "subject", "result", "letters")
LEFT_OUT: Final = f"<{FEWEST}"


@dataclass(frozen=True, slots=True)
class Figure:
    """How many letters of one campaign came to one result; None where the count is left out."""

    started_on: str
    subject: str
    result: str
    letters: int | None


def figures() -> Iterator[Figure]:
    """The results of all campaigns that have ended, the oldest first."""
    for campaign in Campaign.objects.exclude(totals={}).exclude(started_at=None).order_by("started_at", "pk"):
        if campaign.started_at is None:
            continue
        day = campaign.started_at.astimezone(RIGA).date().isoformat()
        for result, letters in without_small(_results(Progress.of(campaign))).items():
            yield Figure(day, campaign.subject_lv, result, letters)


def without_small(counts: dict[str, int]) -> dict[str, int | None]:
    """The counts without those below `FEWEST`; nobody at all is no small group, and stays a nought.

    Where that hides a single one, the smallest of the others goes too: whoever knows the whole could subtract.
    """
    small = {name for name, count in counts.items() if 0 < count < FEWEST}
    if len(small) == 1 and (others := [name for name in counts if counts[name] >= FEWEST]):
        small.add(min(others, key=lambda name: counts[name]))
    return {name: None if name in small else count for name, count in counts.items()}


def table() -> str:
    """The figures as CSV."""
    out = StringIO()
    lines = writer(out)
    lines.writerow(HEADER)
    for item in figures():
        shown = LEFT_OUT if item.letters is None else str(item.letters)
        lines.writerow([item.started_on, safe_text(item.subject), item.result, shown])
    return out.getvalue()


def _results(found: Progress) -> dict[str, int]:
    """Each letter once; why the gate refused some is not told, for the reasons are the people's own."""
    return {
        "sent": found.sent,
        "refused": found.all_refused,
        "failed": found.failed,
        "gone": found.gone,
        "stopped": found.stopped,
        "not_written": found.not_written,
    }
