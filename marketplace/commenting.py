"""Writing under a listing for all to read, and taking it back (policy clause 14)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from datamap.catalogue import length_of
from datamap.standstill import without_restricted
from marketplace.comment_keeping import delete_comments
from marketplace.comment_terms import CommentState, NoticeState
from marketplace.models.comments import Comment, CommentTrace
from marketplace.models.listings import Listing
from marketplace.refusals import Refused
from vault.tokens import token

MOST_A_DAY: Final = 20
MOST_UNDER_ONE: Final = 200


class CommentRefused(Refused):
    """Nothing was changed; `message` is the sentence for whoever asked for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What somebody says, and under which name; `once` names the form, so that sending it twice is saying it once."""

    author_name: str
    text: str
    once: str = ""


def write(listing: Listing, said: Said, *, user: Any, ip: str, now: datetime) -> Comment:
    """Publish a comment at once. From where it was written is kept apart, sealed (Q14.2, Q14.4).

    The same words right after each other are one comment: the way back and a second tab send them again.
    Raises CommentRefused under a listing that is not open, and beyond what one person writes in a day.
    """
    if not listing.is_open(now=now):
        raise CommentRefused(_("Under this listing nobody can comment any more."))
    values = {
        "listing": listing,
        "user": user,
        "author_name": said.author_name,
        "text": said.text,
        "published_at": now,
    }
    last = Comment.objects.filter(listing=listing, state=CommentState.SHOWN).order_by("published_at", "id").last()
    if last is not None and all(getattr(last, name) == values[name] for name in ("user", "author_name", "text")):
        return last
    with transaction.atomic():
        parts = (said.once or uuid4().hex, str(user.pk), str(listing.pk), said.author_name, said.text)
        key = token("|".join(parts), purpose="marketplace.comment")
        comment, is_new = Comment.objects.get_or_create(once=key, defaults=values)
        if is_new:
            _refuse_too_many(comment, now=now)
            CommentTrace.objects.create(comment=comment, at=now, email=user.email, ip=ip)
    return comment


def _refuse_too_many(comment: Comment, *, now: datetime) -> None:
    today = Comment.objects.filter(user=comment.user, published_at__gt=now - length_of("ATTEMPTS"))
    if today.count() > MOST_A_DAY:
        raise CommentRefused(_("That is more than we can take from one person in a day. Please come back tomorrow."))
    if Comment.objects.filter(listing=comment.listing).count() > MOST_UNDER_ONE:
        raise CommentRefused(_("Under this listing nobody can comment any more."))


def comments_under(listing: Listing) -> QuerySet[Comment]:
    """What everybody reads under a listing, in the order of writing; of a restricted person nothing (Art. 18)."""
    shown = Comment.objects.filter(listing=listing, state=CommentState.SHOWN)
    return without_restricted(shown).order_by("published_at", "id")


def take_back(number: UUID, *, user: Any) -> Listing | None:
    """Delete a comment of one's own, with its trace; the listing it stood under.

    Raises Comment.DoesNotExist for somebody else's, CommentRefused while somebody disputes it.
    """
    with transaction.atomic():
        comment = Comment.objects.select_for_update(of=("self",)).get(pk=number, user=user, state=CommentState.SHOWN)
        if comment.notices.filter(state=NoticeState.OPEN).exists():
            raise CommentRefused(_("Somebody disputes this comment. You can delete it once we have decided."))
        listing = comment.listing
        delete_comments([comment.pk])
    return listing
