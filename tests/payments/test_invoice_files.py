"""An invoice as a file: the same bytes each time, every letter there, the XML what the European norm asks for."""

import xml.etree.ElementTree as ET
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from reportlab.pdfbase import pdfmetrics

from accounts.models import User
from audit.models import Entry
from payments.invoices.pdf import draw
from payments.invoices.services import credit
from payments.invoices.ubl import write
from payments.models import Invoice
from qlekta.roles import give, set_up
from tests.payments.selling import NOW, PRICE, sell
from tests.people import log_in

pytestmark = pytest.mark.django_db

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
NAMES = {"cac": f"{UBL}CommonAggregateComponents-2", "cbc": f"{UBL}CommonBasicComponents-2"}
NAME = "Ķērsta Šķūtāne-Žagariņa <b>&amp; Ёлкина"


def read(invoice: Invoice) -> ET.Element:
    return ET.fromstring(write(invoice))


def tags(element: ET.Element) -> list[str]:
    return [child.tag.partition("}")[2] for child in element]


def texts(root: ET.Element, *paths: str) -> list[str | None]:
    return [root.findtext(path, namespaces=NAMES) for path in paths]


@pytest.mark.parametrize("language", ["lv", "en", "ru"])
def test_the_same_facts_give_the_same_bytes_in_each_language(person: User, language: str) -> None:
    invoice = sell(person, name=NAME)
    first = draw(invoice, language=language)
    assert first.startswith(b"%PDF-")
    assert draw(Invoice.objects.get(), language=language) == first
    assert len(first) < 60_000


def test_the_font_has_every_letter_of_the_three_languages(person: User) -> None:
    draw(sell(person), language="lv")
    letters = "AaĀāČčĒēĢģĪīĶķĻļŅņŠšŪūŽžЁёЖжЩщЫыЭэЯя€–−№"
    for font in ("DejaVuSans", "DejaVuSans-Bold"):
        font_of: Any = pdfmetrics.getFont(font)
        known = font_of.face.charToGlyph
        assert [letter for letter in letters if ord(letter) not in known] == []


HEAD = ["CustomizationID", "ProfileID", "ID", "IssueDate"]
PARTS = ["AccountingSupplierParty", "AccountingCustomerParty", "PaymentMeans", "TaxTotal", "LegalMonetaryTotal"]


def test_the_elements_stand_in_the_order_of_the_schema(person: User) -> None:
    invoice = sell(person, registration_number="40003000000")
    root = read(invoice)
    assert root.tag == f"{{{UBL}Invoice-2}}Invoice"
    assert tags(root) == [*HEAD, "InvoiceTypeCode", "DocumentCurrencyCode", "BuyerReference", *PARTS, "InvoiceLine"]
    line = root.find("cac:InvoiceLine", NAMES)
    assert line is not None
    assert tags(line) == ["ID", "InvoicedQuantity", "LineExtensionAmount", "InvoicePeriod", "Item", "Price"]
    party = root.find("cac:AccountingSupplierParty/cac:Party", NAMES)
    assert party is not None
    assert tags(party) == ["EndpointID", "PostalAddress", "PartyTaxScheme", "PartyLegalEntity"]


def test_what_the_norm_asks_for_is_there_and_adds_up(person: User) -> None:
    invoice = sell(person, registration_number="40003000000", address="Rīga", name=NAME)
    supplier, customer = (f"cac:Accounting{who}Party/cac:Party" for who in ("Supplier", "Customer"))
    root = read(invoice)
    assert texts(root, "cbc:ID", "cbc:IssueDate", "cbc:InvoiceTypeCode", "cbc:DocumentCurrencyCode") == [
        "QL-2026-000001",
        "2026-11-23",
        "380",
        "EUR",
    ]
    assert texts(root, f"{supplier}/cac:PartyTaxScheme/cbc:CompanyID", f"{supplier}/cbc:EndpointID") == [
        "LV40203224217",
        "40203224217",
    ]
    legal = f"{customer}/cac:PartyLegalEntity"
    assert texts(root, f"{legal}/cbc:RegistrationName", f"{legal}/cbc:CompanyID") == [NAME, "40003000000"]
    assert texts(root, f"{customer}/cac:PostalAddress/cac:Country/cbc:IdentificationCode") == ["LV"]
    sums = [f"cac:LegalMonetaryTotal/cbc:{name}Amount" for name in ("TaxExclusive", "TaxInclusive", "Payable")]
    assert texts(root, *sums, "cac:TaxTotal/cbc:TaxAmount") == ["2.47", "2.99", "0.00", "0.52"]
    share = "cac:TaxTotal/cac:TaxSubtotal"
    category = f"{share}/cac:TaxCategory"
    assert texts(root, f"{share}/cbc:TaxableAmount", f"{category}/cbc:ID", f"{category}/cbc:Percent") == [
        "2.47",
        "S",
        "21.00",
    ]
    assert {amount.get("currencyID") for amount in root.iter() if amount.tag.endswith("Amount")} == {"EUR"}
    assert "peppol" in str(texts(root, "cbc:CustomizationID"))


def test_a_credit_note_is_one_and_names_its_invoice(person: User) -> None:
    note = credit(sell(person), Decimal("1.00"), reference="r1", now=NOW)
    root = read(note)
    assert root.tag == f"{{{UBL}CreditNote-2}}CreditNote"
    middle = ["CreditNoteTypeCode", "DocumentCurrencyCode", "BuyerReference", "BillingReference"]
    assert tags(root) == [*HEAD, *middle, *PARTS, "CreditNoteLine"]
    before = "cac:BillingReference/cac:InvoiceDocumentReference"
    assert texts(root, "cbc:CreditNoteTypeCode", f"{before}/cbc:ID", f"{before}/cbc:IssueDate") == [
        "381",
        "QL-2026-000001",
        "2026-11-23",
    ]
    assert texts(root, "cac:CreditNoteLine/cbc:LineExtensionAmount", "cac:TaxTotal/cbc:TaxAmount") == ["0.83", "0.17"]


def test_a_private_person_has_no_address_in_peppol_and_odd_signs_do_no_harm(person: User) -> None:
    root = read(sell(person, name="Anna\x00\x0b\u202e Bērziņa"))
    customer = "cac:AccountingCustomerParty/cac:Party"
    assert texts(root, f"{customer}/cbc:EndpointID", "cbc:CustomizationID") == [None, "urn:cen.eu:en16931:2017"]
    assert texts(root, f"{customer}/cac:PartyLegalEntity/cbc:RegistrationName") == ["Anna Bērziņa"]


@pytest.mark.clause("Q17.3")
def test_a_person_sees_and_downloads_hers_alone(client: Client, person: User, other_person: User) -> None:
    hers, his = sell(person), sell(other_person)
    note = credit(hers, PRICE, reference="r1", now=NOW)
    page = reverse("payments:invoices")
    assert client.get(page).status_code == 302
    log_in(client, person)
    body = client.get(page).content.decode()
    assert [number in body for number in (hers.number, note.number, his.number)] == [True, True, False]
    for form, kind in (("pdf", "application/pdf"), ("xml", "application/xml")):
        answer = client.get(reverse("payments:invoice-file", args=[hers.pk, form]))
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, kind)
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{hers.number}.{form}"'
        assert client.get(reverse("payments:invoice-file", args=[his.pk, form])).status_code == 404
    for number, form in ((hers.pk, "html"), (uuid4(), "pdf")):
        assert client.get(reverse("payments:invoice-file", args=[number, form])).status_code == 404


@pytest.mark.requirement("E11", "G6")
def test_the_accountant_downloads_for_a_reason_on_record(client: Client, person: User, officer: User) -> None:
    invoice = sell(person)
    address = reverse("admin:payments_invoice_download", args=[invoice.pk])
    log_in(client, officer)
    assert client.post(address, {"reason": "to_answer"}).status_code == 403
    set_up(now=NOW)
    give("accountant", officer, now=NOW)
    assert client.get(address).status_code == 405
    assert client.post(address, {"reason": "", "form": "xml"}).status_code == 400
    looks = Entry.objects.filter(object_id=str(invoice.pk), action="downloaded")
    assert not looks.exists()
    answer = client.post(address, {"reason": "to_answer", "form": "xml"})
    assert answer.content == write(invoice)
    assert [look.subject for look in looks] == [person.pk]
