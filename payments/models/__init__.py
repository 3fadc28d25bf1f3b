"""What is kept about money: amounts, numbers at the provider, states; never a card (policy clauses 8.9, 9)."""

from payments.models.cards import CardNotice, CardPayment, CardReconciliation, CardRefund
from payments.models.disputes import CardDispute
from payments.models.escrow import EscrowAccount, EscrowDeal, EscrowReconciliation, EscrowSide, EscrowStranger
from payments.models.invoices import AccountingEntry, Invoice, InvoiceSeries
from payments.models.orphans import CardOrphan
from payments.models.payouts import Payout, PayoutState

__all__ = [
    "AccountingEntry",
    "CardDispute",
    "CardNotice",
    "CardOrphan",
    "CardPayment",
    "CardReconciliation",
    "CardRefund",
    "EscrowAccount",
    "EscrowDeal",
    "EscrowReconciliation",
    "EscrowSide",
    "EscrowStranger",
    "Invoice",
    "InvoiceSeries",
    "Payout",
    "PayoutState",
]
