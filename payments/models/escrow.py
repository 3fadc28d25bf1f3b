"""Payments that Escrow.com holds between two people: how far each got, and what each of the two agreed to (clause 9.3).

Numbers, states and moments; documents, names and accounts of people there stay there (Q9.9).
"""

from typing import Final
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from payments.amounts import MOST


class AccountState(models.TextChoices):
    """How far a seller's account at Escrow.com is."""

    ASKED = "asked", pgettext_lazy("escrow account", "is being opened")
    PENDING = "pending", pgettext_lazy("escrow account", "waits for your documents, which only Escrow.com gets")
    OPEN = "open", pgettext_lazy("escrow account", "open")
    REJECTED = "rejected", pgettext_lazy("escrow account", "Escrow.com did not accept your documents")
    FOREIGN = "foreign", pgettext_lazy("escrow account", "there already, but Escrow.com tells us nothing of it")


class EscrowAccount(models.Model):
    """A private seller's account there: its number and state, and since when; whatever else it holds stays there."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="escrow_account", verbose_name=_("account")
    )
    state = models.CharField(_("state"), max_length=8, choices=AccountState, default=AccountState.ASKED)
    provider_reference = models.CharField(_("number at Escrow.com"), max_length=20, blank=True)
    asked_at = models.DateTimeField(_("asked for at"))
    changed_at = models.DateTimeField(_("last changed at"))
    read_at = models.DateTimeField(_("last asked about at"), null=True, blank=True)

    class Meta:
        verbose_name = _("account at Escrow.com")
        verbose_name_plural = _("accounts at Escrow.com")
        ordering = ["-asked_at"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(condition=Q(state__in=AccountState.values), name="escrow_account_state_known"),
            models.CheckConstraint(
                condition=~Q(state=AccountState.OPEN) | ~Q(provider_reference=""),
                name="escrow_account_open_has_its_number",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class DealState(models.TextChoices):
    """How far a payment is; only what Escrow.com says moves it on once it has been ordered there."""

    PROPOSED = "proposed", pgettext_lazy("escrow", "waits until both of you agree that Escrow.com is told")
    ORDERED = "ordered", pgettext_lazy("escrow", "is being set up at Escrow.com")
    CREATED = "created", pgettext_lazy("escrow", "waits until both of you accept the terms at Escrow.com")
    AGREED = "agreed", pgettext_lazy("escrow", "waits for the money")
    SECURED = "secured", pgettext_lazy("escrow", "Escrow.com holds the money")
    SHIPPED = "shipped", pgettext_lazy("escrow", "on its way to the buyer")
    RECEIVED = "received", pgettext_lazy("escrow", "arrived, the buyer looks at it")
    ACCEPTED = "accepted", pgettext_lazy("escrow", "accepted, the money goes to the seller")
    REJECTED = "rejected", pgettext_lazy("escrow", "not accepted, to be sent back")
    RETURNED = "returned", pgettext_lazy("escrow", "on its way back to the seller")
    RETURN_RECEIVED = "came_back", pgettext_lazy("escrow", "back with the seller, who looks at it")
    RETURN_ACCEPTED = "taken_back", pgettext_lazy("escrow", "taken back, the money goes to the buyer")
    PAID_OUT = "paid_out", pgettext_lazy("escrow", "done, the seller has the money")
    PAID_BACK = "paid_back", pgettext_lazy("escrow", "done, the buyer has the money back")
    CANCELLED = "cancelled", pgettext_lazy("escrow", "cancelled")
    FAILED = "failed", pgettext_lazy("escrow", "could not be set up at Escrow.com")


NOT_THERE: Final = (DealState.PROPOSED, DealState.ORDERED, DealState.FAILED)
"""Escrow.com may know nothing of these yet, or never."""

OVER: Final = (DealState.PAID_OUT, DealState.PAID_BACK, DealState.CANCELLED, DealState.FAILED)


class Oddity(models.TextChoices):
    """Why a payment of ours is not there as we know it."""

    MISSING = "missing", pgettext_lazy("escrow", "Escrow.com does not know it")
    OTHERWISE = "otherwise", pgettext_lazy("escrow", "stands there on other terms")


class EscrowDeal(models.Model):
    """One payment. Its number at Escrow.com and the amount stay when both people have left: accounting needs them."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    payable_kind = models.CharField(_("what is paid for"), max_length=40)
    payable_id = models.UUIDField(_("its number"))
    title = models.CharField(_("what is sold"), max_length=120, blank=True)
    amount = models.DecimalField(_("amount in euro"), max_digits=9, decimal_places=2)
    reference = models.CharField(_("our reference at Escrow.com"), max_length=24, unique=True)
    provider_id = models.BigIntegerField(_("number at Escrow.com"), null=True, blank=True, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=DealState, default=DealState.PROPOSED)
    # What was pressed and is not carried out yet, as `action:role`.
    underway = models.CharField(_("on its way to Escrow.com"), max_length=30, blank=True)
    refused = models.BooleanField(_("the last step was refused there"), default=False)
    oddity = models.CharField(_("not as we know it"), max_length=10, choices=Oddity, blank=True)
    payment_page = models.URLField(_("page of Escrow.com to pay on"), max_length=500, blank=True)
    proposed_at = models.DateTimeField(_("proposed at"))
    ordered_at = models.DateTimeField(_("ordered at Escrow.com at"), null=True, blank=True)
    secured_at = models.DateTimeField(_("money secured at"), null=True, blank=True)
    changed_at = models.DateTimeField(_("last changed at"))
    read_at = models.DateTimeField(_("last read at Escrow.com at"), null=True, blank=True)

    class Meta:
        verbose_name = _("payment through Escrow.com")
        verbose_name_plural = _("payments through Escrow.com")
        ordering = ["-proposed_at"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["payable_kind", "payable_id"], condition=~Q(state__in=OVER), name="escrow_one_for_a_thing"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0, amount__lte=MOST), name="escrow_amount_in_range"),
            models.CheckConstraint(condition=Q(state__in=DealState.values), name="escrow_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=[*NOT_THERE, DealState.CANCELLED]) | Q(provider_id__isnull=False),
                name="escrow_deal_there_has_its_number",
            ),
        ]
        indexes = [models.Index(fields=["read_at"], condition=~Q(state__in=OVER), name="escrow_deal_open")]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_over(self) -> bool:
        """Whether nothing more becomes of it, so that another one may be proposed."""
        return self.state in OVER


class EscrowSide(models.Model):
    """One of the two. `told_at`: when she agreed that Escrow.com is told, `agreed_at`: to its terms, both by a press of
    her own. The account goes from the row when she leaves."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    deal = models.ForeignKey(EscrowDeal, models.CASCADE, related_name="sides", verbose_name=_("payment"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="escrow_sides", verbose_name=_("account")
    )
    is_buyer = models.BooleanField(_("pays"))
    proposed_at = models.DateTimeField(_("proposed at"))
    told_at = models.DateTimeField(_("agreed that Escrow.com is told at"), null=True, blank=True)
    agreed_at = models.DateTimeField(_("accepted the terms at"), null=True, blank=True)

    class Meta:
        verbose_name = _("part in a payment through Escrow.com")
        verbose_name_plural = _("parts in payments through Escrow.com")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["deal", "is_buyer"], name="escrow_side_one_of_each"),
            models.UniqueConstraint(fields=["deal", "user"], name="escrow_side_once"),
            models.CheckConstraint(
                condition=Q(agreed_at__isnull=True) | Q(told_at__isnull=False), name="escrow_side_told_before_terms"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class EscrowStranger(models.Model):
    """A transaction that goes on there in our name and that no payment of ours knows; gone when it is none any more."""

    number = models.BigIntegerField(_("number at Escrow.com"), unique=True)
    found_at = models.DateTimeField(_("found at"))

    class Meta:
        verbose_name = _("unknown transaction at Escrow.com")
        verbose_name_plural = _("unknown transactions at Escrow.com")
        ordering = ["-found_at"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return str(self.number)


class EscrowReconciliation(models.Model):
    """One look at all payments that are not over: counts only."""

    at = models.DateTimeField(_("at"), db_index=True)
    open = models.PositiveIntegerField(_("not over"), default=0)
    moved = models.PositiveIntegerField(_("had moved on there"), default=0)
    found = models.PositiveIntegerField(_("ordered, and found there"), default=0)
    stuck = models.PositiveIntegerField(_("pressed an hour ago, and not carried out"), default=0)
    odd = models.PositiveIntegerField(_("not as we know them"), default=0)
    missing = models.PositiveIntegerField(_("ours, but not there"), default=0)
    strangers = models.PositiveIntegerField(_("there, but not ours"), default=0)
    accounts = models.PositiveIntegerField(_("accounts that had moved on"), default=0)
    error = models.CharField(_("why it stopped"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("comparison with Escrow.com")
        verbose_name_plural = _("comparisons with Escrow.com")
        ordering = ["-at"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
