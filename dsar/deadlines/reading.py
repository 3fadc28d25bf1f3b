"""Reads moments and pauses from text, and refuses with a sentence what it cannot read."""

from datetime import datetime

from django.utils.translation import gettext as _

from dsar.deadlines.values import BadMoment, Pause, PauseKind


def read_moment(text: str) -> datetime:
    """An ISO 8601 moment with its time zone; BadMoment for everything else."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadMoment(
            _("“%(text)s” is not a moment: please write it like 2026-03-05T10:00:00+02:00, in the years 1 to 9998.")
            % {"text": text[:40]}
        ) from None
    if moment.tzinfo is None:
        raise BadMoment(_("“%(text)s” has no time zone: please add one, for example +02:00.") % {"text": text[:40]})
    return moment


def read_pause(text: str) -> Pause:
    """`id=ASKED>ANSWERED` or `clar=ASKED>` while the answer is awaited; BadMoment for everything else."""
    kind, equals, moments = text.partition("=")
    asked, arrow, answered = moments.partition(">")
    if not (equals and arrow) or kind.strip() not in PauseKind.values:
        raise BadMoment(
            _("“%(text)s” is not a pause: please write id=ASKED>ANSWERED or clar=ASKED>ANSWERED.") % {"text": text[:40]}
        )
    return Pause(PauseKind(kind.strip()), read_moment(asked), read_moment(answered) if answered.strip() else None)
