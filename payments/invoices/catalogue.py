"""What Qlekta sells and at which rate of tax, behind one setting: `SALES_CATALOGUE` names a module with SERVICES,
VAT_RATES and VAT_NUMBER."""

from datetime import date
from functools import cache
from importlib import import_module
from typing import Any

from django.conf import settings

from payments.invoices.terms import InvoiceRefused, Service, VatRate


@cache
def _module() -> Any:
    return import_module(settings.SALES_CATALOGUE)


def services() -> dict[str, Service]:
    """What is sold, by code."""
    return {item.code: item for item in _module().SERVICES}


def rate_on(day: date) -> VatRate:
    """The rate of a day. Raises InvoiceRefused for a day before the first one known."""
    known = [rate for rate in _module().VAT_RATES if rate.valid_from <= day]
    if not known:
        raise InvoiceRefused(f"No rate of tax is known for {day}.")
    return max(known, key=lambda rate: rate.valid_from)


def vat_number() -> str:
    """Under which number Qlekta pays the tax."""
    return str(_module().VAT_NUMBER)
