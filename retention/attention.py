"""What staff do about an erasure that left something behind: see to it, then search again (security E6, E7)."""

from datetime import datetime

from audit import trail
from audit.trail import Actor
from retention.erasure import finish
from retention.models import ErasureRun, RunState


class NothingToSearch(Exception):
    """The run is done: what it would search for is forgotten."""


def search_again(run: ErasureRun, *, by: Actor, reason: str, now: datetime) -> bool:
    """Empty the stores and search for remains once more, with the reason in the trail; True where nothing is left.

    A run that is done then has its new receipt, and the request behind it is answered by the next look of beat.
    Raises NothingToSearch.
    """
    if run.state == RunState.DONE:
        raise NothingToSearch
    trail.record("erasure.searched_again", actor=by, subject=run.subject_id, about=run, reason=reason, now=now)
    finish(run, now=now)
    run.refresh_from_db()
    return run.state == RunState.DONE
