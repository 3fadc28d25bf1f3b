"""What payments by card hold about people: numbers and amounts, no card (policy clause 9.1; Q8.19)."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Happening, Holding, NotPersonal, Personal, Unpublished
from datamap.terms import BLANK, DETACH, Category, LawfulBasis, Source, Use, keep, withhold
from payments.models.cards import NEVER_CHARGED

_ACT: Final = "Accounting Law s. 28(5)"
_STATUS: Final = "payments.cards.words.STATUS"
_DISPUTED: Final = "payments.cards.words.DISPUTE"
_KEPT: Final = keep(_("a payment is a source document of the accounts; it does not name you any more"), act=_ACT)
_STAFF: Final = withhold(_("who on our side decided; names of staff are not part of your data"))

_PAYMENT: Final = Holding(
    model="payments.CardPayment",
    looks=True,
    label=_("Your payments by card"),
    about={"user": "payer"},
    purposes=("SERVICE", "LEGAL"),
    basis=LawfulBasis.CONTRACT,
    source=Source.PROVIDED,
    period="INVOICE",
    clock="began_at",
    recipients=("BRAINTREE",),
    why=_("so that you pay once, and we can send money back; no card data reach us"),
    personal={
        "payer": Personal(Category.ACCOUNT, on_erasure=DETACH, label=_("account")),
        "payable_id": Personal(Category.FINANCIAL, on_erasure=_KEPT),
        "amount": Personal(Category.FINANCIAL, on_erasure=_KEPT),
        "state": Personal(Category.FINANCIAL, on_erasure=_KEPT),
        "attempt": Personal(Category.FINANCIAL, on_erasure=_KEPT),
        "nonce": Personal(
            Category.FINANCIAL,
            on_access=withhold(_("works once and only until the payment is through; it says nothing about the card")),
            on_erasure=BLANK,
        ),
        "transaction_id": Personal(Category.FINANCIAL, on_erasure=_KEPT),
        "status": Personal(Category.FINANCIAL, on_erasure=_KEPT, words=_STATUS),
        "answer": Personal(Category.FINANCIAL, on_erasure=_KEPT),
        "dispute": Personal(Category.FINANCIAL, on_erasure=_KEPT, words=_DISPUTED),
        "began_at": Personal(Category.FINANCIAL, on_erasure=_KEPT),
        "tried_at": Personal(Category.FINANCIAL, on_erasure=_KEPT),
        "paid_at": Personal(Category.FINANCIAL, on_erasure=_KEPT),
        "changed_at": Personal(Category.FINANCIAL, on_erasure=_KEPT),
    },
    neutral={"id", "payable_kind", "keyless"},
    happenings=(
        Happening(
            use=Use.TOLD,
            at="tried_at",
            says=_("Braintree was asked to charge your card: %(state)s"),
            of=("state",),
        ),
    ),
    unpublished=Unpublished(
        {"state__in": NEVER_CHARGED},
        _("payments that never came about"),
        period="CARD_NEVER_CHARGED",
        clock="changed_at",
    ),
)

_REFUND: Final = Holding(
    model="payments.CardRefund",
    looks=True,
    label=_("Money sent back to your card"),
    about={"user": "payment__payer"},
    purposes=("SERVICE", "LEGAL"),
    basis=LawfulBasis.CONTRACT,
    source=Source.DERIVED,
    period="INVOICE",
    clock="proposed_at",
    recipients=("BRAINTREE",),
    personal={
        "amount": Personal(Category.FINANCIAL, on_erasure=_KEPT),
        "state": Personal(Category.FINANCIAL, on_erasure=_KEPT),
        "told": Personal(Category.FINANCIAL, on_erasure=_KEPT),
        "status": Personal(Category.FINANCIAL, on_erasure=_KEPT, words=_STATUS),
        "reason": Personal(Category.FINANCIAL, on_erasure=_KEPT, note="why staff sent money back; names nobody"),
        "proposed_by": Personal(Category.IDENTITY, on_access=_STAFF, on_erasure=_KEPT),
        "decided_by": Personal(Category.IDENTITY, on_access=_STAFF, on_erasure=_KEPT),
        "transaction_id": Personal(Category.FINANCIAL, on_erasure=_KEPT),
        "answer": Personal(Category.FINANCIAL, on_erasure=_KEPT),
        "proposed_at": Personal(Category.FINANCIAL, on_erasure=_KEPT),
        "decided_at": Personal(Category.FINANCIAL, on_erasure=_KEPT),
        "tried_at": Personal(Category.FINANCIAL, on_erasure=_KEPT),
        "done_at": Personal(Category.FINANCIAL, on_erasure=_KEPT),
    },
    neutral={"id", "payment"},
)

_ORPHAN: Final = Holding(
    model="payments.CardOrphan",
    looks=True,
    label=_("Money of yours at Braintree that our books had missed"),
    about={"user": "payment__payer"},
    purposes=("SERVICE", "LEGAL"),
    basis=LawfulBasis.CONTRACT,
    source=Source.FROM_THIRD_PARTY,
    period="INVOICE",
    clock="found_at",
    recipients=("BRAINTREE",),
    personal={
        "status": Personal(Category.FINANCIAL, on_erasure=_KEPT, words=_STATUS),
        "reason": Personal(Category.FINANCIAL, on_erasure=_KEPT, note="how staff know whose it is; names nobody"),
        "proposed_by": Personal(Category.IDENTITY, on_access=_STAFF, on_erasure=_KEPT),
        "decided_by": Personal(Category.IDENTITY, on_access=_STAFF, on_erasure=_KEPT),
    }
    | {
        name: Personal(Category.FINANCIAL, on_erasure=_KEPT)
        for name in (
            "transaction_id",
            "refund_of",
            "amount",
            "currency",
            "order",
            "made_at",
            "found_at",
            "state",
            "decided_at",
        )
    },
    neutral={"id", "payment", "found_in"},
)

_DISPUTE: Final = Holding(
    model="payments.CardDispute",
    looks=True,
    label=_("What your bank asked back for you"),
    about={"user": "payment__payer"},
    purposes=("CLAIMS", "LEGAL"),
    basis=LawfulBasis.LEGITIMATE_INTERESTS,
    source=Source.FROM_THIRD_PARTY,
    period="INVOICE",
    clock="heard_at",
    recipients=("BRAINTREE",),
    personal={
        "status": Personal(Category.FINANCIAL, on_erasure=_KEPT, words=_DISPUTED),
        "evidence": Personal(
            Category.FREE_TEXT,
            on_erasure=keep(
                _("We need it to answer the claim of the bank, and delete it when the bank has it."),
                act="GDPR Art. 17(3)(e)",
            ),
            note="what we say for ourselves; names nobody",
        ),
        "proposed_by": Personal(Category.IDENTITY, on_access=_STAFF, on_erasure=_KEPT),
        "decided_by": Personal(Category.IDENTITY, on_access=_STAFF, on_erasure=_KEPT),
    }
    | {
        name: Personal(Category.FINANCIAL, on_erasure=_KEPT)
        for name in (
            "number",
            "kind",
            "why",
            "amount",
            "reply_by",
            "state",
            "accepts",
            "refusal",
            "heard_at",
            "answered_at",
        )
    },
    neutral={"id", "payment"},
)

NOT_PERSONAL: Final = (
    NotPersonal("payments.CardNotice", "digests of calls of Braintree in the last days, so that none is heard twice"),
    NotPersonal("payments.CardReconciliation", "counts of a comparison"),
)
HOLDINGS: Final = (_PAYMENT, _REFUND, _ORPHAN, _DISPUTE)
