"""What we owe a seller whose buyer paid us by card: how much, and where to, until it is sent (policy clause 9.1)."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from payments.amounts import MOST
from vault.fields import SealedQuerySet, SealedTextField

REFERENCE_LENGTH = 60


class PayoutState(models.TextChoices):
    """How far the money got."""

    NO_ACCOUNT = "no_account", pgettext_lazy("payout", "account number awaited")
    READY = "ready", pgettext_lazy("payout", "to be sent")
    SENT = "sent", pgettext_lazy("payout", "sent")


class Payout(models.Model):
    """Money for one thing sold. The account number stays sealed under a key of the row's own, and goes when the money
    is sent: the debt outlives the account of the person, the number does not outlive the debt."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="payouts", verbose_name=_("account")
    )
    payable_kind = models.CharField(_("for what"), max_length=40)
    payable_id = models.UUIDField(_("number of what was sold"))
    amount = models.DecimalField(_("amount in euro"), max_digits=9, decimal_places=2)
    state = models.CharField(_("state"), max_length=10, choices=PayoutState, default=PayoutState.NO_ACCOUNT)
    iban = SealedTextField(_("account number (IBAN)"), max_length=34, blank=True, owner="id")
    owed_at = models.DateTimeField(_("owed since"))
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    bank_reference = models.CharField(_("number at the bank"), max_length=REFERENCE_LENGTH, blank=True)

    objects = SealedQuerySet.as_manager()

    class Meta:
        base_manager_name = "objects"
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        default_permissions = ("view",)
        permissions = [("send_payout", _("Can send sellers their money"))]
        constraints = [
            models.UniqueConstraint(fields=["payable_kind", "payable_id"], name="payout_once"),
            models.CheckConstraint(condition=Q(amount__gt=0, amount__lte=MOST), name="payout_amount_in_range"),
            models.CheckConstraint(
                condition=Q(state=PayoutState.SENT, sent_at__isnull=False) & ~Q(bank_reference="")
                | ~Q(state=PayoutState.SENT) & Q(sent_at__isnull=True, bank_reference=""),
                name="payout_sent_says_when_and_how",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
