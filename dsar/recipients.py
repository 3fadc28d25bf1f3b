"""Tells those who received the data, and keeps what came of it: no request closes before (Art. 19; design 2)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import models, transaction

from audit.trail import Actor
from datamap.processors import Outcome
from datamap.transfers import received_about
from dsar.cases import note
from dsar.models import RecipientNotice, SubjectRequest
from dsar.queries import subject_of, unsettled_notices
from dsar.refusals import ReasonMissing, ReopenFirst
from dsar.terms import SETTLED, NoticeArticle, NoticeChannel
from retention.models import ErasureReceipt
from retention.plan_lines import planned_recipients


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
    """Write down everybody who got data about this person and must hear of it; a second time adds only who is new."""
    subject = subject_of(case)
    names = [item.name for item in planned_recipients(subject)] + [item.name for item in received_about(subject)]
    with transaction.atomic():
        ordered = [
            RecipientNotice.objects.get_or_create(
                case=case, recipient=name[:200], article=article, defaults={"ordered_at": now}
            )
            for name in dict.fromkeys(names)
        ]
        if any(is_new for _notice, is_new in ordered):
            note(case, "recipients_ordered", actor=actor, now=now)
    return [notice for notice, _is_new in ordered]


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
    for result in receipt.document["recipients"]:
        outcome = Outcome(result["outcome"])
        RecipientNotice.objects.get_or_create(
            case=case,
            recipient=result["name"][:200],
            article=NoticeArticle.ERASURE,
            defaults={
                "ordered_at": now,
                "told_at": None if outcome is Outcome.FAILED else now,
                "channel": NoticeChannel.ADAPTER,
                "outcome": outcome,
                "detail": result["detail"][:500],
            },
        )
    return not unsettled_notices(case).exists()
