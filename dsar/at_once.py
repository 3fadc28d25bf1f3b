"""Rights that take effect at once and close themselves with their proof (Art. 7(3), 21(2)-(3); Q16.4, Q16.6)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import translation
from django.utils.translation import gettext as _

from audit.trail import Actor
from datamap.catalogue import catalogue
from datamap.refusing import Way, withdraw_consents
from datamap.terms import Right
from datamap.trace import Subject, normalise_email
from dsar import letters
from dsar.cases import move, note
from dsar.deadlines import Channel
from dsar.doorbell import END_ADVERTISING, ring
from dsar.models import CaseEvent, SubjectRequest
from dsar.queries import subject_of
from dsar.terms import Outcome, Stage
from mailing.services import suppress
from retention.attempts import PER_ADDRESS, address_key, take

SYSTEM: Final = Actor.system("dsar.at_once")

_ENDED: Final = "profile_ended"
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

    The address is put on the list that is asked before every sending. The consents of the account that is shown end
    here; those of who has confirmed the address a worker ends, so that the form does the same work for every address.
    """
    if case.email:
        suppress(case.email, reason="objection", now=now)
    if case.user_id is not None:
        _end_advertising(case, subject_of(case), now=now)
    else:
        transaction.on_commit(lambda: ring(END_ADVERTISING, case.pk), robust=True)
    with translation.override(case.language):
        sentence = _("We send no more advertising to your address and make no profile for it.")
        return _close(case, "marketing_stopped", sentence, now=now)


def objections_to_carry_out() -> list[UUID]:
    """The objections from an address whose accounts no worker has looked for yet."""
    done = CaseEvent.objects.filter(case_number=OuterRef("number"), action=_ENDED)
    waiting = SubjectRequest.objects.filter(
        ~Exists(done), right=Right.MARKETING_OBJECTION, stage=Stage.ANSWERED, user=None
    )
    return list(waiting.exclude(email="").values_list("pk", flat=True))


def end_advertising(case_id: UUID, *, now: datetime) -> bool:
    """End the consents to advertising of who has confirmed the address of this objection; False where it is done.

    Nobody is asked to prove who wants no profile, for a stop gives nothing away.
    """
    with transaction.atomic():
        case = SubjectRequest.objects.select_for_update(of=("self",)).get(pk=case_id)
        if CaseEvent.objects.filter(case_number=case.number, action=_ENDED).exists():
            return False
        _end_advertising(case, Subject(emails=frozenset({normalise_email(case.email)})), now=now)
        note(case, _ENDED, actor=SYSTEM, now=now)
    return True


def _end_advertising(case: SubjectRequest, whose: Subject, *, now: datetime) -> None:
    withdraw_consents(
        whose, language=case.language, way=_way(case), evidence=_evidence(case), now=now, marketing_only=True
    )


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
