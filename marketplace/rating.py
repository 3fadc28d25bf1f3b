"""Buyers say how it went, once an order is done, and everybody reads it beside what the seller offers (clause 14)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Avg, Count, Window
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from marketplace.comment_terms import CommentState, NoticeState
from marketplace.models import Feedback, Standing
from marketplace.ordering import Shown
from marketplace.refusals import Refused
from marketplace.terms import OrderState

LATEST: Final = 5
"""Words of buyers that a page shows."""


class FeedbackRefused(Refused):
    """Nothing was published; `message` is the sentence for the person."""


@dataclass(frozen=True, slots=True)
class Rating:
    """What buyers said of one seller: the mean of the stars, how many, and the last words."""

    stars: float
    count: int
    latest: list[Feedback]


def may_rate(shown: Shown) -> bool:
    """True for the buyer of an order that is done, while the seller is there and nothing was said yet."""
    is_done = shown.order.state == OrderState.DONE and shown.mine.is_buyer and shown.other is not None
    return is_done and not hasattr(shown.order, "feedback")


def said_of(shown: Shown) -> Feedback | None:
    """What the buyer said of this order, unless staff removed it."""
    said: Feedback | None = getattr(shown.order, "feedback", None)
    return said if said is not None and said.state == CommentState.SHOWN else None


@transaction.atomic
def rate(shown: Shown, *, stars: int, text: str, author_name: str, now: datetime) -> None:
    """Publish what a buyer says of the seller, once for each order. Raises FeedbackRefused."""
    if shown.other is None or not may_rate(shown):
        raise FeedbackRefused(_REFUSED)
    # Whoever erases the seller meanwhile holds the row of the account: then nothing is left to speak of.
    if User.objects.select_for_update(no_key=True).filter(pk=shown.other.user_id).first() is None:
        raise FeedbackRefused(_REFUSED)
    standing, _is_new = Standing.objects.get_or_create(user_id=shown.other.user_id)
    try:
        with transaction.atomic():
            Feedback.objects.create(
                standing=standing,
                order=shown.order,
                author_id=shown.mine.user_id,
                author_name=author_name,
                stars=stars,
                text=text,
                published_at=now,
            )
    except IntegrityError:
        raise FeedbackRefused(_REFUSED) from None


_REFUSED: Final = _("Only the buyer can rate a finished order, and only once.")


def take_back(shown: Shown) -> bool:
    """Delete what the buyer said; True where there was something. Raises FeedbackRefused while somebody disputes it."""
    own = Feedback.objects.filter(order=shown.order, author_id=shown.mine.user_id, state=CommentState.SHOWN)
    with transaction.atomic():
        found = own.select_for_update(of=("self",)).first()
        if found is not None and found.notices.filter(state=NoticeState.OPEN).exists():
            raise FeedbackRefused(_("Somebody disputes what you said. You can delete it once we have decided."))
        deleted, _tables = own.delete()
    return deleted > 0


def rating_of(seller: User | None) -> Rating | None:
    """What buyers said of a seller and staff did not remove; None where there is nothing."""
    if seller is None:
        return None
    said = Feedback.objects.filter(standing=seller.pk, state=CommentState.SHOWN)
    latest: Any = list(said.annotate(mean=Window(Avg("stars")), count=Window(Count("pk")))[:LATEST])
    return Rating(latest[0].mean, latest[0].count, latest) if latest else None
