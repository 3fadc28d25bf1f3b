"""Enters documents into the accounting register: date, number, account, side, amount (Accounting Law s. 28(2))."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from django.db import router

from audit.appending import check_references
from audit.ledger import append
from payments.invoices.terms import Account, Side
from payments.models import AccountingEntry, Invoice


def enter(invoice: Invoice, *, now: datetime) -> None:
    """Enter an invoice, or a credit note the other way round, in the transaction that issues it; nothing of zero."""
    check_references(using=router.db_for_write(AccountingEntry))
    for account, side, amount in _entries(invoice):
        if amount:
            cents = int(amount.scaleb(2))
            append(AccountingEntry(at=now, document=invoice.number, account=account, side=side, cents=cents))


def _entries(invoice: Invoice) -> Iterator[tuple[Account, Side, Decimal]]:
    ours, theirs = (Side.CREDIT, Side.DEBIT) if not invoice.is_credit else (Side.DEBIT, Side.CREDIT)
    yield Account.RECEIVABLES, theirs, invoice.gross
    yield Account.REVENUE, ours, invoice.net
    yield Account.VAT, ours, invoice.vat
