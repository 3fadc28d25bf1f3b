"""What is kept of payments through Escrow.com: numbers, states and moments (policy clause 9.3; Q9.9, Q9.10)."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Happening, Holding, NotPersonal, Personal
from datamap.terms import BLANK, DETACH, Category, LawfulBasis, Source, Use, describe, keep

_BOOKS: Final = keep(
    _("Books of payments are kept by law; nothing in them says who you were."), act="Accounting Law s. 28(2)"
)

_ACCOUNT: Final = Holding(
    model="payments.EscrowAccount",
    label=_("Your account at Escrow.com, as a seller"),
    about={"user": "user"},
    purposes=("SERVICE",),
    basis=LawfulBasis.CONTRACT,
    source=Source.FROM_THIRD_PARTY,
    period="ACCOUNT",
    recipients=("ESCROW",),
    why=_("so that buyers can pay you through Escrow.com; your documents are there, never here"),
    personal={
        "user": Personal(Category.ACCOUNT, label=_("account")),
        "state": Personal(Category.FINANCIAL),
        "provider_reference": Personal(Category.FINANCIAL),
        "asked_at": Personal(Category.FINANCIAL),
        "changed_at": Personal(Category.FINANCIAL),
        "read_at": Personal(Category.FINANCIAL),
    },
    neutral={"id"},
    happenings=(
        Happening(
            use=Use.TOLD,
            at="asked_at",
            says=_("Escrow.com got your e-mail address, to open an account for you"),
        ),
    ),
)

_DEAL: Final = Holding(
    model="payments.EscrowDeal",
    label=_("Your payments through Escrow.com"),
    about={"user": "sides__user"},
    purposes=("SERVICE", "LEGAL"),
    basis=LawfulBasis.CONTRACT,
    source=Source.DERIVED,
    period="ACCOUNTING_REGISTER",
    clock="proposed_at",
    looks=True,
    recipients=("ESCROW",),
    happenings=(
        Happening(
            use=Use.TOLD,
            at="ordered_at",
            says=_("Escrow.com got your e-mail address, what was sold and its price"),
        ),
    ),
    why=_("so that Escrow.com can hold the money between you and the other one until the thing has arrived"),
    personal={
        "title": Personal(Category.FINANCIAL, on_erasure=BLANK),
        "payment_page": Personal(
            Category.FINANCIAL,
            on_access=describe(_("the address of the page to pay on, until the payment is made")),
            on_erasure=BLANK,
        ),
    }
    | {
        name: Personal(Category.FINANCIAL, on_erasure=_BOOKS)
        for name in (
            "id",
            "amount",
            "provider_id",
            "state",
            "proposed_at",
            "ordered_at",
            "secured_at",
            "changed_at",
        )
    },
    neutral={"payable_kind", "payable_id", "reference", "underway", "refused", "oddity", "read_at"},
)

_SIDE: Final = Holding(
    model="payments.EscrowSide",
    label=_("Your part in payments through Escrow.com, and what you agreed to"),
    about={"user": "user"},
    purposes=("SERVICE", "LEGAL"),
    basis=LawfulBasis.CONTRACT,
    source=Source.PROVIDED,
    period="ACCOUNTING_REGISTER",
    clock="proposed_at",
    personal={"user": Personal(Category.ACCOUNT, label=_("account"), on_erasure=DETACH)}
    | {
        name: Personal(Category.FINANCIAL, on_erasure=_BOOKS)
        for name in ("deal", "is_buyer", "proposed_at", "told_at", "agreed_at")
    },
    neutral={"id"},
    cleans_with="payments.escrow.leaving.blank_deals",
)

HOLDINGS = (_ACCOUNT, _SIDE, _DEAL)
NOT_PERSONAL = (
    NotPersonal("payments.EscrowReconciliation", "counts of a comparison"),
    NotPersonal("payments.EscrowStranger", "numbers of transactions there that lead to nobody here"),
)
