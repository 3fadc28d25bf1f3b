"""What a paid placement knows of its seller; the invoice lives on by itself (`payments.invoices.privacy`)."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Holding, Personal
from datamap.terms import Category, LawfulBasis, Source

_PLACEMENT: Final = Holding(
    model="marketplace.Placement",
    label=_("Paid placements of your listings"),
    about={"user": "seller"},
    purposes=("SERVICE",),
    basis=LawfulBasis.CONTRACT,
    source=Source.PROVIDED,
    period="PLACEMENT_CHOICE",
    ends="ends_at",
    why=_("A placement ends with your account; its invoice stays for as long as the law says."),
    personal={
        "listing": Personal(Category.PUBLIC_CONTENT, label=_("listing")),
        "seller": Personal(Category.ACCOUNT, label=_("account")),
        "service": Personal(Category.FINANCIAL),
        "amount": Personal(Category.FINANCIAL),
        "invoice_name": Personal(Category.IDENTITY),
        "invoice_registration": Personal(Category.IDENTITY),
        "invoice_address": Personal(Category.ADDRESS),
        "chosen_at": Personal(Category.FINANCIAL),
        "paid_at": Personal(Category.FINANCIAL),
        "ended_at": Personal(Category.FINANCIAL),
        "ends_at": Personal(Category.FINANCIAL),
    },
    neutral={"id"},
)

HOLDINGS = (_PLACEMENT,)
