"""Leaves out the visits of people who objected to the log (Art. 21(1); policy clause 5.2, Q16.5)."""

import logging
from collections.abc import Sequence
from typing import Final, Protocol, TypeVar

from django.db import DatabaseError, InterfaceError

from datamap.refusing import objectors_to
from visits.hits import Hit
from visits.storage import NOBODY, user_of

PURPOSE: Final = "STABILITY"

log = logging.getLogger(__name__)


def wanted_lines(lines: Sequence[str]) -> list[str]:
    """The same of lines that waited in the spool: what she objected to meanwhile is not written any more."""
    accounts = {user_of(line) for line in lines} - {NOBODY}
    objectors = {str(user_id) for user_id in objectors_to(PURPOSE)} if accounts else set()
    return [line for line in lines if user_of(line) not in objectors]


class _Attributed(Protocol):
    @property
    def user_id(self) -> str | None: ...


Found = TypeVar("Found", bound=_Attributed)


def wanted(hits: Sequence[Hit]) -> list[Hit]:
    """These hits without those of objectors. While nobody can be asked, a visit of an account counts as objected to:
    a gap in the log harms nobody, a recorded objector would.
    """
    try:
        return without_objectors(hits)
    except (DatabaseError, InterfaceError) as error:
        log.warning("visits of accounts left out: %s", type(error).__name__)
        return [hit for hit in hits if not hit.user_id]


def without_objectors(items: Sequence[Found]) -> list[Found]:
    """The same for whatever names an account; raises what the database raises."""
    if not any(item.user_id for item in items):
        return list(items)
    objectors = {str(user_id) for user_id in objectors_to(PURPOSE)}
    return [item for item in items if str(item.user_id) not in objectors]
