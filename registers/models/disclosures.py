"""Disclosures to third parties and the requests of authorities they answer (policy clauses 8.1, 8.2; Art. 15(1)(c))."""

from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from registers.terms import BY_REQUEST, Ground, RecipientKind, RequestState

_SECRECY = Q(secret_under="", secret_until=None) | (~Q(secret_under="") & Q(secret_until__isnull=False))


class AuthorityRequest(models.Model):
    """A request by an authority, a court, an advocate or a bailiff: who asks by which power, and for what (Q8.5).

    `tables` is the scope: the declared tables that may be given out, `since` and `until` bound their rows in time.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    kind = models.CharField(
        _("who asks"), max_length=20, choices=[(kind.value, kind.label) for kind in RecipientKind if kind in BY_REQUEST]
    )
    requester = models.CharField(_("name of the institution"), max_length=200)
    power = models.CharField(_("legal power"), max_length=200)
    document = models.CharField(_("document"), max_length=200)
    subject_id = models.UUIDField(_("account"), db_index=True)
    tables = models.JSONField(_("tables asked for"))
    since = models.DateTimeField(_("data from"), null=True, blank=True)
    until = models.DateTimeField(_("data until"), null=True, blank=True)
    secret_under = models.CharField(_("secret under"), max_length=200, blank=True)
    secret_until = models.DateField(_("secret until"), null=True, blank=True)
    received_at = models.DateTimeField(_("arrived"))
    state = models.CharField(_("state"), max_length=10, choices=RequestState, default=RequestState.REGISTERED)
    registered_by = models.UUIDField(_("registered by"), editable=False)
    registered_at = models.DateTimeField(_("registered"))
    decided_by = models.UUIDField(_("decided by"), null=True, editable=False)
    decided_at = models.DateTimeField(_("decided"), null=True)
    decision = models.TextField(_("why so decided"), max_length=1000, blank=True)
    ends_at = models.DateTimeField(_("kept until"), null=True, db_index=True)

    class Meta:
        verbose_name = _("request of an authority")
        verbose_name_plural = _("requests of authorities")
        ordering = ["-registered_at"]
        default_permissions = ("view", "change")
        constraints = [
            models.CheckConstraint(
                name="registers_request_is_complete",
                condition=~(Q(requester="") | Q(power="") | Q(document="") | Q(tables=[])),
            ),
            models.CheckConstraint(name="registers_request_secrecy_pair", condition=_SECRECY),
            models.CheckConstraint(
                name="registers_request_decided_pair",
                condition=Q(state=RequestState.REGISTERED, decided_by=None, decided_at=None)
                | (~Q(state=RequestState.REGISTERED) & Q(decided_by__isnull=False, decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="registers_request_by_two",
                condition=Q(decided_by=None) | ~Q(decided_by=F("registered_by")) | Q(state=RequestState.REFUSED),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.requester}: {self.document}"


class Disclosure(models.Model):
    """One hand-over of data about one person to one third party, written before anything is given out (Q8.1).

    The person stands here by keyed tokens, so that the row outlives the account and still answers her. `consent` names
    the consent event that the ground points to; `balance` is the written balance of a legitimate interest.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    kind = models.CharField(_("kind of recipient"), max_length=20, choices=RecipientKind)
    recipient = models.CharField(_("recipient"), max_length=200)
    ground = models.CharField(_("ground"), max_length=10, choices=Ground)
    act = models.CharField(_("act"), max_length=200, blank=True)
    balance = models.TextField(_("balance of interests"), max_length=4000, blank=True)
    purpose = models.CharField(_("purpose agreed to"), max_length=40, blank=True)
    consent = models.CharField(_("consent"), max_length=60, blank=True)
    reason = models.TextField(_("reason"), max_length=1000, blank=True)
    request = models.OneToOneField(
        AuthorityRequest,
        verbose_name=_("request of an authority"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="disclosure",
        editable=False,
    )
    categories = models.JSONField(_("categories of data"))
    tables = models.JSONField(_("tables"))
    subject_token = models.CharField(max_length=64, db_index=True, editable=False)
    email_token = models.CharField(max_length=64, db_index=True, blank=True, editable=False)
    at = models.DateTimeField(_("written down"))
    by = models.UUIDField(_("by"), editable=False)
    handed_over_at = models.DateTimeField(_("handed over"), null=True)
    secret_under = models.CharField(_("not told to the person because of"), max_length=200, blank=True)
    secret_until = models.DateField(_("not told until"), null=True, blank=True)
    ends_at = models.DateTimeField(_("kept until"), db_index=True)

    class Meta:
        verbose_name = _("disclosure")
        verbose_name_plural = _("disclosures")
        ordering = ["-at"]
        default_permissions = ("view",)
        permissions = [("disclose", _("May disclose personal data to third parties"))]
        constraints = [
            models.CheckConstraint(
                name="registers_disclosure_has_its_ground",
                condition=(Q(ground=Ground.CONSENT) & ~Q(purpose="") & ~Q(consent=""))
                | (Q(ground=Ground.LEGAL_OBLIGATION) & ~Q(act=""))
                | (Q(ground=Ground.LEGITIMATE_INTERESTS) & ~Q(balance="")),
            ),
            models.CheckConstraint(
                name="registers_disclosure_is_complete",
                condition=~(Q(recipient="") | Q(categories=[]) | Q(tables=[]) | Q(subject_token="")),
            ),
            models.CheckConstraint(
                name="registers_disclosure_security_says_why",
                condition=~Q(kind=RecipientKind.SECURITY) | ~Q(reason=""),
            ),
            models.CheckConstraint(name="registers_disclosure_secrecy_pair", condition=_SECRECY),
            models.CheckConstraint(
                name="registers_disclosure_written_first",
                condition=Q(handed_over_at=None) | Q(handed_over_at__gte=F("at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipient} {self.at:%Y-%m-%d}"
