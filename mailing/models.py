"""A message on its way to a person, and the addresses that never get advertising again (Art. 21(3))."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from vault.fields import SealedQuerySet, SealedTextField


class State(models.TextChoices):
    """How far a message got."""

    QUEUED = "queued", _("waiting")
    SENT = "sent", _("handed over")
    REFUSED_BY_GATE = "refused_by_gate", _("not sent: no permission at that moment")
    FAILED = "failed", _("given up")


class OutgoingMessage(models.Model):
    """One message to one address. The body is sealed while it waits and dropped, with its key, once handed over."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    to_address = models.EmailField(_("to"))
    # Without a foreign key: a message neither holds up the deletion of an account nor disappears with it unseen.
    user_id = models.UUIDField(_("account"), null=True, blank=True)
    template = models.CharField(_("kind of message"), max_length=80, blank=True)
    purpose = models.CharField(_("purpose"), max_length=40)
    language = models.CharField(_("language"), max_length=8)
    subject = models.CharField(_("subject"), max_length=255)
    body_sealed = models.BinaryField(_("sealed body"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.QUEUED)
    created_at = models.DateTimeField(_("written at"))
    # Before the call, so that whoever comes after a lost answer knows when it may be looked up.
    tried_at = models.DateTimeField(_("last tried at"), null=True, blank=True)
    handed_over_at = models.DateTimeField(_("handed over at"), null=True, blank=True)
    # The code of the recipient in the catalogue, empty for a mail server of the controller's own.
    handed_to = models.CharField(_("handed over to"), max_length=40, blank=True)
    provider_id = models.CharField(_("number at the carrier"), max_length=255, blank=True)
    refused_reason = models.CharField(_("why it was not sent"), max_length=200, blank=True)
    error = models.CharField(_("why it was given up"), max_length=200, blank=True)
    forget_after_delivery = models.BooleanField(_("forget after delivery"), default=False)
    # What the letter is about, in the words of the app that wrote it: the number of a request.
    reference = models.CharField(_("about"), max_length=40, blank=True)
    bounced_at = models.DateTimeField(_("came back at"), null=True, blank=True)

    class Meta:
        verbose_name = _("outgoing message")
        verbose_name_plural = _("outgoing messages")
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["to_address"], name="mailing_message_to"),
            models.Index(fields=["user_id"], condition=Q(user_id__isnull=False), name="mailing_message_user"),
            models.Index(fields=["created_at"], name="mailing_message_created"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="mailing_message_state_known"),
            models.CheckConstraint(
                condition=Q(state=State.SENT, handed_over_at__isnull=False)
                | (~Q(state=State.SENT) & Q(handed_over_at__isnull=True)),
                name="mailing_message_sent_has_its_date",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[State.QUEUED, State.FAILED]) | Q(body_sealed__isnull=True),
                name="mailing_message_closed_has_no_body",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.REFUSED_BY_GATE) | ~Q(refused_reason=""),
                name="mailing_message_refused_says_why",
            ),
            models.CheckConstraint(
                condition=Q(bounced_at__isnull=True) | Q(state=State.SENT),
                name="mailing_message_only_what_went_comes_back",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Suppression(models.Model):
    """An address that gets no advertising, as a keyed token: it survives an erasure so that nobody is added again."""

    email_token = models.CharField(_("token of the address"), max_length=43, unique=True)
    at = models.DateTimeField(_("since"))
    reason = models.CharField(_("reason"), max_length=40)

    class Meta:
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")
        ordering = ["-at"]

    def __str__(self) -> str:
        return str(self.pk)


class Forgetting(models.Model):
    """The address of somebody who was erased, sealed, until the mail service has been seen to know nothing of it."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    email_token = models.CharField(_("token of the address"), max_length=43, db_index=True)
    email = SealedTextField(_("e-mail"), max_length=254, owner="id")
    asked_at = models.DateTimeField(_("asked at"), db_index=True)
    emptied_at = models.DateTimeField(_("taken off the lists at"), null=True, blank=True)

    objects = SealedQuerySet.as_manager()

    class Meta:
        verbose_name = _("address that the mail service is to forget")
        verbose_name_plural = _("addresses that the mail service is to forget")
        base_manager_name = "objects"
        default_permissions = ("view",)

    def __str__(self) -> str:
        return str(self.pk)


class Reconciliation(models.Model):
    """One night's comparison of our record with that of the mail service: counts only."""

    at = models.DateTimeField(_("at"), db_index=True)
    listed = models.PositiveIntegerField(_("on the lists of the mail service"), default=0)
    added = models.PositiveIntegerField(_("put on our list"), default=0)
    logged = models.PositiveIntegerField(_("letters in its log"), default=0)
    missing = models.PositiveIntegerField(_("handed over, but not in its log"), default=0)
    unasked = models.PositiveIntegerField(_("in its log, but not handed over by our record"), default=0)
    error = models.CharField(_("why it stopped"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("comparison with the mail service")
        verbose_name_plural = _("comparisons with the mail service")
        ordering = ["-at"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class InboundEvent(models.Model):
    """A call of the mail service that was heard, by the token of its own token: none is heard twice (security V2)."""

    key = models.CharField(_("token of the call"), max_length=43, unique=True)
    at = models.DateTimeField(_("heard"))

    class Meta:
        verbose_name = _("call of the mail service")
        verbose_name_plural = _("calls of the mail service")
        indexes = [models.Index(fields=["at"], name="mailing_inbound_at")]

    def __str__(self) -> str:
        return str(self.pk)
