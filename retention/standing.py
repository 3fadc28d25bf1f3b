"""What stands in the way of deletion or use: legal holds, the copies they keep, restrictions (Art. 17(3), 18)."""

from collections.abc import Mapping
from typing import Final
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from datamap.catalogue import length_of
from datamap.terms import Text
from vault.fields import SealedTextField


class HoldGround(models.TextChoices):
    """Why data may be kept against everything else."""

    CLAIM = "claim", _("a claim in law – Art. 17(3)(e) GDPR")
    CRIME_REPORT = "crime_report", _("a report of a crime – Art. 17(3)(e) GDPR")
    COMPLAINT = "complaint", _("a complaint that is being investigated – Art. 17(3)(e) GDPR")
    AUTHORITY = "authority", _("an order or audit of an authority – Art. 6(1)(c), 17(3)(b) GDPR")


class LegalHold(models.Model):
    """Named rows of one table that nothing deletes until two people release them.

    `query` holds lookups on declared fields; `secrecy` names the act that forbids to tell the person. `reviewed_on` is
    the day in Riga on which somebody last decided that it stays. `confirmed_by` is the second person whom a hold needs
    to stand against the erasure of a child's data (X15).
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    table = models.CharField(_("table"), max_length=100)
    query = models.JSONField(_("which rows"))
    case_number = models.CharField(_("case"), max_length=40)
    reason = models.TextField(_("why"), max_length=1000)
    ground = models.CharField(_("ground"), max_length=20, choices=HoldGround)
    act = models.CharField(_("act"), max_length=120)
    secrecy = models.CharField(_("secret under"), max_length=120, blank=True)
    owner = models.UUIDField(_("who answers for it"))
    reviewed_on = models.DateField(_("last looked at"))
    review_on = models.DateField(_("to be looked at again by"), db_index=True)
    placed_by = models.UUIDField(_("placed by"))
    placed_at = models.DateTimeField(_("placed"))
    confirmed_by = models.UUIDField(_("confirmed by"), null=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    release_proposed_by = models.UUIDField(_("release proposed by"), null=True)
    release_proposed_at = models.DateTimeField(_("release proposed"), null=True)
    released_by = models.UUIDField(_("released by"), null=True)
    released_at = models.DateTimeField(_("released"), null=True)
    history = models.JSONField(_("what was decided and why"), default=list)
    ends_at = models.DateTimeField(_("kept until"), null=True, db_index=True)

    class Meta:
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        ordering = ["review_on", "placed_at"]
        default_permissions = ("view", "change")
        constraints = [
            models.CheckConstraint(name="retention_hold_names_rows", condition=~Q(query={}) & ~Q(reason="")),
            models.CheckConstraint(
                name="retention_hold_reviewed_within_half_a_year",
                condition=Q(review_on__gt=F("reviewed_on"), review_on__lte=F("reviewed_on") + length_of("HOLD_REVIEW")),
            ),
            models.CheckConstraint(
                name="retention_hold_confirmed_by_two",
                condition=Q(confirmed_by=None, confirmed_at=None)
                | (Q(confirmed_by__isnull=False, confirmed_at__isnull=False) & ~Q(confirmed_by=F("placed_by"))),
            ),
            models.CheckConstraint(
                name="retention_hold_proposal_complete",
                condition=Q(release_proposed_by=None, release_proposed_at=None)
                | Q(release_proposed_by__isnull=False, release_proposed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="retention_hold_released_by_two",
                condition=Q(released_by=None, released_at=None, ends_at=None)
                | (
                    Q(released_by__isnull=False, released_at__isnull=False, ends_at__isnull=False)
                    & Q(release_proposed_by__isnull=False)
                    & ~Q(released_by=F("release_proposed_by"))
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_number} {self.table}"

    @property
    def is_confirmed(self) -> bool:
        """True where two people decided on it."""
        return self.confirmed_by is not None


class HeldCopy(models.Model):
    """The held rows of one table of an erased person, taken out of use and sealed until their hold is released."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    hold = models.ForeignKey(LegalHold, models.PROTECT, related_name="copies")
    erasure = models.ForeignKey("retention.ErasureRun", models.SET_NULL, null=True, related_name="held_copies")
    subject_id = models.UUIDField(_("account"), null=True, db_index=True)
    email_token = models.CharField(max_length=64, db_index=True, blank=True, default="", editable=False)
    count = models.PositiveIntegerField(_("rows"))
    sealed = models.BinaryField()
    kept_at = models.DateTimeField(_("kept since"))

    class Meta:
        verbose_name = _("held copy")
        verbose_name_plural = _("held copies")
        ordering = ["kept_at"]
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.pk)


class RestrictionGround(models.TextChoices):
    """The four cases of Art. 18(1), which a person asks for; and a sign that she is under 16, which needs no asking."""

    ACCURACY = "a", _("you contest that the data are right – Art. 18(1)(a) GDPR")
    UNLAWFUL = "b", _("the processing is unlawful and you oppose the erasure – Art. 18(1)(b) GDPR")
    CLAIMS = "c", _("you need the data for a claim – Art. 18(1)(c) GDPR")
    OBJECTION = "d", _("your objection is being examined – Art. 18(1)(d) GDPR")
    CHILD = "k", _("you may be under 16 – policy clause 6, Art. 8 GDPR")


STAFF_GROUNDS: Final[Mapping[RestrictionGround, Text]] = {
    RestrictionGround.ACCURACY: _("the person contests that the data are right – Art. 18(1)(a) GDPR"),
    RestrictionGround.UNLAWFUL: _("the processing is unlawful and the person opposes the erasure – Art. 18(1)(b) GDPR"),
    RestrictionGround.CLAIMS: _("the person needs the data for a claim – Art. 18(1)(c) GDPR"),
    RestrictionGround.OBJECTION: _("the person's objection is being examined – Art. 18(1)(d) GDPR"),
    RestrictionGround.CHILD: _("the person may be under 16 – policy clause 6, Art. 8 GDPR"),
}
"""The same as colleagues read them: what stands above is said to the person."""

KEEPING_GROUNDS = frozenset({RestrictionGround.UNLAWFUL, RestrictionGround.CLAIMS})
"""On these the person wants the rows kept: neither time nor an erasure takes them."""


class Telling(models.TextChoices):
    """How a person was told that her restriction is about to end."""

    EMAIL = "email", _("by e-mail")
    POST = "post", _("by recorded letter")


class Restriction(models.Model):
    """A person whose data are stored and nothing else, until she was told and the restriction was lifted (Art. 18).

    Without an account it is hers who reads the mail at an address: `address` stands sealed, for as long as it is in
    force, so that the rows are found that know nothing else of her. It ends with an erasure too: `ends_at` is then set
    and `lifted_at` is not. `letter` is the number of the message that told her.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user_id = models.UUIDField(_("account"), null=True, db_index=True)
    email_token = models.CharField(max_length=64, db_index=True, editable=False)
    address = SealedTextField(_("e-mail"), max_length=254, blank=True, editable=False, owner="id")
    language = models.CharField(_("language"), max_length=8, blank=True, default="")
    ground = models.CharField(_("ground"), max_length=1, choices=RestrictionGround)
    case_number = models.CharField(_("case"), max_length=40)
    reason = models.TextField(_("why"), max_length=1000)
    placed_by = models.UUIDField(_("placed by"))
    placed_at = models.DateTimeField(_("placed"))
    told_by = models.UUIDField(_("told by"), null=True)
    told_at = models.DateTimeField(_("person told"), null=True)
    told_with = models.CharField(_("told how"), max_length=8, choices=Telling, blank=True, default="")
    letter = models.UUIDField(_("number of the letter"), null=True, db_index=True, editable=False)
    lifted_by = models.UUIDField(_("lifted by"), null=True)
    lifted_at = models.DateTimeField(_("lifted"), null=True)
    history = models.JSONField(_("what was decided and why"), default=list)
    ends_at = models.DateTimeField(_("kept until"), null=True, db_index=True)

    class Meta:
        verbose_name = _("restriction")
        verbose_name_plural = _("restrictions")
        ordering = ["-placed_at"]
        default_permissions = ("view", "change")
        constraints = [
            models.UniqueConstraint(
                name="retention_one_restriction_a_ground",
                fields=["user_id", "ground"],
                condition=Q(ends_at__isnull=True),
            ),
            models.UniqueConstraint(
                name="retention_one_restriction_an_address",
                fields=["email_token", "ground"],
                condition=Q(ends_at__isnull=True, user_id__isnull=True),
            ),
            models.CheckConstraint(
                name="retention_restriction_of_somebody",
                condition=Q(user_id__isnull=False) | Q(ends_at__isnull=False) | ~(Q(email_token="") | Q(address=b"")),
            ),
            models.CheckConstraint(
                name="retention_told_before_lifted",
                condition=Q(lifted_at=None, lifted_by=None)
                | Q(
                    lifted_by__isnull=False,
                    ends_at__isnull=False,
                    told_at__isnull=False,
                    told_by__isnull=False,
                    lifted_at__gt=F("told_at"),
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.case_number

    @property
    def ground_for_staff(self) -> Text:
        """The ground in words for colleagues."""
        return STAFF_GROUNDS[RestrictionGround(self.ground)]

    @property
    def keeps(self) -> bool:
        """True where the rows may not go either."""
        return self.ground in KEEPING_GROUNDS
