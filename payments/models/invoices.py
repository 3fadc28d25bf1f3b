"""Invoices and credit notes of Qlekta, their numbers, and the accounts they are entered in (Accounting Law s. 28)."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from audit.ledger import LedgerRow
from payments.invoices.amounts import Parts
from payments.invoices.terms import Account, Kind, Side
from vault.fields import SealedQuerySet, SealedTextField

_DIGITS: dict[str, Any] = {"max_digits": 9, "decimal_places": 2}


class InvoiceSeries(models.Model):
    """The last number of one kind in one year. Its row is locked while a number is given; triggers let it only grow by
    one, and only where a document takes the number in the same transaction: no gap, whatever is rolled back."""

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    year = models.PositiveSmallIntegerField(_("year"))
    last = models.PositiveIntegerField(_("last number"), default=0)

    class Meta:
        verbose_name = _("series of invoices")
        verbose_name_plural = _("series of invoices")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["kind", "year"], name="payments_series_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.year}: {self.last}"


class Invoice(models.Model):
    """An invoice, or a credit note that names one. Triggers let none be changed, and none go before its term is over;
    they hold its number to its series, and its year to the clocks of Riga.

    Without a foreign key: it outlives the account. Whom it names is sealed under a key of its own, which goes with it.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    year = models.PositiveSmallIntegerField(_("year"))
    serial = models.PositiveIntegerField(_("serial number"))
    number = models.CharField(_("number"), max_length=20, unique=True)
    issued_at = models.DateTimeField(_("issued at"), db_index=True)

    payable_kind = models.CharField(_("kind of purchase"), max_length=20)
    payable_id = models.UUIDField(_("number of the purchase"))
    # Of a credit note: the invoice, by number and not by key, because it goes a year earlier where the years differ.
    corrects = models.CharField(_("invoice that it corrects"), max_length=20, blank=True)
    corrects_issued_on = models.DateField(_("issued on"), null=True, blank=True)
    reference = models.CharField(_("refund"), max_length=80, blank=True)

    user_id = models.UUIDField(_("account"), db_index=True)
    email_token = models.CharField(_("token of the address"), max_length=43, db_index=True)
    buyer_name = SealedTextField(_("buyer"), max_length=200, owner="id")
    buyer_registration = SealedTextField(_("registration number"), max_length=20, blank=True, owner="id")
    buyer_address = SealedTextField(_("address"), max_length=300, blank=True, owner="id")
    buyer_country = models.CharField(_("country"), max_length=2, default="LV")

    seller_name = models.CharField(_("seller"), max_length=200)
    seller_registration = models.CharField(_("registration number of the seller"), max_length=20)
    seller_vat = models.CharField(_("VAT number of the seller"), max_length=20)
    seller_address = models.CharField(_("address of the seller"), max_length=300)

    lines = models.JSONField(_("what was sold"))
    vat_percent = models.DecimalField(_("rate of VAT, %"), max_digits=4, decimal_places=2)
    net = models.DecimalField(_("without VAT, EUR"), **_DIGITS)
    vat = models.DecimalField(_("VAT, EUR"), **_DIGITS)
    gross = models.DecimalField(_("in total, EUR"), **_DIGITS)

    objects = SealedQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        base_manager_name = "objects"
        ordering = ["-issued_at", "-serial"]
        default_permissions = ()
        permissions = [("read_invoice", "Can read invoices")]
        constraints = [
            models.UniqueConstraint(fields=["kind", "year", "serial"], name="payments_invoice_number_once"),
            models.UniqueConstraint(
                fields=["payable_kind", "payable_id"],
                name="payments_invoice_once",
                condition=Q(kind=Kind.INVOICE),
            ),
            models.UniqueConstraint(
                fields=["corrects", "reference"], name="payments_credit_once", condition=Q(kind=Kind.CREDIT_NOTE)
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.INVOICE, corrects="", corrects_issued_on=None, reference="")
                | (Q(kind=Kind.CREDIT_NOTE, corrects_issued_on__isnull=False) & ~Q(corrects="") & ~Q(reference="")),
                name="payments_credit_names_its_invoice",
            ),
            models.CheckConstraint(
                condition=Q(net__gte=0, vat__gte=0, gross__gt=0, gross=F("net") + F("vat")),
                name="payments_invoice_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def parts(self) -> Parts:
        return Parts(self.net, self.vat)

    @property
    def summary(self) -> str:
        """What was sold, in the active language."""
        language = get_language() or settings.LANGUAGE_CODE
        return "; ".join(line["text"].get(language) or line["text"][settings.LANGUAGE_CODE] for line in self.lines)

    @property
    def is_credit(self) -> bool:
        return self.kind == Kind.CREDIT_NOTE


class AccountingEntry(LedgerRow):
    """One line of the accounting register: a document, an account, an amount, and nobody's name (X38). The entries of a
    document balance when the transaction ends: a trigger sees to it."""

    is_judged_alone = False

    document = models.CharField(_("document"), max_length=20, db_index=True)
    account = models.CharField(_("account"), max_length=10, choices=Account)
    side = models.CharField(_("side"), max_length=6, choices=Side)
    cents = models.PositiveBigIntegerField(_("amount in cents"))

    class Meta(LedgerRow.Meta):
        verbose_name = _("entry of the accounting register")
        verbose_name_plural = _("accounting register")
        constraints = [
            *LedgerRow.Meta.constraints,
            models.CheckConstraint(condition=Q(cents__gt=0), name="payments_entry_has_an_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.document} {self.account}"

    @property
    def amount(self) -> Decimal:
        """In euro."""
        return Decimal(self.cents).scaleb(-2)
