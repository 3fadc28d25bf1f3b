"""Writes an invoice or a credit note as UBL 2.1 after EN 16931, and for registered buyers as Peppol BIS Billing 3.0.

Peppol carries documents between registered businesses: one for a private person has no address there, and says no more
than the European norm asks.
"""

import xml.etree.ElementTree as ET
from decimal import Decimal
from typing import Any, Final

from datamap.periods import RIGA
from payments.amounts import CURRENCY
from payments.models import Invoice

_UBL: Final = "urn:oasis:names:specification:ubl:schema:xsd:"
_CAC: Final = f"{_UBL}CommonAggregateComponents-2"
_CBC: Final = f"{_UBL}CommonBasicComponents-2"
_NORM: Final = "urn:cen.eu:en16931:2017"
_PEPPOL: Final = f"{_NORM}#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
_PROFILE: Final = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
_REGISTER: Final = "0218"
"""The Latvian unified registration numbers among the schemes of ISO 6523."""

for _prefix, _uri in (
    ("cac", _CAC),
    ("cbc", _CBC),
    ("invoice", f"{_UBL}Invoice-2"),
    ("credit", f"{_UBL}CreditNote-2"),
):
    ET.register_namespace(_prefix, _uri)


def write(invoice: Invoice) -> bytes:
    """The document as UTF-8; the order of its elements is that of the schema."""
    name = "CreditNote" if invoice.is_credit else "Invoice"
    root = ET.Element(f"{{{_UBL}{name}-2}}{name}")
    _head(root, invoice)
    _party(_part(root, "AccountingSupplierParty"), _seller(invoice))
    _party(_part(root, "AccountingCustomerParty"), _buyer(invoice))
    _means(root)
    _tax(root, invoice)
    _sums(root, invoice)
    for position, line in enumerate(invoice.lines, start=1):
        _line(root, invoice, position, line)
    ET.indent(root)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _head(root: ET.Element, invoice: Invoice) -> None:
    _value(root, "CustomizationID", _PEPPOL if invoice.buyer_registration else _NORM)
    _value(root, "ProfileID", _PROFILE)
    _value(root, "ID", invoice.number)
    _value(root, "IssueDate", invoice.issued_at.astimezone(RIGA).date().isoformat())
    if invoice.is_credit:
        _value(root, "CreditNoteTypeCode", "381")
    else:
        _value(root, "InvoiceTypeCode", "380")
    _value(root, "DocumentCurrencyCode", CURRENCY)
    _value(root, "BuyerReference", str(invoice.payable_id))
    if invoice.is_credit and invoice.corrects_issued_on is not None:
        before = _part(_part(root, "BillingReference"), "InvoiceDocumentReference")
        _value(before, "ID", invoice.corrects)
        _value(before, "IssueDate", invoice.corrects_issued_on.isoformat())


def _seller(invoice: Invoice) -> dict[str, str]:
    return {
        "name": invoice.seller_name,
        "registration": invoice.seller_registration,
        "vat": invoice.seller_vat,
        "address": invoice.seller_address,
        "country": "LV",
    }


def _buyer(invoice: Invoice) -> dict[str, str]:
    return {
        "name": invoice.buyer_name,
        "registration": invoice.buyer_registration,
        "vat": "",
        "address": invoice.buyer_address,
        "country": invoice.buyer_country,
    }


def _party(parent: ET.Element, who: dict[str, str]) -> None:
    party = _part(parent, "Party")
    if who["registration"]:
        _value(party, "EndpointID", who["registration"], schemeID=_REGISTER)
    address = _part(party, "PostalAddress")
    if who["address"]:
        _value(address, "StreetName", who["address"])
    _value(_part(address, "Country"), "IdentificationCode", who["country"])
    if who["vat"]:
        scheme = _part(party, "PartyTaxScheme")
        _value(scheme, "CompanyID", who["vat"])
        _value(_part(scheme, "TaxScheme"), "ID", "VAT")
    legal = _part(party, "PartyLegalEntity")
    _value(legal, "RegistrationName", who["name"])
    if who["registration"]:
        _value(legal, "CompanyID", who["registration"], schemeID=_REGISTER)


def _means(root: ET.Element) -> None:
    """A bank card: everything that Qlekta sells is paid so, before the invoice is issued."""
    _value(_part(root, "PaymentMeans"), "PaymentMeansCode", "48")


def _tax(root: ET.Element, invoice: Invoice) -> None:
    total = _part(root, "TaxTotal")
    _amount(total, "TaxAmount", invoice.vat)
    share = _part(total, "TaxSubtotal")
    _amount(share, "TaxableAmount", invoice.net)
    _amount(share, "TaxAmount", invoice.vat)
    _rate(_part(share, "TaxCategory"), invoice)


def _rate(category: ET.Element, invoice: Invoice) -> None:
    _value(category, "ID", "S")
    _value(category, "Percent", f"{invoice.vat_percent:.2f}")
    _value(_part(category, "TaxScheme"), "ID", "VAT")


def _sums(root: ET.Element, invoice: Invoice) -> None:
    sums = _part(root, "LegalMonetaryTotal")
    _amount(sums, "LineExtensionAmount", invoice.net)
    _amount(sums, "TaxExclusiveAmount", invoice.net)
    _amount(sums, "TaxInclusiveAmount", invoice.gross)
    _amount(sums, "PrepaidAmount", invoice.gross)
    _amount(sums, "PayableAmount", Decimal("0.00"))


def _line(root: ET.Element, invoice: Invoice, position: int, line: dict[str, Any]) -> None:
    kind = "CreditNote" if invoice.is_credit else "Invoice"
    row = _part(root, f"{kind}Line")
    _value(row, "ID", str(position))
    _value(row, "CreditedQuantity" if invoice.is_credit else "InvoicedQuantity", line["quantity"], unitCode="C62")
    _amount(row, "LineExtensionAmount", line["net"])
    days = _part(row, "InvoicePeriod")
    _value(days, "StartDate", line["from"])
    _value(days, "EndDate", line["until"])
    item = _part(row, "Item")
    _value(item, "Name", line["text"]["lv"])
    _value(_part(item, "SellersItemIdentification"), "ID", line["service"])
    _rate(_part(item, "ClassifiedTaxCategory"), invoice)
    _amount(_part(row, "Price"), "PriceAmount", line["net"])


def _part(parent: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(parent, f"{{{_CAC}}}{name}")


def _value(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, f"{{{_CBC}}}{name}", attributes).text = text


def _amount(parent: ET.Element, name: str, amount: object) -> None:
    _value(parent, name, str(amount), currencyID=CURRENCY)
