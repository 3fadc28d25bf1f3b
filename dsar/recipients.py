"""Tells those who received the data, and keeps what came of it: no request closes before (Art. 19; design 2)."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.utils import translation

from audit.trail import Actor
from datamap.catalogue import catalogue
from datamap.processors import Outcome, RecipientHandler, RecipientResult, handlers
from datamap.trace import Subject
from datamap.transfers import received_about
from dsar.cases import note
from dsar.models import RecipientNotice, SubjectRequest
from dsar.queries import subject_of, unsettled_notices
from dsar.refusals import ReasonMissing, ReopenFirst
from dsar.terms import FOLLOWED, SETTLED, NoticeArticle, NoticeChannel
from retention.models import ErasureReceipt
from retention.plan_lines import planned_recipients

log = logging.getLogger(__name__)

SYSTEM = Actor.system("dsar.recipients")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How a recipient was told and what came of it; `evidence_sha256` is the digest of a letter or an answer."""

    outcome: Outcome
    channel: NoticeChannel
    detail: str
    evidence_sha256: str = ""


def order_notices(
    case: SubjectRequest, article: NoticeArticle, *, actor: Actor, now: datetime
) -> list[RecipientNotice]:
    """Tell everybody who got data about this person and has an adapter, and write the others down for staff to tell; a
    second time adds only who is new."""
    subject, asked = subject_of(case), handlers()
    with transaction.atomic(), translation.override(case.language):
        codes = {item.name: item.code for item in planned_recipients(subject)}
        names = dict.fromkeys([*codes, *(item.name for item in received_about(subject))])
        told = set(RecipientNotice.objects.filter(case=case, article=article).values_list("recipient", flat=True))
        for name in names:
            if name[:200] not in told:
                result = _tell(asked[codes[name]], article, subject, now=now) if name in codes else None
                RecipientNotice.objects.create(
                    case=case, recipient=name[:200], article=article, ordered_at=now, **_came_of(result, now=now)
                )
        if not told.issuperset(name[:200] for name in names):
            note(case, "recipients_ordered", actor=actor, now=now)
    return list(RecipientNotice.objects.filter(case=case, article=article))


def _tell(handler: RecipientHandler, article: NoticeArticle, subject: Subject, *, now: datetime) -> RecipientResult:
    if article is NoticeArticle.RECTIFICATION:
        return handler.rectify(subject, now=now)
    return handler.restrict(subject, now=now)


def _came_of(result: RecipientResult | None, *, now: datetime) -> dict[str, Any]:
    if result is None:
        return {}
    return {
        "told_at": None if result.outcome is Outcome.FAILED else now,
        "channel": NoticeChannel.ADAPTER,
        "outcome": result.outcome,
        "detail": str(result.detail)[:500],
        "reference": result.reference,
    }


def follow_notices(*, now: datetime, case: SubjectRequest | None = None) -> int:
    """Look up what became of everything that was ordered and may still change, or of what was ordered for one `case`;
    how many have another outcome now.

    An outcome with which a closed request could not have closed is left to staff: they open it again.
    """
    named = {catalogue().recipients[code].name[:200]: handler for code, handler in handlers().items()}
    waiting = RecipientNotice.objects.exclude(reference="").filter(outcome__in=FOLLOWED, recipient__in=named)
    if case is not None:
        waiting = waiting.filter(case=case)
    changed = 0
    for notice in waiting.select_related("case").iterator():
        with translation.override(notice.case.language):
            result = named[notice.recipient].probe(notice.reference, now=now)
            if result.outcome != notice.outcome:
                changed += _follow(notice.pk, result, now=now)
    return changed


def _follow(notice_id: UUID, result: RecipientResult, *, now: datetime) -> bool:
    with transaction.atomic():
        # The request first, as every move does: an answer and an outcome wait for each other.
        case = SubjectRequest.objects.select_for_update(of=("self",)).get(recipient_notices=notice_id)
        if case.is_closed and result.outcome not in SETTLED:
            log.error("a notice of the closed request %s is not settled any more: %s", case.pk, result.outcome)
            return False
        RecipientNotice.objects.filter(pk=notice_id).update(**_came_of(result, now=now))
        note(case, "recipient_settled", actor=SYSTEM, now=now)
    return True


def settle_notice(notice_id: UUID, settlement: Settlement, *, by: models.Model, now: datetime) -> RecipientNotice:
    """Staff record what came of a notice; a later answer of the recipient replaces an earlier outcome.

    Raises ReasonMissing for an outcome without words, and ReopenFirst for one with which a closed request could not
    have closed.
    """
    if not settlement.detail.strip():
        raise ReasonMissing
    with transaction.atomic():
        # The request first, as every move does: an answer and an outcome wait for each other.
        case = SubjectRequest.objects.select_for_update(of=("self",)).get(recipient_notices=notice_id)
        if case.is_closed and settlement.outcome not in SETTLED:
            raise ReopenFirst
        notice = RecipientNotice.objects.select_for_update(of=("self",)).select_related("case").get(pk=notice_id)
        notice.outcome, notice.channel = settlement.outcome, settlement.channel
        notice.detail, notice.evidence_sha256 = settlement.detail[:500], settlement.evidence_sha256
        notice.told_at, notice.by = now, by.pk
        notice.save()
        note(notice.case, "recipient_settled", actor=Actor.of(by), now=now, reason=settlement.detail)
    return notice


def note_erasure_results(case: SubjectRequest, receipt: ErasureReceipt, *, now: datetime) -> bool:
    """Take over what the recipients answered to an erasure; True where nobody's outcome is missing any more."""
    for said in receipt.document["recipients"]:
        # A receipt of before has no number.
        found = RecipientResult(
            said["name"], Outcome(said["outcome"]), said["detail"], reference=said.get("reference", "")
        )
        RecipientNotice.objects.get_or_create(
            case=case,
            recipient=said["name"][:200],
            article=NoticeArticle.ERASURE,
            defaults={"ordered_at": now, **_came_of(found, now=now)},
        )
    return not unsettled_notices(case).exists()
