"""Issues invoices and credit notes: one number after the other, each document once, in the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import translation

from datamap.catalogue import catalogue
from datamap.periods import RIGA
from payments.amounts import exact
from payments.invoices.accounting import enter
from payments.invoices.amounts import Parts, next_part, split
from payments.invoices.catalogue import rate_on, services, vat_number
from payments.invoices.terms import PREFIXES, Buyer, InvoiceRefused, Item, Kind
from payments.models import Invoice, InvoiceSeries
from payments.payables import Payable
from vault.tokens import email_token


@transaction.atomic
def issue(payable: Payable, buyer: Buyer, items: Sequence[Item], *, now: datetime) -> Invoice:
    """Issue the invoice for something that was paid; the same a second time gives the invoice of the first.

    Raises InvoiceRefused where nobody is named, or where the lines do not make the amount that was paid.
    """
    if not _printable(buyer.name) or not items:
        raise InvoiceRefused("An invoice names its buyer and what was bought.")
    if sum(item.amount for item in items) != exact(payable.amount):
        raise InvoiceRefused("The lines do not make the amount that was paid.")
    series = _series(Kind.INVOICE, now)
    if (found := invoice_for(payable.kind, payable.id)) is not None:
        return found
    percent = rate_on(now.astimezone(RIGA).date()).percent
    parts = [split(item.amount, percent) for item in items]
    invoice = Invoice(
        payable_kind=payable.kind,
        payable_id=payable.id,
        user_id=buyer.user_id,
        email_token=email_token(buyer.email),
        buyer_name=_printable(buyer.name),
        buyer_registration=_printable(buyer.registration_number),
        buyer_address=_printable(buyer.address),
        buyer_country=buyer.country,
        lines=[_line(item, part) for item, part in zip(items, parts, strict=True)],
        vat_percent=percent,
        **_seller(),
    )
    return _issued(invoice, series, _sum(parts), now=now)


@transaction.atomic
def credit(invoice: Invoice, amount: Decimal, *, reference: str, now: datetime) -> Invoice:
    """Issue the credit note for so much of an invoice that went back; the same `reference`, the refund, a second time
    gives the note of the first. Raises InvoiceRefused for more than the invoice still says, and NoAmount."""
    whole = Invoice.objects.select_for_update().get(pk=invoice.pk, kind=Kind.INVOICE)
    before = list(Invoice.objects.filter(kind=Kind.CREDIT_NOTE, corrects=whole.number))
    for note in before:
        if note.reference == reference:
            return note
    taken = _sum([note.parts for note in before])
    if taken.gross + exact(amount) > whole.gross:
        raise InvoiceRefused("More went back than the invoice says.")
    part = next_part(taken, amount, whole.vat_percent)
    copied = ("payable_kind", "payable_id", "user_id", "email_token", "vat_percent", *_BUYER, *_SELLER)
    note = Invoice(
        corrects=whole.number,
        corrects_issued_on=whole.issued_at.astimezone(RIGA).date(),
        reference=reference,
        lines=[_shortened(whole, part)],
        **{name: getattr(whole, name) for name in copied},
    )
    return _issued(note, _series(Kind.CREDIT_NOTE, now), part, now=now)


def invoice_for(kind: str, payable: UUID, *, lock: bool = False) -> Invoice | None:
    """The invoice for something that was paid, None where there is none (yet); with `lock`, nobody else takes anything
    off it before the transaction ends."""
    rows = Invoice.objects.select_for_update() if lock else Invoice.objects.all()
    return rows.filter(kind=Kind.INVOICE, payable_kind=kind, payable_id=payable).first()


def left_of(invoice: Invoice) -> Decimal:
    """How much of an invoice no credit note has taken back, in euro."""
    notes = Invoice.objects.filter(kind=Kind.CREDIT_NOTE, corrects=invoice.number)
    return invoice.gross - _sum([note.parts for note in notes]).gross


_BUYER = ("buyer_name", "buyer_registration", "buyer_address", "buyer_country")
_SELLER = ("seller_name", "seller_registration", "seller_vat", "seller_address")


def _series(kind: Kind, now: datetime) -> InvoiceSeries:
    """The series of the year, locked until the transaction ends: whoever comes next waits, and counts on from here."""
    year = now.astimezone(RIGA).year
    InvoiceSeries.objects.bulk_create([InvoiceSeries(kind=kind, year=year)], ignore_conflicts=True)
    return InvoiceSeries.objects.select_for_update().get(kind=kind, year=year)


def _issued(invoice: Invoice, series: InvoiceSeries, parts: Parts, *, now: datetime) -> Invoice:
    series.last += 1
    series.save(update_fields=["last"])
    invoice.kind, invoice.year, invoice.serial = series.kind, series.year, series.last
    invoice.number = f"{PREFIXES[Kind(series.kind)]}-{series.year}-{series.last:06}"
    invoice.net, invoice.vat, invoice.gross = *parts, parts.gross
    invoice.issued_at = now
    invoice.save(force_insert=True)
    enter(invoice, now=now)
    return invoice


def _printable(words: str) -> str:
    """Without signs that no page shows and XML forbids."""
    return "".join(letter for letter in words if letter.isprintable()).strip()


def _seller() -> dict[str, str]:
    controller = catalogue().controller
    found = (controller.name, controller.registration_number, vat_number(), controller.address)
    return dict(zip(_SELLER, found, strict=True))


def _sum(parts: Sequence[Parts]) -> Parts:
    return Parts(sum((part.net for part in parts), Decimal(0)), sum((part.vat for part in parts), Decimal(0)))


def _line(item: Item, parts: Parts) -> dict[str, Any]:
    """As it stays: the words in every language of the site, whatever the service is called later."""
    texts = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            texts[language] = str(services()[item.service.code].label)
    days = {"from": item.first_day.isoformat(), "until": item.last_day.isoformat()}
    return {"service": item.service.code, "text": texts, "quantity": "1", **days, **_spelt(parts)}


def _shortened(whole: Invoice, parts: Parts) -> dict[str, Any]:
    """The one line of a credit note: what the first line of the invoice was for, by so much."""
    return {**whole.lines[0], **_spelt(parts)}


def _spelt(parts: Parts) -> dict[str, str]:
    return {"net": str(parts.net), "vat": str(parts.vat), "gross": str(parts.gross)}
