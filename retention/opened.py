"""Who opened a sealed record, for which dispute, and who agreed or did not (policy clause 10; Art. 5(2), 32)."""

from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class OpeningKind(models.TextChoices):
    """What lies sealed: each kind has its own permission."""

    ARCHIVE = "archive", _("a record of the six-year archive")
    HELD = "held", _("rows of an erased account that a legal hold keeps")


class OpeningGround(models.TextChoices):
    """For which dispute or problem a sealed record may be opened: the policy knows no other use (clause 10)."""

    COURT = "court", _("a court or another authority asks")
    CLAIM_AGAINST_US = "claim_against_us", _("a claim against us")
    CLAIM_OF_OURS = "claim_of_ours", _("a claim of ours")
    PROBLEM = "problem", _("a problem that is being looked into")
    PERSON_ASKS = "person_asks", _("the person asks for it")


class Opening(models.Model):
    """One opening of one sealed record: asked for by one, approved or declined by another, read by the first (Q10.7).

    It outlives the record that it opened, so that the person can be told when and why; there is no key between them.
    Without a token no answer finds it: that is so where an act forbids to tell the person (Art. 23).
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    kind = models.CharField(_("what is opened"), max_length=10, choices=OpeningKind, default=OpeningKind.ARCHIVE)
    record_id = models.UUIDField(_("sealed record"), db_index=True, editable=False)
    email_token = models.CharField(max_length=64, db_index=True, blank=True, editable=False)
    case_number = models.CharField(_("case"), max_length=40)
    ground = models.CharField(_("ground"), max_length=20, choices=OpeningGround)
    sealed_reason = models.BinaryField(_("reason, sealed"), editable=False)
    requested_by = models.UUIDField(_("asked for by"), editable=False)
    requested_at = models.DateTimeField(_("asked for"))
    approved_by = models.UUIDField(_("approved by"), null=True, editable=False)
    approved_at = models.DateTimeField(_("approved"), null=True)
    declined_by = models.UUIDField(_("declined by"), null=True, editable=False)
    declined_at = models.DateTimeField(_("declined"), null=True)
    sealed_decline = models.BinaryField(_("why declined, sealed"), default=bytes, editable=False)
    reads = models.PositiveSmallIntegerField(_("times read"), default=0)
    first_read_at = models.DateTimeField(_("first read"), null=True)
    last_read_at = models.DateTimeField(_("last read"), null=True)
    ends_at = models.DateTimeField(_("kept until"), db_index=True)

    class Meta:
        verbose_name = _("opening of a sealed record")
        verbose_name_plural = _("openings of sealed records")
        ordering = ["-requested_at"]
        default_permissions = ()
        permissions = [
            ("open_archive", _("May ask for, approve and read openings of the archive")),
            ("open_held", _("May ask for, approve and read openings of rows under a legal hold")),
        ]
        constraints = [
            models.CheckConstraint(name="retention_opening_has_case", condition=~Q(case_number="")),
            models.CheckConstraint(
                name="retention_opening_approved_pair",
                condition=Q(approved_by=None, approved_at=None)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
            ),
            models.CheckConstraint(
                name="retention_opening_by_two",
                condition=Q(approved_by=None) | ~Q(approved_by=F("requested_by")),
            ),
            models.CheckConstraint(
                name="retention_opening_declined_by_two",
                condition=Q(declined_by=None, declined_at=None, sealed_decline=b"")
                | (
                    Q(declined_by__isnull=False, declined_at__isnull=False, approved_at=None)
                    & ~Q(sealed_decline=b"")
                    & ~Q(declined_by=F("requested_by"))
                ),
            ),
            models.CheckConstraint(
                name="retention_opening_read_when_approved",
                condition=Q(reads=0, first_read_at=None, last_read_at=None)
                | Q(reads__gt=0, first_read_at__isnull=False, last_read_at__isnull=False, approved_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.case_number
