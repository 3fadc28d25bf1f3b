"""Who asked for the newsletter without an account, and whose mailbox has confirmed it (Q13.8, Q13.9)."""

from uuid import uuid4

from django.core.validators import validate_ipv46_address
from django.db import models
from django.utils.translation import gettext_lazy as _

from vault.fields import SealedQuerySet, SealedTextField

EMAIL_LENGTH = 254
IP_LENGTH = 39


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
