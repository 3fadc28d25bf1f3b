"""Who asked for the newsletter, who confirmed it, which lists were taken over, which campaigns went out (clause 13)."""

from uuid import uuid4

from django.core.validators import validate_ipv46_address
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from newsletters.terms import UNDER_WAY, ImportState, Reason
from vault.fields import SealedQuerySet, SealedTextField

EMAIL_LENGTH = 254
IP_LENGTH = 39
BODY_LENGTH = 10_000


class SubscriptionRequest(models.Model):
    """Somebody typed an address; whether its holder wants anything is not known before he confirms. Gone in a week.

    Address and IP address are sealed under a key of the row's own, found by the keyed token of the address.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    email_token = models.CharField(_("token of the address"), max_length=43, unique=True)
    email = SealedTextField(_("e-mail"), max_length=EMAIL_LENGTH, owner="id")
    ip = SealedTextField(
        _("IP address"), max_length=IP_LENGTH, validators=[validate_ipv46_address], blank=True, owner="id"
    )
    language = models.CharField(_("language"), max_length=8)
    wording = models.CharField(_("hash of the wording shown"), max_length=64)
    secret_digest = models.CharField(_("digest of the link"), max_length=43, unique=True)
    letters = models.PositiveSmallIntegerField(_("letters sent"), default=0)
    requested_at = models.DateTimeField(_("asked at"))

    objects = SealedQuerySet.as_manager()

    class Meta:
        verbose_name = _("unconfirmed subscription")
        verbose_name_plural = _("unconfirmed subscriptions")
        ordering = ["-requested_at"]
        base_manager_name = "objects"
        default_permissions = ("view",)
        indexes = [models.Index(fields=["requested_at"], name="newsletters_request_at")]

    def __str__(self) -> str:
        return str(self.pk)


class Subscription(models.Model):
    """An address whose holder confirmed that he wants the newsletter, until he ends it; the proof is with consents."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    email_token = models.CharField(_("token of the address"), max_length=43, unique=True)
    email = SealedTextField(_("e-mail"), max_length=EMAIL_LENGTH, owner="id")
    language = models.CharField(_("language"), max_length=8)
    confirmed_at = models.DateTimeField(_("confirmed at"))

    objects = SealedQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        ordering = ["id"]
        base_manager_name = "objects"
        default_permissions = ("view",)

    def __str__(self) -> str:
        return str(self.pk)


class CampaignState(models.TextChoices):
    """Where a campaign stands; only one that runs prepares and hands over."""

    DRAFT = "draft", _("draft")
    RUNNING = "running", pgettext_lazy("campaign", "running")
    PAUSED = "paused", pgettext_lazy("campaign", "paused")
    DONE = "done", pgettext_lazy("campaign", "done")
    CANCELLED = "cancelled", pgettext_lazy("campaign", "cancelled")


class CampaignStage(models.TextChoices):
    """How far the list of recipients has got: all accounts first, then the subscriptions without an account."""

    ACCOUNTS = "accounts", _("going through the accounts")
    SUBSCRIPTIONS = "subscriptions", _("going through the subscriptions")
    PREPARED = "prepared", _("prepared")


class Campaign(models.Model):
    """One advertisement to everybody who wants them, in the words of staff; Latvian always, other languages if given.

    `cursor` is the number up to which accounts or subscriptions have been gone through: it moves in the transaction
    that adds the recipients, so that whoever takes over after a crash neither repeats nor leaves out anybody.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(_("name, for staff only"), max_length=100)
    subject_lv = models.CharField(_("subject in Latvian"), max_length=150)
    body_lv = models.TextField(_("text in Latvian"), max_length=BODY_LENGTH)
    subject_en = models.CharField(_("subject in English"), max_length=150, blank=True)
    body_en = models.TextField(_("text in English"), max_length=BODY_LENGTH, blank=True)
    subject_ru = models.CharField(_("subject in Russian"), max_length=150, blank=True)
    body_ru = models.TextField(_("text in Russian"), max_length=BODY_LENGTH, blank=True)
    state = models.CharField(
        _("state"), max_length=16, choices=CampaignState.choices, default=CampaignState.DRAFT, editable=False
    )
    stage = models.CharField(
        _("stage"), max_length=16, choices=CampaignStage.choices, default=CampaignStage.ACCOUNTS, editable=False
    )
    cursor = models.UUIDField(_("gone through up to"), null=True, editable=False)
    created_at = models.DateTimeField(_("written at"), editable=False)
    started_at = models.DateTimeField(_("started at"), null=True, editable=False)
    ended_at = models.DateTimeField(_("ended at"), null=True, editable=False)
    # What came of it, once nothing is under way any more: the recipients go, the totals stay.
    totals = models.JSONField(_("result"), default=dict, blank=True, editable=False)

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["-created_at"]
        default_permissions = ("view",)
        permissions = [("run_campaign", _("Can write, test, start, pause and cancel campaigns"))]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=CampaignState.values), name="newsletters_campaign_state"),
            models.CheckConstraint(
                condition=~Q(subject_lv="") & ~Q(body_lv=""), name="newsletters_campaign_speaks_latvian"
            ),
            models.CheckConstraint(
                condition=Q(state=CampaignState.DRAFT, started_at__isnull=True)
                | Q(state=CampaignState.CANCELLED)
                | Q(started_at__isnull=False),
                name="newsletters_campaign_started",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def words(self, language: str) -> tuple[str, str]:
        """Subject and text in the language, or in Latvian where it is not written in that."""
        subject, body = getattr(self, f"subject_{language}", ""), getattr(self, f"body_{language}", "")
        return (subject, body) if subject and body else (self.subject_lv, self.body_lv)


class RecipientKind(models.TextChoices):
    """What the number of a recipient names."""

    ACCOUNT = "account", _("account")
    SUBSCRIPTION = "subscription", _("subscription")


class RecipientState(models.TextChoices):
    """How far the letter to one recipient got before it was the outbox's."""

    PREPARED = "prepared", _("prepared")
    HANDED = "handed", _("handed to the outbox")
    GONE = "gone", _("gone, or has another address, since the list was made")
    STOPPED = "stopped", _("stopped with the campaign")


class CampaignRecipient(models.Model):
    """One letter of one campaign, to an account or to a subscription, by number: once per person and once per address.

    Without a foreign key to either: the row neither holds up a deletion nor keeps the address.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="recipients")
    kind = models.CharField(_("kind"), max_length=16, choices=RecipientKind.choices)
    number = models.UUIDField(_("account or subscription"))
    email_token = models.CharField(_("token of the address"), max_length=43)
    state = models.CharField(_("state"), max_length=16, choices=RecipientState.choices, default=RecipientState.PREPARED)
    message = models.UUIDField(_("number of the message"), null=True)
    prepared_at = models.DateTimeField(_("prepared at"))

    class Meta:
        verbose_name = _("recipient of a campaign")
        verbose_name_plural = _("recipients of campaigns")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["campaign", "kind", "number"], name="newsletters_once_per_person"),
            models.UniqueConstraint(fields=["campaign", "email_token"], name="newsletters_once_per_address"),
            models.CheckConstraint(condition=Q(state__in=RecipientState.values), name="newsletters_recipient_state"),
            models.CheckConstraint(
                condition=~Q(state=RecipientState.HANDED) | Q(message__isnull=False),
                name="newsletters_handed_names_its_message",
            ),
        ]
        indexes = [
            models.Index(fields=["campaign", "state", "id"], name="newsletters_recipient_turn"),
            models.Index(fields=["number"], name="newsletters_recipient_number"),
            models.Index(fields=["email_token"], name="newsletters_recipient_token"),
            models.Index(fields=["prepared_at"], name="newsletters_recipient_at"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ListImport(models.Model):
    """A list of an earlier system while it is read, and how much of it came to what afterwards.

    `cursor` is the line up to which it was read: it moves in the transaction that records the consents, so that whoever
    takes over after a crash neither repeats nor leaves out a line. The file is sealed under a key of the row's own, and
    both go with the last line.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    once = models.CharField(_("token of the form"), max_length=43, unique=True)
    digest = models.CharField(_("digest of the list"), max_length=64)
    file_name = models.CharField(_("sealed file"), max_length=64, blank=True)
    check_only = models.BooleanField(_("only checked"))
    state = models.CharField(_("state"), max_length=8, choices=ImportState.choices, default=ImportState.WAITING)
    cursor = models.PositiveIntegerField(_("read up to line"), default=0)
    lines_total = models.PositiveIntegerField(_("lines"))
    taken = models.PositiveIntegerField(_("taken over"), default=0)
    unknown = models.PositiveIntegerField(_("without proof"), default=0)
    suppressed = models.PositiveIntegerField(_("without advertising"), default=0)
    decided = models.PositiveIntegerField(_("decided here already"), default=0)
    refused = models.PositiveIntegerField(_("refused"), default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    handed_in_at = models.DateTimeField(_("handed in at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        verbose_name = _("list of an earlier system")
        verbose_name_plural = _("lists of an earlier system")
        ordering = ["-handed_in_at"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ImportState.values), name="newsletters_import_state"),
            models.CheckConstraint(
                condition=(Q(state__in=UNDER_WAY, ended_at__isnull=True) & ~Q(file_name=""))
                | Q(state__in=(ImportState.DONE, ImportState.FAILED), ended_at__isnull=False, file_name=""),
                name="newsletters_import_file",
            ),
            models.UniqueConstraint(
                fields=["digest", "check_only"],
                condition=Q(state__in=UNDER_WAY),
                name="newsletters_list_read_once_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def context(self) -> str:
        """To what the sealed file is bound."""
        return f"newsletters_listimport|file_name|{self.pk}"

    @property
    def lines_done(self) -> int:
        """How many lines have been looked at; each came to one of five results."""
        return self.taken + self.unknown + self.suppressed + self.decided + self.refused

    @property
    def lines_left(self) -> int:
        return self.lines_total - self.lines_done

    @property
    def percent(self) -> int:
        """How far the reading is."""
        return 100 * self.lines_done // self.lines_total

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY


class RefusedLine(models.Model):
    """A line that was not taken over: its number and the reason, and nothing of what stood there."""

    list = models.ForeignKey(ListImport, on_delete=models.CASCADE, related_name="refused_lines")
    line = models.PositiveIntegerField(_("line"))
    reason = models.CharField(_("reason"), max_length=16, choices=Reason.choices)
    facts = models.JSONField(_("facts of the reason"), default=dict)

    class Meta:
        verbose_name = _("refused line")
        verbose_name_plural = _("refused lines")
        ordering = ["line"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["list", "line"], name="newsletters_line_refused_once")]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def sentence(self) -> str:
        """The reason in the language of whoever reads it."""
        return str(Reason(self.reason).label) % self.facts
