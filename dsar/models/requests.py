"""Requests of data subjects, and the questions asked meanwhile."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from datamap.terms import Right
from dsar.deadlines import Channel, PauseKind
from dsar.models.intake import Intake
from dsar.terms import (
    CLOSED,
    DECIDERS,
    RUNNING,
    SELF_SERVICE,
    DelayReason,
    Outcome,
    RefusalReason,
    Stage,
)
from vault.fields import SealedTextField

_CLOSED = sorted(stage.value for stage in CLOSED)
_RUNNING = sorted(stage.value for stage in RUNNING)
_SELF_SERVICE = sorted(right.value for right in SELF_SERVICE)


def _nobody_decides_as(other: str) -> Q:
    """None of those who handle a request is whoever `other` names."""
    apart = Q()
    for decider in DECIDERS:
        apart &= Q(**{f"{decider}__isnull": True}) | Q(**{f"{other}__isnull": True}) | ~Q(**{decider: F(other)})
    return apart


class SubjectRequest(models.Model):
    """One request of one person; those that came in one message share their `intake`.

    Its due date is computed by `dsar.queries.deadline_of`; `due_on` only remembers it, so that a list of very many can
    be put in order. `due_cap` keeps the earlier date where a new table of holidays would give a later one (C3).
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    number = models.CharField(_("case number"), max_length=24, unique=True)
    intake = models.ForeignKey(
        Intake, models.SET_NULL, null=True, blank=True, related_name="cases", verbose_name=_("message received")
    )
    right = models.CharField(_("request"), max_length=20, choices=Right.choices)
    channel = models.CharField(_("channel"), max_length=20, choices=Channel.choices)
    stage = models.CharField(_("stage"), max_length=24, choices=Stage.choices, default=Stage.RECEIVED)
    outcome = models.CharField(_("outcome"), max_length=24, choices=Outcome.choices, blank=True, default="")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("account"),
    )
    subject_token = models.CharField(max_length=64, blank=True, db_index=True)
    email = models.EmailField(_("contact address"), max_length=254, blank=True)
    postal_address = SealedTextField(_("postal address"), max_length=500, blank=True, owner="id")
    language = models.CharField(_("language"), max_length=5, default="lv")
    text = models.TextField(_("in the person's words"), blank=True, max_length=10_000)
    received_at = models.DateTimeField(_("received"))
    identified_at = models.DateTimeField(_("identity shown"), null=True, blank=True)
    extended_at = models.DateTimeField(_("notice of extension sent"), null=True, blank=True)
    extension_reason = models.CharField(
        _("why it takes longer"), max_length=40, choices=DelayReason.choices, blank=True
    )
    answer = models.TextField(_("answer"), blank=True, max_length=20_000)
    refusal_reason = models.CharField(_("why refused"), max_length=40, choices=RefusalReason.choices, blank=True)
    refusal_proposed_by = models.UUIDField(_("refusal proposed by"), null=True, blank=True, editable=False)
    refusal_approved_by = models.UUIDField(_("refusal approved by"), null=True, blank=True, editable=False)
    refusal_act = models.CharField(_("act it rests on"), max_length=200, blank=True)
    refusal_is_partial = models.BooleanField(_("only a part is refused"), default=False)
    assigned_to = models.UUIDField(_("handled by"), null=True, blank=True, editable=False)
    complaint_about = models.UUIDField(_("complaint about"), null=True, blank=True, editable=False)
    answered_by = models.UUIDField(_("answered by"), null=True, blank=True, editable=False)
    erasure_proposed_by = models.UUIDField(_("erasure proposed by"), null=True, blank=True, editable=False)
    erasure_approved_by = models.UUIDField(_("erasure approved by"), null=True, blank=True, editable=False)
    fee_cents = models.PositiveIntegerField(_("fee in cents"), null=True, blank=True)
    fee_announced_at = models.DateTimeField(_("fee announced"), null=True, blank=True)
    due_on = models.DateField(_("due on the desk"), null=True, blank=True, editable=False)
    due_table = models.CharField(_("counted with the table"), max_length=20, blank=True, editable=False)
    due_cap = models.DateField(_("not later than"), null=True, blank=True, editable=False)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_with = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("answered together with"),
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    ends_at = models.DateTimeField(_("case file kept until"), null=True, blank=True)
    plan_digest = models.CharField(max_length=64, blank=True)
    objects_to_archive = models.BooleanField(_("objects to the archive"), default=False)
    copy_waived_at = models.DateTimeField(_("copy declined"), null=True, blank=True, editable=False)
    receipt_digest = models.CharField(max_length=64, null=True, blank=True, unique=True)
    key_digest = models.CharField(max_length=64, null=True, blank=True, unique=True)
    contact_key = models.UUIDField(null=True, blank=True, editable=False)
    sealed_contact = models.BinaryField(blank=True, default=b"")

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        ordering = ["received_at"]
        permissions = [("approve_subjectrequest", _("May approve refusals and erasures"))]
        indexes = [
            models.Index("stage", "received_at", name="dsar_desk"),
            models.Index("due_on", "received_at", "number", condition=Q(stage__in=_RUNNING), name="dsar_desk_due"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(stage__in=_CLOSED, closed_at__isnull=False, ends_at__isnull=False)
                | (~Q(stage__in=_CLOSED) & Q(closed_at__isnull=True, ends_at__isnull=True)),
                name="dsar_closed_has_its_end",
            ),
            models.CheckConstraint(
                condition=~Q(stage__in=[Stage.EXECUTING, Stage.ANSWERED, Stage.PARTLY_REFUSED])
                | Q(identified_at__isnull=False),
                name="dsar_nothing_runs_unidentified",
            ),
            models.CheckConstraint(
                condition=~Q(stage=Stage.REFUSED)
                | (
                    Q(refusal_proposed_by__isnull=False, refusal_approved_by__isnull=False)
                    & ~Q(refusal_proposed_by=F("refusal_approved_by"))
                    & ~Q(refusal_reason="")
                ),
                name="dsar_refused_by_two",
            ),
            models.CheckConstraint(
                condition=~Q(stage=Stage.PARTLY_REFUSED)
                | (
                    Q(refusal_proposed_by__isnull=False, refusal_approved_by__isnull=False)
                    & ~Q(refusal_proposed_by=F("refusal_approved_by"))
                    & ~Q(refusal_reason="")
                ),
                name="dsar_refused_partly_by_two",
            ),
            models.CheckConstraint(
                condition=~Q(stage__in=[Stage.REFUSED, Stage.PARTLY_REFUSED]) | ~(Q(refusal_act="") | Q(answer="")),
                name="dsar_refused_with_act",
            ),
            models.CheckConstraint(
                condition=Q(erasure_proposed_by__isnull=True, erasure_approved_by__isnull=True)
                | (Q(erasure_proposed_by__isnull=False, erasure_approved_by__isnull=True) & ~Q(stage=Stage.EXECUTING))
                | (
                    Q(erasure_proposed_by__isnull=False, erasure_approved_by__isnull=False)
                    & ~Q(erasure_proposed_by=F("erasure_approved_by"))
                ),
                name="dsar_erased_by_two",
            ),
            models.CheckConstraint(condition=_nobody_decides_as("user"), name="dsar_nobody_decides_on_himself"),
            models.CheckConstraint(condition=_nobody_decides_as("complaint_about"), name="dsar_conflict_of_interest"),
            models.CheckConstraint(
                condition=Q(fee_cents__isnull=True, fee_announced_at__isnull=True)
                | Q(fee_cents__isnull=False, fee_announced_at__isnull=False),
                name="dsar_fee_was_announced",
            ),
            models.CheckConstraint(
                condition=Q(extended_at__isnull=True, extension_reason="")
                | (Q(extended_at__isnull=False) & ~Q(extension_reason="")),
                name="dsar_extension_has_reason",
            ),
            models.UniqueConstraint(
                fields=["user", "right"],
                condition=Q(stage__in=_RUNNING, right__in=_SELF_SERVICE, channel=Channel.PORTAL_AUTH),
                name="dsar_one_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["email", "right"],
                condition=Q(user__isnull=True, stage__in=_RUNNING, right__in=_SELF_SERVICE) & ~Q(email=""),
                name="dsar_one_at_a_time_by_address",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_closed(self) -> bool:
        return self.stage in CLOSED


class CasePause(models.Model):
    """A question to the person that may stop the clock (clauses.md C4)."""

    case = models.ForeignKey(SubjectRequest, models.CASCADE, related_name="pauses")
    kind = models.CharField(_("question"), max_length=8, choices=PauseKind.choices)
    asked_at = models.DateTimeField(_("asked"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    ends_at = models.DateTimeField(_("kept until"), null=True, blank=True)

    class Meta:
        verbose_name = _("question to the person")
        verbose_name_plural = _("questions to the person")
        ordering = ["asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | Q(answered_at__gte=F("asked_at")),
                name="dsar_answer_after_question",
            ),
            models.UniqueConstraint(
                fields=["case"], condition=Q(answered_at__isnull=True), name="dsar_one_open_question"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
