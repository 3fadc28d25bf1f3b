"""Requests of data subjects, the questions asked meanwhile, the access copies, and the ledger of what happened."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.ledger import LedgerRow
from audit.models import ActorKind
from datamap.terms import Right, Text
from dsar.deadlines import Channel, PauseKind
from dsar.terms import (
    ACTIONS,
    CLOSED,
    DOWNLOAD_LIMIT,
    RUNNING,
    SELF_SERVICE,
    DelayReason,
    Outcome,
    PackageState,
    RefusalReason,
    Stage,
)

_CLOSED = sorted(stage.value for stage in CLOSED)
_RUNNING = sorted(stage.value for stage in RUNNING)
_SELF_SERVICE = sorted(right.value for right in SELF_SERVICE)


class SubjectRequest(models.Model):
    """One request of one person. Its due date is never stored: `dsar.queries.deadline_of` computes it."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    number = models.CharField(_("case number"), max_length=24, unique=True)
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
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    ends_at = models.DateTimeField(_("case file kept until"), null=True, blank=True)
    plan_digest = models.CharField(max_length=64, blank=True)
    objects_to_archive = models.BooleanField(_("objects to the archive"), default=False)
    receipt_digest = models.CharField(max_length=64, null=True, blank=True, unique=True)
    contact_key = models.UUIDField(null=True, blank=True, editable=False)
    sealed_contact = models.BinaryField(blank=True, default=b"")

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        ordering = ["received_at"]
        indexes = [models.Index("stage", "received_at", name="dsar_desk")]
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
                condition=Q(extended_at__isnull=True, extension_reason="")
                | (Q(extended_at__isnull=False) & ~Q(extension_reason="")),
                name="dsar_extension_has_reason",
            ),
            models.UniqueConstraint(
                fields=["user", "right"],
                condition=Q(stage__in=_RUNNING, right__in=_SELF_SERVICE),
                name="dsar_one_at_a_time",
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


class Package(models.Model):
    """One access copy: a sealed ZIP file with a key of its own, an end, and a counted number of downloads (D1-D4)."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    request = models.OneToOneField(SubjectRequest, models.CASCADE, related_name="package")
    state = models.CharField(_("state"), max_length=10, choices=PackageState.choices, default=PackageState.QUEUED)
    key_owner = models.UUIDField(default=uuid4, editable=False)
    file_name = models.CharField(max_length=120, blank=True)
    size = models.BigIntegerField(_("size in bytes"), default=0)
    manifest = models.JSONField(_("manifest"), default=dict, blank=True)
    rows_done = models.BigIntegerField(_("rows written"), default=0)
    rows_total = models.BigIntegerField(_("rows to write"), default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease = models.UUIDField(null=True, blank=True, editable=False)
    leased_until = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField(_("queued"))
    built_at = models.DateTimeField(_("completed"), null=True, blank=True)
    link_ends_at = models.DateTimeField(_("can be downloaded until"), null=True, blank=True)
    ends_at = models.DateTimeField(_("kept until"), null=True, blank=True)
    downloads = models.PositiveSmallIntegerField(_("downloads"), default=0)

    class Meta:
        verbose_name = _("access copy")
        verbose_name_plural = _("access copies")
        constraints = [
            models.CheckConstraint(condition=Q(downloads__lte=DOWNLOAD_LIMIT), name="dsar_download_limit"),
            models.CheckConstraint(
                condition=~Q(state=PackageState.READY)
                | (Q(built_at__isnull=False, link_ends_at__isnull=False, ends_at__isnull=False) & ~Q(file_name="")),
                name="dsar_ready_has_a_file",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def percent(self) -> int:
        """How far the building is; a copy without rows is as good as done."""
        if self.state == PackageState.READY:
            return 100
        return min(99, 100 * self.rows_done // self.rows_total) if self.rows_total else 0


class CaseEvent(LedgerRow):
    """What happened in a case, append-only. Who of the staff acted, and why, is sealed under the case's key and fades
    with it; the case is named by its number only, so that nobody can be found here once the case file is gone."""

    case_number = models.CharField(_("case number"), max_length=24, db_index=True)
    action = models.CharField(_("what happened"), max_length=40)
    stage_before = models.CharField(_("stage before"), max_length=24, blank=True)
    stage_after = models.CharField(_("stage after"), max_length=24)
    actor_kind = models.CharField(_("done by"), max_length=10)
    rules = models.CharField(_("table of holidays"), max_length=20)
    sealed_note = models.TextField(blank=True, default="")

    class Meta(LedgerRow.Meta):
        verbose_name = _("event of a case")
        verbose_name_plural = _("events of cases")

    def __str__(self) -> str:
        return f"{self.case_number} {self.action}"

    @property
    def label(self) -> Text:
        """What happened, in the words for the person."""
        return ACTIONS.get(self.action, self.action)

    @property
    def before(self) -> Stage | None:
        """The stage before, in its words; none where the request began."""
        return Stage(self.stage_before) if self.stage_before else None

    @property
    def after(self) -> Stage:
        """The stage after, in its words."""
        return Stage(self.stage_after)

    @property
    def who(self) -> ActorKind:
        """Who acted: the person, the staff or the site."""
        return ActorKind(self.actor_kind)
