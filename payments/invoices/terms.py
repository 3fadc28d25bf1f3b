"""The words of invoices and of the accounts they are entered in, and what Qlekta sells (VAT Law, Accounting Law)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from datamap.terms import Text

ACT: Final = "Accounting Law s. 28"
"""Why an invoice outlives whom it names."""


class Kind(TextChoices):
    """What a document is; each kind has a series of numbers of its own."""

    INVOICE = "invoice", _("invoice")
    CREDIT_NOTE = "credit_note", _("credit note")


PREFIXES: Final = {Kind.INVOICE: "QL", Kind.CREDIT_NOTE: "QLK"}


class Account(TextChoices):
    """The accounts of the Latvian chart that a sold service touches."""

    RECEIVABLES = "2310", _("receivables from buyers")
    VAT = "5721", _("value added tax")
    REVENUE = "6110", _("revenue from services")


class Side(TextChoices):
    """On which side of an account an amount is entered."""

    DEBIT = "debit", pgettext_lazy("account", "debit")
    CREDIT = "credit", pgettext_lazy("account", "credit")


class InvoiceRefused(ValueError):
    """Nothing was issued; the sentence says why."""


@dataclass(frozen=True, slots=True)
class VatRate:
    """The standard rate of the tax in per cent, from a day on, with the act that says so."""

    percent: Decimal
    valid_from: date
    act: str


@dataclass(frozen=True, slots=True)
class Service:
    """Something that Qlekta sells: `price` in euro with the tax in it, `period` the code of how long it runs."""

    code: str
    label: Text
    price: Decimal
    period: str


@dataclass(frozen=True, slots=True)
class Buyer:
    """Whom an invoice is for. Registration number and address are empty where she gives none."""

    user_id: UUID
    email: str
    name: str
    registration_number: str = ""
    address: str = ""
    country: str = "LV"


@dataclass(frozen=True, slots=True)
class Item:
    """One line: a service at its amount in euro with the tax in it, and the days that it runs."""

    service: Service
    amount: Decimal
    first_day: date
    last_day: date
