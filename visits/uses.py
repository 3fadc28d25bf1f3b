"""From a browser's report to rows, while the consent holds and not a moment longer (policy clause 5.2; Q5.17)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from consent.queries import receipt_token
from datamap.gate import may_process
from datamap.trace import Subject
from datamap.uses import asks_itself
from visits.lines import escaped
from visits.objections import without_objectors
from visits.partitions import USES
from visits.reports import Reported
from visits.storage import copy_lines
from visits.terms import PAGE_USE

COLUMNS: Final = ("at", "user_id", "receipt_token", *Reported.__annotations__)


class Use(NamedTuple):
    """One look at a page, and under which consent it was told of."""

    at: datetime
    user_id: str | None
    receipt: UUID
    reported: Reported


@asks_itself("COOKIE_ANALYTICS", before="_write_uses")
def store_uses(uses: Sequence[Use], *, now: datetime) -> int:
    """Keep what browsers report of the use of pages, of those whose consent holds at this moment; how many.

    The record is asked, not the cookie, which is only the browser's word. Raises django.db.OperationalError or
    InterfaceError where PostgreSQL is away.
    """
    if not (kept := _permitted(uses, now)):
        return 0
    _write_uses(kept)
    return len(kept)


def _permitted(uses: Sequence[Use], now: datetime) -> list[Use]:
    """Asked once for each visitor of a batch."""
    wanted = without_objectors(uses)
    visitors = {(use.receipt, use.user_id): _visitor(use) for use in wanted}
    permits = {
        who: may_process(visitor, "COOKIE_ANALYTICS", scope=PAGE_USE, now=now) for who, visitor in visitors.items()
    }
    return [use for use in wanted if permits[use.receipt, use.user_id]]


def _visitor(use: Use) -> Subject:
    user_id = None if use.user_id is None else UUID(use.user_id)
    return Subject(user_id=user_id, visitors=frozenset({str(use.receipt)}))


def _write_uses(uses: Sequence[Use]) -> None:
    tokens = {use.receipt: receipt_token(use.receipt) for use in uses}
    copy_lines(USES, COLUMNS, [_line_of(use, tokens[use.receipt]) for use in uses])


def _line_of(use: Use, token: str) -> str:
    return "\t".join(map(escaped, (use.at.isoformat(), use.user_id, token, *use.reported))) + "\n"
