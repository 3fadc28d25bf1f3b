"""Lifting a restriction: the person is informed before, by a letter that reached her (Art. 18(3) GDPR; Q16.10)."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.trail import Actor
from datamap import standstill
from datamap.catalogue import length_of, period
from datamap.periods import RIGA
from mailing.models import OutgoingMessage, State
from mailing.services import send
from retention.restriction import RestrictionRefused, email_of, record, write_down
from retention.standing import Restriction, RestrictionGround, Telling
from vault.keys import destroy_key

NOTICE: Final = length_of("LIFTING_NOTICE")
"""So long must lie between the letter and the lifting: she can answer, and a letter that cannot arrive comes back."""

LETTER_CAME_BACK: Final = "restriction.letter_came_back"
CAME_BACK: Final = [{"action": LETTER_CAME_BACK}]
"""What the history of such a restriction contains."""

_ACTOR: Final = Actor.system("retention.lifting")


def tell(restriction_id: UUID, *, by: models.Model, reason: str, now: datetime) -> Restriction:
    """Write to the person that the restriction is about to be lifted, and why: the step before lifting.

    Raises RestrictionRefused where there is no address to write to.
    """
    with transaction.atomic():
        restriction = _locked(restriction_id)
        message = _write(restriction, reason, now=now)
        _note_told(restriction, Telling.EMAIL, letter=message.pk, by=by, at=now)
        record("restriction.told", restriction, by=by, reason=reason, now=now)
    return restriction


def tell_by_post(
    restriction_id: UUID, *, delivered_on: date, by: models.Model, reason: str, now: datetime
) -> Restriction:
    """Write down that a recorded letter told her, delivered on this day in Riga; `reason` names the letter.

    Raises RestrictionRefused for a day that is still to come, or from before the restriction.
    """
    with transaction.atomic():
        restriction = _locked(restriction_id)
        if not _day(restriction.placed_at) <= delivered_on <= _day(now):
            raise RestrictionRefused(
                gettext_lazy("The letter was delivered after the restriction began, and not in the future.")
            )
        # At the end of that day she had it for certain; on the day itself, now.
        delivered_at = min(datetime.combine(delivered_on, time.max, RIGA), now)
        _note_told(restriction, Telling.POST, letter=None, by=by, at=delivered_at)
        record("restriction.told", restriction, by=by, reason=reason, now=now)
    return restriction


def lift(restriction_id: UUID, *, by: models.Model, reason: str, now: datetime) -> Restriction:
    """End the restriction of a person whom a letter reached, a day before at the latest. Raises RestrictionRefused."""
    with transaction.atomic():
        standstill.deciding()
        restriction = _locked(restriction_id)
        reached_at = _reached_at(restriction)
        if now < reached_at + NOTICE:
            moment = date_format((reached_at + NOTICE).astimezone(RIGA), "DATETIME_FORMAT")
            sentence = _("A day must lie between the letter and the lifting, for her answer: until %(moment)s.")
            raise RestrictionRefused(sentence % {"moment": moment})
        restriction.lifted_by, restriction.lifted_at = by.pk, now
        restriction.ends_at = period("CASE_FILE").ends_at(now)
        restriction.address = ""
        restriction.save(update_fields=["lifted_by", "lifted_at", "ends_at", "address"])
        record("restriction.lifted", restriction, by=by, reason=reason, now=now)
        destroy_key(restriction.pk, now=now)
    return restriction


def hear_bounce(message: OutgoingMessage, /, *, now: datetime) -> None:
    """The letter came back: the person was not told, whatever the record said, and nothing is lifted before she was.

    After a restore the line about the letter is repeated, and leads here again.
    """
    with transaction.atomic():
        told = Restriction.objects.select_for_update().filter(letter=message.pk, ends_at=None)
        for restriction in told:
            restriction.told_by = restriction.told_at = restriction.letter = None
            restriction.told_with = ""
            restriction.save(update_fields=["told_by", "told_at", "told_with", "letter"])
            step = {"at": now.isoformat(), "action": LETTER_CAME_BACK, "by": "", "reason": ""}
            write_down(restriction, step, actor=_ACTOR, now=now)


def came_back(restriction: Restriction) -> bool:
    """True where the last that happened is that the letter came back: she must be told in another way."""
    return bool(restriction.history) and restriction.history[-1]["action"] == LETTER_CAME_BACK


def _reached_at(restriction: Restriction) -> datetime:
    """When what tells the person had reached her, or was on its way for certain. Raises RestrictionRefused."""
    if restriction.told_at is None:
        raise RestrictionRefused(_DID_NOT_ARRIVE if came_back(restriction) else _NOT_TOLD)
    if restriction.told_with == Telling.POST:
        return restriction.told_at
    letter = OutgoingMessage.objects.filter(pk=restriction.letter).first() if restriction.letter else None
    if letter is not None and letter.state == State.QUEUED:
        raise RestrictionRefused(gettext_lazy("The letter that tells the person has not been handed over yet."))
    if letter is None or letter.handed_over_at is None or letter.bounced_at is not None:
        raise RestrictionRefused(_DID_NOT_ARRIVE)
    return letter.handed_over_at


_NOT_TOLD: Final = gettext_lazy("The person must be told before the restriction is lifted (Art. 18(3) GDPR).")
_DID_NOT_ARRIVE: Final = gettext_lazy(
    "The letter that tells the person did not reach her. Send a recorded letter by post and write it down here, or"
    " write to her again."
)


def _locked(restriction_id: UUID) -> Restriction:
    restriction = Restriction.objects.select_for_update().get(pk=restriction_id)
    if restriction.ends_at is not None:
        raise RestrictionRefused(gettext_lazy("This restriction is lifted already."))
    return restriction


def _note_told(restriction: Restriction, how: Telling, *, letter: UUID | None, by: models.Model, at: datetime) -> None:
    restriction.told_by, restriction.told_at = by.pk, at
    restriction.told_with, restriction.letter = how, letter
    restriction.save(update_fields=["told_by", "told_at", "told_with", "letter"])


def _write(restriction: Restriction, reason: str, *, now: datetime) -> OutgoingMessage:
    accounts = get_user_model()._default_manager
    user: Any = accounts.filter(pk=restriction.user_id).first() if restriction.user_id else None
    address = email_of(user) if user is not None else restriction.address
    if not address:
        raise RestrictionRefused(gettext_lazy("There is no address to write to. Send a recorded letter by post."))
    language = getattr(user, "language", "") or restriction.language or "lv"
    with translation.override(language):
        return send(
            "notice",
            to=address,
            language=language,
            purpose="ACCOUNTABILITY",
            context={
                "heading": _("The restriction of your data is about to end"),
                "paragraphs": _paragraphs(restriction, reason),
            },
            now=now,
            user_id=restriction.user_id,
        )


def _paragraphs(restriction: Restriction, reason: str) -> Sequence[str]:
    if restriction.ground == RestrictionGround.CHILD:
        opening = _("We were told that you may be under 16, so we only stored your data and did nothing else.")
    else:
        opening = _("On your request %(number)s we only stored your data and did nothing else with them.")
    return [
        opening % {"number": restriction.case_number},
        _("We are about to lift this restriction. The reason: %(reason)s") % {"reason": reason},
        _("If you do not agree, please answer us or turn to the supervisory authority."),
    ]


def _day(moment: datetime) -> date:
    return moment.astimezone(RIGA).date()
