"""What payouts hold about sellers, and why it outlives their accounts (Art. 17(3); Accounting Law s. 28)."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Holding, Personal
from datamap.terms import DETACH, Category, LawfulBasis, Source, keep

_DOCUMENT: Final = keep(_("It proves what was paid; nothing in it says who you were."), act="Accounting Law s. 28")

PAYOUT: Final = Holding(
    model="payments.Payout",
    label=_("Money that we owe you for what you sold"),
    about={"user": "user"},
    purposes=("SERVICE",),
    basis=LawfulBasis.CONTRACT,
    source=Source.PROVIDED,
    period="INVOICE",
    clock="owed_at",
    personal={
        "user": Personal(Category.ACCOUNT, label=_("account"), on_erasure=DETACH),
        "iban": Personal(
            Category.BANK_ACCOUNT,
            on_erasure=keep(
                _("The money is still yours: we need the number to send it, and delete it when it is sent."),
                act="GDPR Art. 17(3)(e)",
            ),
        ),
    }
    | {
        name: Personal(Category.FINANCIAL, on_erasure=_DOCUMENT)
        for name in ("id", "payable_kind", "payable_id", "amount", "state", "owed_at", "sent_at", "bank_reference")
    },
)

HOLDINGS: Final = (PAYOUT,)
