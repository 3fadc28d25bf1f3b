"""What people wrote for all, and staff may remove for a reason (policy clause 14; Q14.6)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marketplace.comment_terms import CommentState

REASON_LENGTH = 1000


class Removable(models.Model):
    """Shown to everybody, or removed with a reason: then read by nobody, and kept for its term."""

    state = models.CharField(_("state"), max_length=8, choices=CommentState, default=CommentState.SHOWN)
    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True)
    removed_for = models.TextField(_("why it was removed"), max_length=REASON_LENGTH, blank=True)
    removed_by = models.UUIDField(_("removed by"), null=True, blank=True, editable=False)
    ends_at = models.DateTimeField(_("kept until"), null=True, blank=True, db_index=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(state=CommentState.SHOWN, removed_at=None, ends_at=None)
                | (Q(state=CommentState.REMOVED, removed_at__isnull=False, ends_at__isnull=False) & ~Q(removed_for="")),
                name="%(class)s_removed_for_a_reason",
            ),
        ]
