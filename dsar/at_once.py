"""Rights that take effect at once and close themselves with their proof (Art. 7(3), 21(2)-(3); Q16.4, Q16.6)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from audit.trail import Actor
from datamap.catalogue import catalogue
from datamap.refusing import Way, withdraw_consents
from datamap.trace import Subject, normalise_email
from dsar import letters
from dsar.cases import move, note
from dsar.deadlines import Channel
from dsar.models import SubjectRequest
from dsar.queries import subject_of
from dsar.terms import Outcome, Stage
from mailing.services import suppress
from retention.attempts import PER_ADDRESS, address_key, take

SYSTEM: Final = Actor.system("dsar.at_once")

_WAYS: Final = {Channel.EMAIL: Way.EMAIL, Channel.POST: Way.PAPER}


def withdraw_all(case: SubjectRequest, *, now: datetime) -> SubjectRequest:
    """End every consent that the person gave, and answer with their names."""
    ended = withdraw_consents(
        subject_of(case), language=case.language, way=_way(case), evidence=_evidence(case), now=now
    )
    with translation.override(case.language):
        if ended:
            sentence = _("These consents end now: %(purposes)s. What was done before stays lawful.") % {
                "purposes": _names(ended)
            }
        else:
            sentence = _("No consent of yours was in force, so there was none to end.")
        return _close(case, "consents_withdrawn", sentence, now=now)


def stop_marketing(case: SubjectRequest, *, now: datetime) -> SubjectRequest:
    """No more advertising to this address, and no profile for it: absolute, without any test (Art. 21(3)).

    The address is put on the list that is asked before every sending. The consents end for the account that is shown,
    else for those that confirmed the address: nobody is asked to prove who wants no profile, since a stop gives nothing
    away, and the answer is the same where there is no account.
    """
    if case.email:
        suppress(case.email, reason="objection", now=now)
    withdraw_consents(
        subject_of(case) if case.user_id else Subject(emails=frozenset({normalise_email(case.email)})),
        language=case.language,
        way=_way(case),
        evidence=_evidence(case),
        now=now,
        marketing_only=True,
    )
    with translation.override(case.language):
        sentence = _("We send no more advertising to your address and make no profile for it.")
        return _close(case, "marketing_stopped", sentence, now=now)


def _close(case: SubjectRequest, action: str, sentence: str, *, now: datetime) -> SubjectRequest:
    with transaction.atomic():
        note(case, action, actor=SYSTEM, now=now)
        case = move(
            case.pk,
            Stage.ANSWERED,
            action="answered",
            actor=SYSTEM,
            now=now,
            outcome=Outcome.FULFILLED,
            answer=sentence,
            answered_at=now,
        )
        # Whoever types in somebody else's address all day long fills no mailbox; the answer stands on the page.
        if case.user_id is not None or take(address_key(case.email), PER_ADDRESS, now=now):
            letters.tell_done_at_once(case, now=now)
    return case


def _way(case: SubjectRequest) -> Way:
    return _WAYS.get(Channel(case.channel), Way.ONLINE)


def _evidence(case: SubjectRequest) -> dict[str, str]:
    """The request, and the sealed original of its message where there is one (Q19.5)."""
    document = case.intake.raw_sha256 if case.intake is not None else ""
    return {"request": case.number, "document": document} if document else {"request": case.number}


def _names(codes: Sequence[str]) -> str:
    return ", ".join(str(catalogue().purposes[code].label) for code in codes)
