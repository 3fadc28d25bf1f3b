"""What invoices know about people: whom they name, for five full years, by law and for accounting alone (T7, X38)."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Holding, NotPersonal, Personal, Via
from datamap.terms import Category, LawfulBasis, Source, Text, keep, withhold
from payments.invoices.terms import ACT

_KEPT: Final = keep(
    _("the law has us keep every invoice; when your account is gone, only our accountant sees it"), act=ACT
)
_ENTERED: Final = keep(
    _("the law has us keep the accounting register; it holds amounts and numbers, nobody's name"), act=ACT
)


def _invoice(category: Category = Category.FINANCIAL, *, label: Text = "", note: str = "") -> Personal:
    return Personal(category, on_erasure=_KEPT, label=label, note=note)


def _entry(label: Text = "") -> Personal:
    return Personal(Category.FINANCIAL, on_erasure=_ENTERED, label=label)


HOLDINGS = (
    Holding(
        model="payments.Invoice",
        looks=True,
        label=_("Your invoices"),
        about={"user": "user_id", "email": Via("id", by="payments.invoices.finding.of_addresses")},
        purposes=("LEGAL",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act=ACT,
        source=Source.PROVIDED,
        period="INVOICE",
        clock="issued_at",
        why=_("An invoice is never changed, not even at your wish: a mistake is put right by a credit note."),
        personal={
            "kind": _invoice(),
            "number": _invoice(label=_("number")),
            "issued_at": _invoice(),
            "payable_kind": _invoice(),
            "payable_id": _invoice(),
            "corrects": _invoice(),
            "corrects_issued_on": _invoice(),
            "reference": _invoice(),
            "user_id": _invoice(Category.ACCOUNT, label=_("account")),
            "email_token": Personal(
                Category.VISITOR_KEY,
                on_access=withhold(_("a keyed token, so that your access answer finds the rows")),
                on_erasure=_KEPT,
                label=_("token of your address"),
            ),
            "buyer_name": _invoice(Category.IDENTITY),
            "buyer_registration": _invoice(Category.IDENTITY),
            "buyer_address": _invoice(Category.ADDRESS),
            "buyer_country": _invoice(Category.ADDRESS),
            "lines": Personal(
                Category.FINANCIAL,
                on_erasure=_KEPT,
                label=_("what was sold"),
                note="services, days and amounts; no free text",
            ),
            "vat_percent": _invoice(),
            "net": _invoice(),
            "vat": _invoice(),
            "gross": _invoice(),
        },
        neutral={"id", "year", "serial", "seller_name", "seller_registration", "seller_vat", "seller_address"},
    ),
    Holding(
        model="payments.AccountingEntry",
        label=_("Your invoices in the accounting register"),
        about={
            "user": Via("document", by="payments.invoices.finding.numbers_of_accounts"),
            "email": Via("document", by="payments.invoices.finding.numbers_of_addresses"),
        },
        purposes=("LEGAL",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act=ACT,
        source=Source.DERIVED,
        period="ACCOUNTING_REGISTER",
        clock="at",
        looks=True,
        ledger=True,
        purge_with="audit.purging.purge",
        why=_("Once the invoice is gone, nothing leads from an entry to anybody."),
        personal={
            "at": _entry(),
            "document": _entry(),
            "account": _entry(_("accounting account")),
            "side": _entry(),
            "cents": _entry(),
        },
        neutral={"id", "salt", "commitment", "previous_hash", "row_hash"},
    ),
)

NOT_PERSONAL = (NotPersonal("payments.InvoiceSeries", "the last number of each year"),)
