"""Leaves out the visits of people who objected to the log (Art. 21(1); policy clause 5.2, Q16.5)."""

import logging
from collections.abc import Sequence
from typing import Final

from django.db import DatabaseError, InterfaceError

from datamap.refusing import objectors_to
from visits.hits import Hit

PURPOSE: Final = "STABILITY"

log = logging.getLogger(__name__)


def wanted(hits: Sequence[Hit]) -> list[Hit]:
    """These hits without those of objectors. While nobody can be asked, a visit of an account counts as objected to:
    a gap in the log harms nobody, a recorded objector would.
    """
    if not any(hit.user_id for hit in hits):
        return list(hits)
    try:
        objectors = {str(user_id) for user_id in objectors_to(PURPOSE)}
    except (DatabaseError, InterfaceError) as error:
        log.warning("visits of accounts left out: %s", type(error).__name__)
        return [hit for hit in hits if not hit.user_id]
    return [hit for hit in hits if str(hit.user_id) not in objectors]
