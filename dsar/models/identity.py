"""Who filed a request, and how that was shown: the outcome with its method, never the evidence (Art. 12(2), 12(6))."""

from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dsar.models.requests import SubjectRequest
from dsar.terms import (
    CHALLENGE_TRIES,
    AuthorityKind,
    ChallengePurpose,
    IdentityMethod,
    IdentityOutcome,
)
from vault.fields import SealedTextField


class IdentityCheck(models.Model):
    """One judgement on who filed one request (security I10). No request inherits that of another: the database lets
    nothing be carried out or answered for a request without a check of its own that shows the person.

    `account_token` stands for the account to which staff led a request from an address that is not the account's; it
    takes two of them, and the database binds the request to no such account without the second (security G4).
    """

    case = models.ForeignKey(SubjectRequest, models.CASCADE, related_name="identity_checks")
    method = models.CharField(_("method"), max_length=20, choices=IdentityMethod.choices)
    outcome = models.CharField(_("outcome"), max_length=10, choices=IdentityOutcome.choices)
    at = models.DateTimeField(_("judged"))
    by = models.UUIDField(_("judged by"), null=True, blank=True, editable=False)
    account_token = models.CharField(max_length=64, blank=True, editable=False)
    agreed_by = models.UUIDField(_("agreed by"), null=True, blank=True, editable=False)
    reason = SealedTextField(_("reason"), max_length=1000, blank=True, owner="case_id")
    ends_at = models.DateTimeField(_("kept until"), null=True, blank=True)

    class Meta:
        verbose_name = _("identity check")
        verbose_name_plural = _("identity checks")
        ordering = ["at"]
        indexes = [models.Index("case", "outcome", name="dsar_identity_shown")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(method__in=[IdentityMethod.KNOWN_FACTS, IdentityMethod.ID_DOCUMENT]) | Q(by__isnull=False),
                name="dsar_judged_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(outcome=IdentityOutcome.SHOWN)
                | Q(account_token="")
                | (Q(by__isnull=False, agreed_by__isnull=False) & ~Q(agreed_by=F("by"))),
                name="dsar_led_to_an_account_by_two",
            ),
            models.UniqueConstraint(
                fields=["case"], condition=Q(outcome=IdentityOutcome.PROPOSED), name="dsar_one_proposed_account"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.outcome}"


class Challenge(models.Model):
    """A code on its way to the address of one request, for one purpose (security I3-I5).

    Only the keyed digest is stored. It ends after ten minutes, is burned by its use, and takes five tries; a new one
    burns the old.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    case = models.ForeignKey(SubjectRequest, models.CASCADE, related_name="challenges")
    purpose = models.CharField(_("purpose"), max_length=12, choices=ChallengePurpose.choices)
    digest = models.CharField(max_length=64)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    created_at = models.DateTimeField(_("sent"))
    ends_at = models.DateTimeField(_("valid until"))
    burned_at = models.DateTimeField(_("used or replaced"), null=True, blank=True)

    class Meta:
        verbose_name = _("code sent")
        verbose_name_plural = _("codes sent")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(tries__lte=CHALLENGE_TRIES), name="dsar_challenge_tries"),
            models.UniqueConstraint(
                fields=["case", "purpose"], condition=Q(burned_at__isnull=True), name="dsar_one_live_challenge"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"


class Representative(models.Model):
    """Who acts for the person, and whether the authority was checked: nothing is given before that (security I11).

    A copy goes to the person, behind her log-in; to him only where a second member of the staff allows it.
    """

    case = models.OneToOneField(SubjectRequest, models.CASCADE, related_name="representative")
    name = SealedTextField(_("name"), max_length=200, owner="case_id")
    kind = models.CharField(_("acts as"), max_length=12, choices=AuthorityKind.choices)
    document = SealedTextField(
        _("document of authority"),
        help_text=_("Which document, of which date; not its copy."),
        max_length=500,
        blank=True,
        owner="case_id",
    )
    checked_at = models.DateTimeField(_("authority checked"), null=True, blank=True)
    checked_by = models.UUIDField(_("checked by"), null=True, blank=True, editable=False)
    may_fetch_at = models.DateTimeField(_("may fetch the copy since"), null=True, blank=True)
    may_fetch_by = models.UUIDField(_("fetching allowed by"), null=True, blank=True, editable=False)
    ends_at = models.DateTimeField(_("kept until"), null=True, blank=True)

    class Meta:
        verbose_name = _("representative")
        verbose_name_plural = _("representatives")
        constraints = [
            models.CheckConstraint(
                condition=Q(checked_at__isnull=True, checked_by__isnull=True)
                | Q(checked_at__isnull=False, checked_by__isnull=False),
                name="dsar_authority_checked_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(may_fetch_at__isnull=True, may_fetch_by__isnull=True)
                | Q(may_fetch_at__isnull=False, may_fetch_by__isnull=False, checked_by__isnull=False)
                & ~Q(may_fetch_by=F("checked_by")),
                name="dsar_handed_over_by_two",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class VisitorNumber(models.Model):
    """The numbers under which a visitor is known without a name, as she gave them with her request: her key in the
    visit log, the receipt of a cookie choice. Nobody can guess them: who names one has seen it in that browser
    (Art. 11(2); clauses.md D10).
    """

    case = models.OneToOneField(SubjectRequest, models.CASCADE, related_name="visitor_number")
    numbers = SealedTextField(_("numbers"), max_length=200, owner="case_id")
    ends_at = models.DateTimeField(_("kept until"), null=True, blank=True)

    class Meta:
        verbose_name = _("number of a visitor")
        verbose_name_plural = _("numbers of visitors")

    def __str__(self) -> str:
        return str(self.pk)
