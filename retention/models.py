"""The records of ending: run reports, erasures, receipts, the sealed six-year archive (clauses 5.2, 10, 17)."""

from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.ledger import LedgerRow
from retention.opened import Opening, OpeningGround, OpeningKind
from retention.published import PublishedHead
from retention.standing import HeldCopy, LegalHold, Restriction

__all__ = [
    "ArchiveObjection",
    "ArchiveRecord",
    "AttemptCount",
    "ErasureReceipt",
    "ErasureRun",
    "HeldCopy",
    "LegalHold",
    "Opening",
    "OpeningGround",
    "OpeningKind",
    "PublishedHead",
    "Restriction",
    "RunState",
    "SweepRun",
]


class SweepRun(LedgerRow):
    """What a sweep did under one rule, `at` its `now` (Q5.11); `oldest_at` is the oldest clock or end that remains.

    `held` counts rows that are due and stay because of a legal hold or a restriction. A dry run is not recorded.
    """

    ADDED_LATER = frozenset({"held", "signature"})

    run = models.UUIDField(_("run"))
    table = models.CharField(_("table"), max_length=100)
    rule = models.CharField(_("rule"), max_length=50)
    rule_version = models.CharField(_("version of the rule"), max_length=64)
    applied = models.BooleanField(_("applied"))
    due = models.PositiveBigIntegerField(_("rows due"))
    deleted = models.PositiveBigIntegerField(_("deleted"))
    held = models.PositiveBigIntegerField(_("held back"), default=0)
    failed = models.PositiveBigIntegerField(_("failed"))
    failure = models.CharField(_("first failure"), max_length=100, blank=True)
    oldest_at = models.DateTimeField(_("oldest remaining"), null=True)
    duration_ms = models.PositiveBigIntegerField(_("duration in ms"))
    signature = models.CharField(_("signature"), max_length=88, default="", editable=False)

    class Meta(LedgerRow.Meta):
        verbose_name = _("sweep")
        verbose_name_plural = _("sweeps")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.rule} {self.table} {self.at:%Y-%m-%d %H:%M}"


class RunState(models.TextChoices):
    """How far an erasure has come; `EXECUTED` is all gone but not yet looked after."""

    EXECUTED = "executed", _("executed, not yet verified")
    DONE = "done", _("done")
    NEEDS_ATTENTION = "needs_attention", _("needs attention")


class ErasureRun(models.Model):
    """The journal of one erasure: an opaque id and counts, never an address or its hash (security X2).

    `sealed_subject` holds what the verification searches for, sealed under a key of the run's own, and is emptied with
    that key when nothing was found. `sealed_reason`, of a child's erasure, is staff's why: it goes with the run.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    case_number = models.CharField(_("case"), max_length=40, unique=True)
    language = models.CharField(_("language of the receipt"), max_length=5, default="lv")
    subject_id = models.UUIDField(_("account"), null=True, db_index=True)
    state = models.CharField(_("state"), max_length=20, choices=RunState, default=RunState.EXECUTED)
    plan_digest = models.CharField(_("plan"), max_length=64)
    objected_to_archive = models.BooleanField(_("objected to the archive"))
    archive_ends_at = models.DateTimeField(_("archive until"), null=True)
    lines = models.JSONField(_("lines"))
    findings = models.JSONField(_("found afterwards"), default=list)
    sealed_subject = models.BinaryField(_("what to search for"), default=bytes)
    sealed_reason = models.BinaryField(_("why"), default=bytes)
    executed_at = models.DateTimeField(_("executed"))
    verified_at = models.DateTimeField(_("verified"), null=True)
    ends_at = models.DateTimeField(_("kept until"), db_index=True)

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        ordering = ["-executed_at"]
        permissions = [("erase_child", _("May erase a child's account at once"))]
        constraints = [
            models.CheckConstraint(
                name="retention_run_verified",
                condition=Q(state=RunState.EXECUTED, verified_at=None)
                | Q(~Q(state=RunState.EXECUTED), verified_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.case_number


class ErasureReceipt(LedgerRow):
    """What the person gets: the signed document, found by the digest of a secret that is stored nowhere."""

    case_number = models.CharField(_("case"), max_length=40, db_index=True)
    secret_digest = models.CharField(_("digest of the secret"), max_length=64, db_index=True)
    document = models.JSONField(_("document"))

    class Meta(LedgerRow.Meta):
        verbose_name = _("erasure receipt")
        verbose_name_plural = _("erasure receipts")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.case_number


class ArchiveRecord(models.Model):
    """The minimum about a deleted account, sealed under a key of its own, linked to nothing (policy clause 10)."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    sealed = models.BinaryField()
    email_token = models.CharField(max_length=64, db_index=True)
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("archive record")
        verbose_name_plural = _("archive records")
        constraints = [
            models.CheckConstraint(name="retention_archive_ends_after_start", condition=Q(ends_at__gt=F("created_at"))),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ArchiveObjection(models.Model):
    """A link on its way to an address whose owner may object to the archive: single use, one hour (Q10.5)."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    secret_digest = models.CharField(max_length=64, unique=True)
    address = models.EmailField(max_length=254)
    language = models.CharField(max_length=5, default="lv")
    requested_at = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("objection to the archive")
        verbose_name_plural = _("objections to the archive")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.pk)


class AttemptCount(models.Model):
    """How often something was tried for one keyed token within its time; neither address nor IP is in it."""

    key = models.CharField(max_length=64, unique=True)
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("count of attempts")
        verbose_name_plural = _("counts of attempts")
        default_permissions = ()
        constraints = [models.CheckConstraint(name="retention_attempts_counted", condition=Q(count__gt=0))]

    def __str__(self) -> str:
        return str(self.pk)
