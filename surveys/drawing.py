"""Drawing winners by lot, once, in a way that anybody who knows list and seed can repeat (policy clause 5, Q7.1).

The list is the numbers of all sheets that take part, sorted; the seed is 32 random bytes of the operating system. Each
number gets HMAC-SHA-256(seed, number), and the lowest win. Hash of the list and seed stand in the audit trail: nobody
can draw again until the right one wins, and nobody is named.
"""

import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from audit.trail import Actor, record
from datamap.trace import Subject
from datamap.uses import NotPermitted, on_consent
from mailing.services import send
from surveys.answering import scope_of
from surveys.in_use import participations
from surveys.models import Draw, Participation, Survey
from surveys.running import NotPossible
from surveys.terms import Kind


@transaction.atomic
def draw(survey_id: UUID, *, actor: Actor, now: datetime) -> Draw:
    """Draw the winners of a draw that is over, and write to them. Raises NotPossible, also for a second time.

    Whoever was erased or withdrew before is not on the list.
    """
    survey = Survey.objects.select_for_update().get(pk=survey_id)
    if survey.kind != Kind.DRAW or not survey.is_over(now=now) or Draw.objects.filter(survey=survey).exists():
        raise NotPossible(_("Winners are drawn once, when the draw is over."))
    rows = {str(row.pk): row for row in participations(survey, now=now)}
    seed = secrets.token_bytes(32)
    told = 0
    for number in in_order(rows, seed):
        if told == survey.winners:
            break
        told += _is_told(rows[number], now=now)
    made = Draw(survey=survey, drawn_at=now, people=len(rows), winners=told)
    made.list_sha256, made.seed = list_hash(rows), seed.hex()
    made.save(force_insert=True)
    details: dict[str, str | int] = {"people": made.people, "winners": told}
    details |= {"list_sha256": made.list_sha256, "seed": made.seed}
    record("survey.drawn", actor=actor, about=survey, details=details, now=now)
    return made


def in_order(numbers: Iterable[str], seed: bytes) -> list[str]:
    """The numbers as the lot puts them; the first ones win."""
    return sorted(numbers, key=lambda number: hmac.digest(seed, number.encode(), sha256))


def list_hash(numbers: Iterable[str]) -> str:
    """SHA-256 over the sorted numbers, one to a line."""
    return sha256("\n".join(sorted(numbers)).encode()).hexdigest()


def _is_told(row: Participation, *, now: datetime) -> bool:
    address = row.email or (row.user.email if row.user is not None else "")
    person = Subject(user_id=row.user_id, emails=frozenset({address}))
    try:
        return _tell(person, row, address, now=now)
    except NotPermitted:  # withdrawn in this very moment: the next one wins
        return False


@on_consent("SURVEY", scope=scope_of)
def _tell(person: Subject, row: Participation, address: str, *, now: datetime) -> bool:
    """Tells a winner of a draw, and marks the answers as those of a winner."""
    if not Participation.objects.filter(pk=row.pk).update(won_at=now):
        return False
    language = row.language if row.user is None else row.user.language
    with translation.override(language):
        words = _letter(row.survey, language)
    send("notice", to=address, language=language, purpose="SERVICE", context=words, now=now, user_id=row.user_id)
    return True


def _letter(survey: Survey, language: str) -> dict[str, object]:
    title = str(survey.said("title", language))
    return {
        "heading": _("You have won: %(title)s") % {"title": title},
        "paragraphs": [
            _("You took part in our draw, and the lot has drawn you as a winner."),
            str(survey.said("prize", language)),
            _("We publish nobody's name. If you do not want the prize, you need do nothing."),
        ],
    }
