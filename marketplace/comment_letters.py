"""What we write about disputed comments and feedback: to who disputes, and to the author of what goes (Q14.6)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from datamap.periods import RIGA
from marketplace.comment_terms import NoticeState
from marketplace.letters import against, by_a_person, language_of, write
from marketplace.models.comments import Comment, CommentNotice, CommentTrace
from marketplace.models.feedback import Feedback


def acknowledge(notice: CommentNotice, *, now: datetime) -> None:
    """The number, and what happens now; nothing of what was typed, because anybody can type any address."""
    with translation.override(notice.language):
        paragraphs = [
            _("We received your notice. Its number is %(number)s.") % {"number": notice.number},
            _("A person on our side reads it and decides. Then we write to you what was decided, and why."),
            _("If it was not you who wrote to us, you need not do anything."),
        ]
        _tell(notice, _("We received your notice"), paragraphs, now=now)


def tell_decision(notice: CommentNotice, *, now: datetime) -> None:
    """What was decided, why, and who can look at it again."""
    with translation.override(notice.language):
        removed = _("We removed what you disputed (%(number)s).")
        stays = _("What you disputed stays (%(number)s).")
        said = (removed if notice.state == NoticeState.REMOVED else stays) % {"number": notice.number}
        reason = _("The reason: %(reason)s") % {"reason": notice.decision}
        _tell(notice, _("We decided about your notice"), [said, reason, against()], now=now)


def tell_author(removed: Comment | Feedback, *, now: datetime) -> None:
    """What was removed, why, and how to dispute that; nothing where its author has left (Art. 17)."""
    user: Any = removed.user if isinstance(removed, Comment) else removed.author
    if user is None:
        return
    language = language_of(user)
    with translation.override(language):
        heading, sentence = _heading_and_sentence(removed)
        paragraphs = [
            sentence % {"day": date_format(removed.published_at.astimezone(RIGA), "DATE_FORMAT")},
            *([_("You wrote: %(text)s") % {"text": removed.text}] if removed.text else []),
            _("The reason: %(reason)s") % {"reason": removed.removed_for},
            by_a_person(),
            against(),
        ]
        _send(_address_of(removed) or user.email, language, heading, paragraphs, user_id=user.pk, now=now)


def _heading_and_sentence(removed: Comment | Feedback) -> tuple[str, str]:
    if isinstance(removed, Comment):
        sentence = _("We removed a comment that you wrote on %(day)s, after somebody disputed it.")
        return _("We removed a comment of yours"), sentence
    sentence = _("We removed what you said of a seller on %(day)s, with its stars, after somebody disputed it.")
    return _("We removed what you said of a seller"), sentence


def _address_of(removed: Comment | Feedback) -> str:
    """The address that lies with a comment for this; with feedback lies none."""
    trace = CommentTrace.objects.filter(comment=removed).first() if isinstance(removed, Comment) else None
    return trace.email if trace else ""


def _tell(notice: CommentNotice, heading: str, paragraphs: Sequence[str], *, now: datetime) -> None:
    user: Any = notice.user
    address = notice.email if user is None else user.email
    if address:
        _send(address, notice.language, heading, paragraphs, user_id=notice.user_id, now=now)


def _send(address: str, language: str, heading: str, paragraphs: Sequence[str], **how: Any) -> None:
    link, label = reverse("enquiries:contact"), _("Write to us")
    write(address, language, heading, paragraphs, link=link, label=label, **how)
