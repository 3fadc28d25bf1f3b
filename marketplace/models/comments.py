"""Comments under listings, from where they were written, and who disputes them (policy clause 14)."""

import uuid

from django.conf import settings
from django.core.validators import validate_ipv46_address
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marketplace.comment_terms import Ground, NoticeState
from marketplace.models.feedback import Feedback
from marketplace.models.listings import Listing
from marketplace.models.removable import REASON_LENGTH, Removable
from vault.fields import SealedQuerySet, SealedTextField

AUTHOR_LENGTH = 40
COMMENT_LENGTH = 2000
NAME_LENGTH = 200
EMAIL_LENGTH = 254
IP_LENGTH = 39
TOKEN_LENGTH = 43


class Comment(Removable):
    """What somebody wrote for all under a listing, under a name chosen for this one comment (Q14.1).

    Without an account behind it, its author has left: the text stays, and neither name nor number leads to others of
    hers. A removed comment is read by nobody; it is kept for its term, so that its author can dispute the removal.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Without a listing it stood under one that was erased with its author; the next purge takes it.
    listing = models.ForeignKey(Listing, models.SET_NULL, null=True, related_name="comments")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="comments", verbose_name=_("account")
    )
    author_name = models.CharField(_("name shown"), max_length=AUTHOR_LENGTH, blank=True)
    text = models.TextField(_("text"), max_length=COMMENT_LENGTH)
    published_at = models.DateTimeField(_("published at"))
    once = models.CharField(_("token of the form"), max_length=TOKEN_LENGTH, unique=True, editable=False)

    class Meta(Removable.Meta):
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["published_at", "id"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["listing", "published_at"], name="comment_under_listing")]

    def __str__(self) -> str:
        return str(self.pk)


class CommentTrace(models.Model):
    """From which address a comment was written, and where its author can be reached about a claim; apart and sealed.

    Both go together after their term, and at once with the author; a dispute holds them (Q14.2-Q14.4, Q14.9).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    comment = models.OneToOneField(Comment, models.CASCADE, related_name="trace", verbose_name=_("comment"))
    at = models.DateTimeField(_("written at"), db_index=True)
    email = SealedTextField(_("e-mail"), max_length=EMAIL_LENGTH, owner="id")
    ip = SealedTextField(
        _("IP address"), max_length=IP_LENGTH, validators=[validate_ipv46_address], blank=True, owner="id"
    )

    objects = SealedQuerySet.as_manager()

    class Meta:
        verbose_name = _("trace of a comment")
        verbose_name_plural = _("traces of comments")
        ordering = ["-at", "id"]
        base_manager_name = "objects"
        default_permissions = ()
        permissions = [("trace_comment", _("Can see who wrote a disputed comment"))]

    def __str__(self) -> str:
        return str(self.pk)


class CommentNotice(models.Model):
    """Somebody says that a comment, or what a buyer said, is unlawful; staff decide, with a reason, and both sides are
    told (Q14.6). It outlives what it disputes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    comment = models.ForeignKey(
        Comment, models.SET_NULL, null=True, blank=True, related_name="notices", verbose_name=_("comment")
    )
    feedback = models.ForeignKey(
        Feedback,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="notices",
        verbose_name=_("feedback on a seller"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="notices",
        verbose_name=_("account"),
    )
    email_token = models.CharField(_("token of the address"), max_length=TOKEN_LENGTH, blank=True, db_index=True)
    email = SealedTextField(_("e-mail"), max_length=EMAIL_LENGTH, blank=True, owner="id")
    name = SealedTextField(_("person's name"), max_length=NAME_LENGTH, blank=True, owner="id")
    ground = models.CharField(_("ground"), max_length=8, choices=Ground)
    text = SealedTextField(_("explanation"), max_length=COMMENT_LENGTH, blank=True, owner="id")
    language = models.CharField(_("language"), max_length=8)
    arrived_at = models.DateTimeField(_("arrived at"))
    state = models.CharField(_("state"), max_length=8, choices=NoticeState, default=NoticeState.OPEN)
    decision = models.TextField(_("reason of the decision"), max_length=REASON_LENGTH, blank=True)
    decided_by = models.UUIDField(_("decided by"), null=True, blank=True, editable=False)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    once = models.CharField(_("token of the form"), max_length=TOKEN_LENGTH, unique=True, editable=False)
    ends_at = models.DateTimeField(_("kept until"), null=True, blank=True, db_index=True)

    objects = SealedQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice against a comment or feedback")
        verbose_name_plural = _("notices against comments and feedback")
        ordering = ["-arrived_at", "id"]
        base_manager_name = "objects"
        default_permissions = ("view",)
        permissions = [("decide_notice", _("Can decide about disputed comments"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=NoticeState.OPEN, decided_at=None, ends_at=None)
                | (
                    Q(state__in=[NoticeState.KEPT, NoticeState.REMOVED])
                    & Q(decided_at__isnull=False, ends_at__isnull=False)
                    & ~Q(decision="")
                ),
                name="comment_notice_decided_with_a_reason",
            ),
            models.CheckConstraint(condition=Q(comment=None) | Q(feedback=None), name="notice_against_one_thing"),
        ]
        indexes = [models.Index(fields=["state", "arrived_at"], name="comment_notice_turn")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What both sides and staff call it."""
        return f"N-{self.id.hex[:8].upper()}"

    @property
    def is_open(self) -> bool:
        return self.state == NoticeState.OPEN

    @property
    def disputed(self) -> Comment | Feedback | None:
        """What it is against; None once that is gone."""
        return self.comment or self.feedback
