"""What Qlekta itself sells, its prices with tax, and the rates of the tax by the day from which they hold."""

from datetime import date
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext_lazy as _

from payments.invoices.terms import Service, VatRate
from qlekta import env

VAT_NUMBER: Final = env.text("CONTROLLER_VAT_NUMBER", "LV40203224217")

VAT_RATES = (VatRate(Decimal(21), date(2012, 7, 1), "VAT Law s. 41(1)"),)

SERVICES = (
    Service("PLACEMENT_WEEK", _("Paid placement of a listing, 7 days"), Decimal("2.99"), "PLACEMENT_WEEK"),
    Service("PLACEMENT_MONTH", _("Paid placement of a listing, 30 days"), Decimal("8.99"), "PLACEMENT_MONTH"),
)
