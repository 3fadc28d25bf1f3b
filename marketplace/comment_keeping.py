"""When comments and their traces go: the trace after its term, unless a dispute holds it (Q14.3; X8)."""

from datetime import datetime
from typing import Any

from django.db.models import Q

from datamap.declarations import Holding
from datamap.standstill import Tells, deleting_by_parts, without_kept
from datamap.sweeping import Ended, SweepCounts, end_each
from marketplace.comment_terms import NoticeState
from marketplace.models.comments import Comment, CommentTrace
from vault.erasure import destroy_keys_of


def keeping() -> Tells:
    """The traces of comments over which a notice is open. For `KEEPERS`."""

    def kept(holding: Holding) -> Q:
        is_trace = holding.model == "marketplace.CommentTrace"
        return Q(comment__notices__state=NoticeState.OPEN) if is_trace else Q()

    return kept


def purge(holding: Holding, *, now: datetime, apply: bool) -> SweepCounts:
    """Removed comments at the end of their term, and those whose listing is gone. For `purge_with`."""
    due = Comment.objects.filter(Q(ends_at__lte=now) | Q(listing=None)).order_by("pk")
    count = due.count()
    held, ended = count - without_kept(due, holding).count(), Ended()
    if apply:
        with deleting_by_parts():
            ended = end_each(list(without_kept(due, holding).values_list("pk", flat=True)), delete_comments)
    return ended.counts(due=count, held=held)


def is_late(holding: Holding, *, now: datetime) -> bool:
    """Whether a removed comment has outlived its term. One whose listing went has no hour of its own: it goes with the
    next sweep, and raises no alarm before. For `late_with`."""
    return without_kept(Comment.objects.filter(ends_at__lte=now), holding).exists()


def delete_comments(keys: list[Any]) -> int:
    """Delete comments with their traces and the keys of these; notices against them stay for their own term."""
    destroy_keys_of(CommentTrace.objects.filter(comment__in=keys))
    _all, by_table = Comment.objects.filter(pk__in=keys).delete()
    return by_table.get("marketplace.Comment", 0)
