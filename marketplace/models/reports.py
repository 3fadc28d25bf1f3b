"""What people report, what it said then, and what was taken down (Q14.6, Q14.10; Regulation 2022/2065 Art. 16, 17)."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marketplace.models.comments import EMAIL_LENGTH, TOKEN_LENGTH
from marketplace.models.listings import DESCRIPTION_LENGTH, TITLE_LENGTH, Listing
from marketplace.models.messages import Conversation
from marketplace.models.removable import REASON_LENGTH
from marketplace.report_terms import RemovalState, ReportGround, ReportKind, ReportState
from marketplace.terms import ListingState
from vault.fields import SealedQuerySet, SealedTextField

REPORT_LENGTH = 2000


class Report(models.Model):
    """Somebody says that a listing, or what another one wrote to her, is unlawful; staff decide with a reason.

    Without a listing and without a conversation, what was reported is gone with its author.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    listing = models.ForeignKey(
        Listing, models.SET_NULL, null=True, blank=True, related_name="reports", verbose_name=_("listing")
    )
    conversation = models.ForeignKey(
        Conversation, models.SET_NULL, null=True, blank=True, related_name="reports", verbose_name=_("conversation")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="reports",
        verbose_name=_("account"),
    )
    email_token = models.CharField(_("token of the address"), max_length=TOKEN_LENGTH, blank=True, db_index=True)
    email = SealedTextField(_("e-mail"), max_length=EMAIL_LENGTH, blank=True, owner="id")
    kind = models.CharField(_("what is wrong"), max_length=8, choices=ReportKind)
    text = SealedTextField(_("explanation"), max_length=REPORT_LENGTH, blank=True, owner="id")
    language = models.CharField(_("language"), max_length=8)
    arrived_at = models.DateTimeField(_("arrived at"))
    state = models.CharField(_("state"), max_length=8, choices=ReportState, default=ReportState.OPEN)
    ground = models.CharField(_("ground"), max_length=8, choices=ReportGround, blank=True)
    decision = models.TextField(_("reason of the decision"), max_length=REASON_LENGTH, blank=True)
    decided_by = models.UUIDField(_("decided by"), null=True, blank=True, editable=False)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    once = models.CharField(_("token of the form"), max_length=TOKEN_LENGTH, unique=True, editable=False)
    ends_at = models.DateTimeField(_("kept until"), null=True, blank=True, db_index=True)

    objects = SealedQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ["-arrived_at", "id"]
        base_manager_name = "objects"
        default_permissions = ("view",)
        permissions = [("decide_report", _("Can decide about reported listings and messages"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=ReportState.OPEN, decided_at=None, ends_at=None)
                | (
                    ~Q(state=ReportState.OPEN)
                    & Q(decided_at__isnull=False, ends_at__isnull=False)
                    & ~Q(decision="")
                    & ~Q(ground="")
                ),
                name="report_decided_with_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["state", "arrived_at"], name="report_turn")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What the person and staff call it."""
        return f"R-{self.id.hex[:8].upper()}"

    @property
    def is_open(self) -> bool:
        return self.state == ReportState.OPEN


class ReportedText(models.Model):
    """What a listing said when it was reported, so that nobody edits away what was wrong; it goes with its seller."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report = models.OneToOneField(Report, models.CASCADE, related_name="reported")
    seller = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    title = SealedTextField(_("title"), max_length=TITLE_LENGTH, owner="id")
    description = SealedTextField(_("description"), max_length=DESCRIPTION_LENGTH, owner="id")
    ends_at = models.DateTimeField(_("kept until"), null=True, blank=True, db_index=True)

    objects = SealedQuerySet.as_manager()

    class Meta:
        verbose_name = _("text of a reported listing")
        verbose_name_plural = _("texts of reported listings")
        base_manager_name = "objects"
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.pk)


class Removal(models.Model):
    """A listing that staff took down, why, and what its seller says against it; who removed it never decides that."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    listing = models.ForeignKey(
        Listing, models.SET_NULL, null=True, blank=True, related_name="removals", verbose_name=_("listing")
    )
    seller = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("seller")
    )
    was = models.CharField(_("state before"), max_length=10, choices=ListingState)
    ground = models.CharField(_("ground"), max_length=8, choices=ReportGround)
    reason = models.TextField(_("reason"), max_length=REASON_LENGTH)
    removed_at = models.DateTimeField(_("removed at"))
    removed_by = models.UUIDField(_("removed by"), editable=False)
    state = models.CharField(_("state"), max_length=8, choices=RemovalState, default=RemovalState.STANDS)
    objection = SealedTextField(_("objection"), max_length=REPORT_LENGTH, blank=True, owner="id")
    objected_at = models.DateTimeField(_("objected at"), null=True, blank=True)
    answer = models.TextField(_("answer to the objection"), max_length=REASON_LENGTH, blank=True)
    decided_by = models.UUIDField(_("decided by"), null=True, blank=True, editable=False)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    ends_at = models.DateTimeField(_("kept until"), null=True, blank=True, db_index=True)

    objects = SealedQuerySet.as_manager()

    class Meta:
        verbose_name = _("removal of a listing")
        verbose_name_plural = _("removals of listings")
        ordering = ["-removed_at", "id"]
        base_manager_name = "objects"
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(condition=~Q(reason="") & ~Q(ground=""), name="removal_for_a_reason"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("removed_by")), name="removal_decided_by_another"
            ),
            models.CheckConstraint(
                condition=Q(state=RemovalState.OBJECTED, ends_at=None)
                | (~Q(state=RemovalState.OBJECTED) & Q(ends_at__isnull=False)),
                name="removal_waits_for_its_answer",
            ),
            models.UniqueConstraint(
                fields=["listing"], condition=~Q(state=RemovalState.RESTORED), name="removal_once_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
