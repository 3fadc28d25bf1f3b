"""A payment by card and what goes back of it: numbers and amounts, nothing of any card (policy clause 9.1; Q8.19)."""

from typing import Final
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from payments.amounts import MOST
from vault.fields import SealedQuerySet, SealedTextField


class PaymentState(models.TextChoices):
    """How far a payment by card got. Unclear is not failed: it may have been charged, and staff look."""

    OPEN = "open", _("waits for a card")
    CHARGING = "charging", _("is being charged")
    UNCLEAR = "unclear", _("unclear whether it was charged, staff look")
    DECLINED = "declined", _("not charged, may be tried again")
    PAID = "paid", _("paid")
    SETTLED = "settled", _("paid, the money has arrived")
    UNSETTLED = "unsettled", _("the bank took the money back before it arrived")
    VOIDED = "voided", _("taken back before the money moved")
    CANCELLED = "cancelled", _("cancelled, nothing was charged")


TAKES_A_CARD: Final = (PaymentState.OPEN, PaymentState.DECLINED)
UNDERWAY: Final = (PaymentState.CHARGING, PaymentState.UNCLEAR)
CHARGED: Final = (PaymentState.PAID, PaymentState.SETTLED)
OVER: Final = (PaymentState.UNSETTLED, PaymentState.VOIDED, PaymentState.CANCELLED)
NEVER_CHARGED: Final = (PaymentState.OPEN, PaymentState.DECLINED, PaymentState.CANCELLED)


class CardPayment(models.Model):
    """One payment for one thing. Its id is the order number that Braintree hears: opaque, like everything it hears."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    payable_kind = models.CharField(_("what is paid for"), max_length=40)
    payable_id = models.UUIDField(_("its number"))
    payer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="card_payments", verbose_name=_("payer")
    )
    amount = models.DecimalField(_("amount in euro"), max_digits=9, decimal_places=2)
    state = models.CharField(_("state"), max_length=10, choices=PaymentState, default=PaymentState.OPEN)
    # Grows only after a final refusal: it is part of the key by which Braintree knows a repeated request.
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=1)
    nonce = SealedTextField(_("one-time number of the card form"), max_length=255, blank=True, owner="id")
    # This Braintree account takes no keys of requests: what was asked is looked up before it is asked again.
    keyless = models.BooleanField(_("asked without a key"), default=False)
    transaction_id = models.CharField(_("transaction"), max_length=64, blank=True)
    status = models.CharField(_("status at Braintree"), max_length=40, blank=True)
    answer = models.CharField(_("why it was not charged"), max_length=60, blank=True)
    dispute = models.CharField(_("how a dispute stands"), max_length=20, blank=True)
    began_at = models.DateTimeField(_("begun at"))
    tried_at = models.DateTimeField(_("last asked at"), null=True, blank=True)
    paid_at = models.DateTimeField(_("paid at"), null=True, blank=True)
    changed_at = models.DateTimeField(_("last changed at"))

    objects = SealedQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment by card")
        verbose_name_plural = _("payments by card")
        base_manager_name = "objects"
        ordering = ["-began_at"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["payable_kind", "payable_id"],
                condition=~Q(state__in=OVER),
                name="card_payment_one_for_a_thing",
            ),
            models.UniqueConstraint(
                fields=["transaction_id"], condition=~Q(transaction_id=""), name="card_payment_transaction_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0, amount__lte=MOST), name="card_payment_amount_in_range"),
            models.CheckConstraint(condition=Q(state__in=PaymentState.values), name="card_payment_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=UNDERWAY) | Q(nonce=""), name="card_payment_nonce_only_while_charging"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[*CHARGED, PaymentState.UNSETTLED, PaymentState.VOIDED])
                | (Q(paid_at__isnull=False) & ~Q(transaction_id="")),
                name="card_payment_charged_names_its_transaction",
            ),
            models.CheckConstraint(
                condition=~Q(state=PaymentState.DECLINED) | ~Q(answer=""), name="card_payment_declined_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["payer"], condition=Q(payer__isnull=False), name="card_payment_payer"),
            models.Index(fields=["began_at"], name="card_payment_began"),
            models.Index(fields=["state"], condition=Q(state__in=UNDERWAY), name="card_payment_underway"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class RefundState(models.TextChoices):
    """How far a refund got."""

    PROPOSED = "proposed", _("waits for a second person")
    ORDERED = "ordered", _("is on its way")
    UNCLEAR = "unclear", _("unclear whether it went, staff look")
    DONE = "done", _("went back")
    REFUSED = "refused", _("Braintree refused it, or it did not arrive")
    DECLINED = "declined", _("the second person did not agree")


PENDING: Final = (RefundState.PROPOSED, RefundState.ORDERED, RefundState.UNCLEAR)


class CardRefund(models.Model):
    """Money that goes back to the card, known by the transaction alone: it needs nobody's account (Q9.3)."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    # A refund of the next year outlives its payment: each is kept for five full years of its own.
    payment = models.ForeignKey(
        CardPayment, models.SET_NULL, null=True, related_name="refunds", verbose_name=_("payment")
    )
    amount = models.DecimalField(_("amount in euro"), max_digits=9, decimal_places=2)
    state = models.CharField(_("state"), max_length=10, choices=RefundState, default=RefundState.PROPOSED)
    reason = models.CharField(_("reason"), max_length=200)
    proposed_by = models.UUIDField(_("proposed by"), null=True, blank=True, editable=False)
    decided_by = models.UUIDField(_("decided by"), null=True, blank=True, editable=False)
    # How much of it was news to what was paid for: what is sent once more after a failure is told, and counted, once.
    told = models.DecimalField(_("counted there, in euro"), max_digits=9, decimal_places=2, default=0)
    transaction_id = models.CharField(_("transaction"), max_length=64, blank=True)
    status = models.CharField(_("status at Braintree"), max_length=40, blank=True)
    answer = models.CharField(_("why it was refused"), max_length=60, blank=True)
    proposed_at = models.DateTimeField(_("proposed at"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    tried_at = models.DateTimeField(_("last asked at"), null=True, blank=True)
    done_at = models.DateTimeField(_("went back at"), null=True, blank=True)

    class Meta:
        verbose_name = _("refund to a card")
        verbose_name_plural = _("refunds to cards")
        ordering = ["-proposed_at"]
        default_permissions = ("view",)
        permissions = [("refund_card", _("Can send money back to a card"))]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0, amount__lte=MOST), name="card_refund_amount_in_range"),
            models.CheckConstraint(condition=Q(state__in=RefundState.values), name="card_refund_state_known"),
            models.CheckConstraint(
                condition=Q(state=RefundState.DONE, done_at__isnull=False) & ~Q(transaction_id="")
                | (~Q(state=RefundState.DONE) & Q(done_at__isnull=True)),
                name="card_refund_done_has_its_date",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")), name="card_refund_by_two"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class CardNotice(models.Model):
    """A call of Braintree that was heard, by the digest of its body: none is heard twice (security V2)."""

    key = models.CharField(_("digest of the call"), max_length=64, unique=True)
    kind = models.CharField(_("kind"), max_length=60)
    at = models.DateTimeField(_("heard"), db_index=True)

    class Meta:
        verbose_name = _("call of Braintree")
        verbose_name_plural = _("calls of Braintree")
        ordering = ["-at"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return str(self.pk)


class CardReconciliation(models.Model):
    """One night's comparison with Braintree's record: counts only."""

    at = models.DateTimeField(_("at"), db_index=True)
    charges = models.PositiveIntegerField(_("charges and refunds there"), default=0)
    taken_over = models.PositiveIntegerField(_("not heard of before, and taken over"), default=0)
    orphans = models.PositiveIntegerField(_("there, but for nothing we know"), default=0)
    missing = models.PositiveIntegerField(_("on our record, but not there"), default=0)
    unclear = models.PositiveIntegerField(_("unclear, for staff to look at"), default=0)
    disputed = models.PositiveIntegerField(_("disputed"), default=0)
    failed = models.PositiveIntegerField(_("refunds that did not arrive"), default=0)
    error = models.CharField(_("why it stopped"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("comparison with Braintree")
        verbose_name_plural = _("comparisons with Braintree")
        ordering = ["-at"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
