"""What is kept about consents: published wordings, events, evidence, and counted refusals (rules K2-K4)."""

from uuid import uuid4

from django.core.validators import validate_ipv46_address
from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.ledger import LeafRow
from consent.terms import COOKIE_PURPOSES, PERMITTING, ConsentPurpose, ConsentState, Method
from vault.fields import SealedQuerySet, SealedTextField

IP_LENGTH = 39

_HAS_CONTENT = ~models.Q(subject_token="")
ENDS_A_CONSENT = _HAS_CONTENT & models.Q(state__in=sorted(set(ConsentState.values) - PERMITTING))
"""Events that end or deny a consent and have not been purged."""
COOKIE_CHOICES = _HAS_CONTENT & models.Q(purpose__in=sorted(COOKIE_PURPOSES))
"""Events about cookies that have not been purged: they run out by themselves."""


class TextKind(models.TextChoices):
    POLICY = "policy", _("privacy policy")
    CONSENT = "consent", _("wording of a consent")


class TextVersion(models.Model):
    """One published text in one language. Never changed afterwards: a new wording is a new version (Q0.3, Q20.1)."""

    kind = models.CharField(_("kind"), max_length=10, choices=TextKind.choices)
    code = models.CharField(_("code"), max_length=40)
    version = models.SlugField(_("version"), max_length=20)
    language = models.CharField(_("language"), max_length=8)
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("text"))
    sha256 = models.CharField(_("SHA-256 of the text"), max_length=64)
    master = models.ForeignKey(
        "self", verbose_name=_("Latvian text"), null=True, on_delete=models.PROTECT, related_name="translations"
    )
    material = models.BooleanField(_("material change"))
    valid_from = models.DateField(_("in force from"))
    published_at = models.DateTimeField(_("published"))

    class Meta:
        verbose_name = _("published text")
        verbose_name_plural = _("published texts")
        ordering = ["code", "-valid_from", "-version", "language"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version", "language"], name="consent_text_once"),
            models.CheckConstraint(
                condition=models.Q(language="lv") ^ models.Q(master__isnull=False), name="consent_text_has_master"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.version} {self.language}"

    @property
    def master_sha256(self) -> str:
        """The hash of the Latvian text that prevails."""
        return self.sha256 if self.master is None else self.master.sha256


class ConsentEvent(LeafRow):
    """One thing that happened to one consent: who, when, what, how, in which words. Only ever added to; when the term
    of the proof is over a row loses all but its hashes, its seal and its time.

    `scope` says what within a purpose the consent is about, empty where it is about the purpose as a whole: one contact
    detail of one listing is `listing:<number>:phone` (rule K7).
    """

    CONTENT_MAY_GO = True
    ADDED_LATER = frozenset({"scope"})

    subject_token = models.CharField(_("whose"), max_length=64)
    purpose = models.CharField(_("purpose"), max_length=40, choices=ConsentPurpose.choices)
    scope = models.CharField(_("what it is about"), max_length=120, blank=True, default="")
    state = models.CharField(_("state"), max_length=16, choices=ConsentState.choices)
    text_version = models.CharField(_("version of the wording"), max_length=20, blank=True)
    text_sha256 = models.CharField(_("hash of the wording shown"), max_length=64, blank=True)
    lv_sha256 = models.CharField(_("hash of the Latvian wording"), max_length=64, blank=True)
    language = models.CharField(_("language shown"), max_length=8)
    method = models.CharField(_("how"), max_length=20, choices=Method.choices)
    place = models.CharField(_("where"), max_length=200)
    evidence = models.JSONField(_("evidence"), default=dict, blank=True)

    class Meta(LeafRow.Meta):
        verbose_name = _("consent event")
        verbose_name_plural = _("consent events")
        ordering = ["id"]
        indexes = [
            *LeafRow.Meta.indexes,
            models.Index(fields=["subject_token", "purpose", "scope", "at"], name="consent_event_of"),
            models.Index(fields=["at"], condition=ENDS_A_CONSENT, name="consent_event_ends"),
            models.Index(fields=["at"], condition=COOKIE_CHOICES, name="consent_event_cookies"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class ProofTerm(models.Model):
    """When somebody's account went, and until when the proof of what she consented to is kept (rule K10)."""

    subject_token = models.CharField(_("whose"), max_length=64, primary_key=True)
    ended_at = models.DateTimeField(_("account ended"))
    ends_at = models.DateTimeField(_("kept until"), db_index=True)

    class Meta:
        verbose_name = _("term of the proof of consents")
        verbose_name_plural = _("terms of the proof of consents")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gte=models.F("ended_at")), name="consent_proof_has_term")
        ]

    def __str__(self) -> str:
        return f"{self.ended_at:%Y-%m-%d}"


class SubscriptionEvidence(models.Model):
    """The IP address, date and time of a subscription to commercial messages (policy clause 13, Q13.3).

    Beside the ledger, not in it, because it must be able to go when the term of the proof ends. The address is sealed
    under a key of the row's own: it outlives the account and its key, and goes with the row.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    event = models.OneToOneField(
        ConsentEvent, on_delete=models.PROTECT, related_name="subscription", verbose_name=_("consent event")
    )
    subject_token = models.CharField(_("whose"), max_length=64, db_index=True)
    ip = SealedTextField(_("IP address"), max_length=IP_LENGTH, validators=[validate_ipv46_address], owner="id")
    at = models.DateTimeField(_("time"))
    ends_at = models.DateTimeField(_("kept until"), null=True, db_index=True)

    objects = SealedQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence of a subscription")
        verbose_name_plural = _("evidence of subscriptions")
        base_manager_name = "objects"
        permissions = [("trace_misuse", _("Can see the IP address of a subscription, to trace misuse of an address"))]

    def __str__(self) -> str:
        return f"evidence of event #{self.event_id}"


class ConsentDocument(models.Model):
    """The letter or mail in which a consent was given or withdrawn, and who of the staff recorded it (Q19.5).

    The file and the words on how the writer was known are sealed under the key of the row: it ends with the proof.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    event = models.ForeignKey(
        ConsentEvent, on_delete=models.PROTECT, related_name="documents", verbose_name=_("consent event")
    )
    subject_token = models.CharField(_("whose"), max_length=64, db_index=True)
    file_name = models.CharField(max_length=120, editable=False)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("SHA-256 of the document"), max_length=64)
    arrived_at = models.DateTimeField(_("arrived"))
    shown_by = SealedTextField(_("how the writer was known"), max_length=500, owner="id")
    recorded_by = models.UUIDField(_("recorded by"), editable=False)
    recorded_at = models.DateTimeField(_("recorded"))

    objects = SealedQuerySet.as_manager()

    class Meta:
        verbose_name = _("document of a consent")
        verbose_name_plural = _("documents of consents")
        base_manager_name = "objects"
        default_permissions = ("view",)
        permissions = [("record_letter", _("May record consents that came by letter or mail, and open the documents"))]
        ordering = ["-recorded_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(arrived_at__lte=models.F("recorded_at")) & ~models.Q(file_name=""),
                name="consent_document_arrived_before",
            )
        ]

    def __str__(self) -> str:
        return f"document of event #{self.event_id}"


class RefusalCount(models.Model):
    """How often cookies were refused on a day: a count without any identifier (Q11.16)."""

    day = models.DateField(_("day"))
    notice = models.CharField(_("version of the notice"), max_length=8)
    language = models.CharField(_("language"), max_length=8)
    method = models.CharField(_("how"), max_length=20, choices=Method.choices)
    count = models.PositiveIntegerField(_("how often"), default=0)

    class Meta:
        verbose_name = _("refusals of a day")
        verbose_name_plural = _("refusals by day")
        constraints = [
            models.UniqueConstraint(fields=["day", "notice", "language", "method"], name="consent_refusal_once")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.notice} {self.language} {self.method}: {self.count}"


class PolicyMailing(models.Model):
    """The letter about one materially changed version of the policy to everybody who has an account (Q20.2)."""

    text = models.OneToOneField(TextVersion, verbose_name=_("version"), on_delete=models.PROTECT)
    ordered_at = models.DateTimeField(_("ordered at"))
    # Whoever registers later has read the new version there.
    people = models.PositiveIntegerField(_("accounts at that time"))
    reached = models.UUIDField(_("written up to account"), null=True, editable=False)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("letter about a changed policy")
        verbose_name_plural = _("letters about a changed policy")
        ordering = ["-ordered_at"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return str(self.text)


class PolicyNotice(models.Model):
    """What became of the one letter to one account, by its number: no foreign key, no address."""

    class Outcome(models.TextChoices):
        WRITTEN = "written", _("written")
        UNVERIFIED = "unverified", _("no letter: the address is not confirmed")
        INACTIVE = "inactive", _("no letter: the account is closed")

    mailing = models.ForeignKey(PolicyMailing, verbose_name=_("letter"), on_delete=models.PROTECT)
    user_id = models.UUIDField(_("account"), db_index=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome)
    message_id = models.UUIDField(_("message"), null=True, unique=True)
    at = models.DateTimeField(_("at"))
    bounced_at = models.DateTimeField(_("came back at"), null=True)

    class Meta:
        verbose_name = _("account and its letter about a changed policy")
        verbose_name_plural = _("accounts and their letters about a changed policy")
        ordering = ["pk"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["mailing", "user_id"], name="consent_policy_notice_once"),
            models.CheckConstraint(
                condition=models.Q(outcome="written") ^ models.Q(message_id__isnull=True),
                name="consent_policy_notice_has_message",
            ),
            models.CheckConstraint(
                condition=models.Q(bounced_at__isnull=True) | models.Q(outcome="written"),
                name="consent_policy_notice_bounced_was_written",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mailing_id} {self.user_id}"
