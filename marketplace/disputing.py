"""Somebody disputes what another wrote, staff decide, both are told, the record stays (Q14.6; 2022/2065 Art. 16)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit.trail import Actor, record
from datamap.catalogue import length_of, period
from mailing.composing import checked_address
from marketplace import comment_letters
from marketplace.comment_terms import CommentState, Ground, NoticeState
from marketplace.models.comments import Comment, CommentNotice
from marketplace.models.feedback import Feedback
from marketplace.refusals import Refused
from vault.tokens import email_token, token

LETTERS_A_DAY: Final = 10
"""So many acknowledgements one address gets in a day, whoever disputes under it."""


class DecisionRefused(Refused):
    """Nothing was decided; `message` is the sentence for the member of the staff."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """Why somebody disputes something, and where the decision goes: to the account, or to an address and name."""

    ground: Ground
    text: str
    language: str
    address: str = ""
    name: str = ""
    once: str = ""


def dispute(disputed: Comment | Feedback, complaint: Complaint, *, user: Any = None, now: datetime) -> CommentNotice:
    """Take a notice and acknowledge it (Art. 16(4)); twice is once. What is disputed stays until somebody has decided.

    Nothing is looked up: every address gets the same (security I2). Raises InvalidAddress.
    """
    address = checked_address(complaint.address) if user is None else ""
    whose = email_token(address) if address else ""
    values = {
        "comment" if isinstance(disputed, Comment) else "feedback": disputed,
        "user": user,
        "email_token": whose,
        "email": address,
        "name": complaint.name if user is None else "",
        "ground": complaint.ground,
        "text": complaint.text,
        "language": complaint.language,
        "arrived_at": now,
    }
    parts = (complaint.once or uuid4().hex, str(disputed.pk), str(getattr(user, "pk", address)), complaint.text)
    with transaction.atomic():
        key = token("|".join(parts), purpose="marketplace.notice")
        notice, is_new = CommentNotice.objects.get_or_create(once=key, defaults=values)
        today = CommentNotice.objects.filter(user=user, email_token=whose, arrived_at__gt=now - length_of("ATTEMPTS"))
        if is_new and today.count() <= LETTERS_A_DAY:
            comment_letters.acknowledge(notice, now=now)
    return notice


def decide(notice_id: UUID, *, removes: bool, reason: str, by: Any, now: datetime) -> CommentNotice:
    """Remove what is disputed or leave it, with the reason that both sides read; once.

    A removal settles every open notice against the same, tells its author (Art. 17), and keeps the record.
    Raises DecisionRefused without a reason, for a notice that is decided, and where nothing is left to remove.
    """
    if not reason.strip():
        raise DecisionRefused(_("Nothing is decided without a reason: both sides read it."))
    with transaction.atomic():
        notice = CommentNotice.objects.select_for_update(of=("self",)).get(pk=notice_id)
        if not notice.is_open:
            raise DecisionRefused(_("This notice is decided already."))
        settled = [notice]
        if removes:
            disputed = _shown(notice)
            others = disputed.notices.select_for_update(of=("self",)).filter(state=NoticeState.OPEN)
            settled += others.exclude(pk=notice.pk)
            _remove(disputed, reason, by=by, now=now)
        for one in settled:
            _settle(one, NoticeState.REMOVED if removes else NoticeState.KEPT, reason, by=by, now=now)
    return next(one for one in settled if one.pk == notice_id)


def _shown(notice: CommentNotice) -> Comment | Feedback:
    table: Any = Feedback if notice.feedback_id else Comment
    rows = table.objects.select_for_update(of=("self",)).filter(notices=notice.pk, state=CommentState.SHOWN)
    found: Comment | Feedback | None = rows.first()
    if found is None:
        raise DecisionRefused(_("It is gone already. Decide that nothing is left to remove."))
    return found


def _remove(disputed: Comment | Feedback, reason: str, *, by: Any, now: datetime) -> None:
    disputed.state, disputed.removed_at, disputed.removed_for = CommentState.REMOVED, now, reason
    disputed.removed_by, disputed.ends_at = by.pk, period("NOTICE").ends_at(now)
    disputed.save(update_fields=["state", "removed_at", "removed_for", "removed_by", "ends_at"])
    if isinstance(disputed, Comment):
        action, author = "comment.removed", disputed.user_id
    else:
        action, author = "feedback.removed", disputed.author_id
    record(action, actor=Actor.of(by), subject=author, about=disputed, now=now)
    comment_letters.tell_author(disputed, now=now)


def _settle(notice: CommentNotice, state: NoticeState, reason: str, *, by: Any, now: datetime) -> None:
    notice.state, notice.decision, notice.decided_by, notice.decided_at = state, reason, by.pk, now
    notice.ends_at = period("NOTICE").ends_at(now)
    notice.save(update_fields=["state", "decision", "decided_by", "decided_at", "ends_at"])
    record("notice.decided", actor=Actor.of(by), subject=notice.user_id, about=notice, now=now)
    comment_letters.tell_decision(notice, now=now)
