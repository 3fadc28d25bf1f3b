"""Invoices outlive the account by law: named in plan and receipt, seen by the accountant alone, gone on the day."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from audit.models import Entry
from audit.trail import Actor
from datamap.catalogue import period
from datamap.periods import RIGA
from datamap.registry import registry
from datamap.trace import Subject, rows_about, subject_of_user
from dsar.access_copy import write_copy
from payments.invoices.services import credit
from payments.models import AccountingEntry, Invoice
from qlekta.catalogue.roles import ROLES
from qlekta.roles import give, permissions_of, set_up
from retention.erasure import execute_erasure, plan_erasure
from retention.models import ErasureReceipt
from retention.sweeps import sweep
from tests.payments.selling import PRICE, sell
from tests.people import log_in
from vault.models import DataKey

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]

LIST = reverse("admin:payments_invoice_changelist")


def erased(person: User) -> tuple[Subject, ErasureReceipt]:
    subject, now = subject_of_user(person), timezone.now()
    plan = plan_erasure(subject, now=now, archive=False)
    receipt = execute_erasure(
        case_number="QP-2026-INVOICE",
        subject=subject,
        plan_digest=plan.digest,
        objection_to_archive=True,
        actor=Actor.system("test"),
        now=now,
    )
    return subject, receipt


def page_of(invoice: Invoice) -> str:
    return reverse("admin:payments_invoice_change", args=[invoice.pk])


@pytest.fixture
def accountant(client: Client, officer: User) -> Client:
    set_up(now=timezone.now())
    officer.is_staff = False
    give("accountant", officer, now=timezone.now())
    log_in(client, officer)
    return client


@pytest.mark.clause("Q17.3", "Q10.3", "Q17.1")
@pytest.mark.requirement("E11")
def test_an_erasure_leaves_the_invoice_with_its_reason_act_and_end(person: User) -> None:
    invoice = sell(person, address="Brīvības iela 1", now=timezone.now())
    subject, receipt = erased(person)
    kept = Invoice.objects.get()
    assert (kept.buyer_name, kept.buyer_address, kept.gross) == ("Anna Bērziņa", "Brīvības iela 1", PRICE)
    (line,) = [line for line in receipt.document["lines"] if line["table"] == "payments.Invoice"]
    assert (line["action"], line["count"], line["act"]) == ("keep", 1, "Accounting Law s. 28")
    assert line["reason"]
    end = period("INVOICE").ends_at(invoice.issued_at)
    assert end is not None
    assert line["until"] == end.astimezone(RIGA).date().isoformat()
    assert [row.pk for row in rows_about(registry().holding(Invoice), subject)] == [invoice.pk]


@pytest.mark.clause("Q4.3")
def test_a_former_user_finds_her_invoices_by_the_address_of_then_and_nobody_else_does(
    person: User, other_person: User
) -> None:
    invoice = sell(person, now=timezone.now())
    of_address = Subject(emails=frozenset({person.email}))
    holdings = [registry().holding(model) for model in (Invoice, AccountingEntry)]
    assert [rows_about(holding, of_address).count() for holding in holdings] == [0, 0]  # hers alone, while she is here
    erased(person)
    assert list(rows_about(holdings[0], of_address)) == [invoice]
    assert rows_about(holdings[1], of_address).count() == 3
    assert [rows_about(holding, subject_of_user(other_person)).count() for holding in holdings] == [0, 0]


@pytest.mark.clause("Q17.3")
@pytest.mark.requirement("E11")
def test_nobody_but_the_accountant_reads_invoices(client: Client, person: User, officer: User) -> None:
    invoice = sell(person, now=timezone.now())
    erased(person)
    assert [role.name for role in ROLES if "payments.read_invoice" in permissions_of(role)] == ["accountant"]
    set_up(now=timezone.now())
    for role in [role.name for role in ROLES if role.name != "accountant"]:
        give(role, officer, now=timezone.now())
    log_in(client, officer)
    for address in (LIST, page_of(invoice), reverse("admin:payments_invoice_reveal", args=[invoice.pk])):
        assert client.post(address, {"reason": "to_answer"}).status_code == 403
        assert client.get(address).status_code in {403, 405}


@pytest.mark.requirement("E11", "G6")
def test_the_accountant_sees_names_for_a_reason_and_each_look_is_on_record(accountant: Client, person: User) -> None:
    invoice = sell(person, now=timezone.now())
    for body in (accountant.get(LIST), accountant.get(page_of(invoice))):
        assert invoice.number in body.content.decode()
        assert "Bērziņa" not in body.content.decode()
    address = reverse("admin:payments_invoice_reveal", args=[invoice.pk])
    assert "Bērziņa" in accountant.post(address, {"reason": "to_answer"}).content.decode()
    looks = Entry.objects.filter(object_type="payments.Invoice", object_id=str(invoice.pk))
    assert list(looks.order_by("id").values_list("action", "subject")) == [
        ("viewed", person.pk),
        ("revealed", person.pk),
    ]


def test_the_accountant_changes_nothing_and_sees_nothing_else(accountant: Client, person: User) -> None:
    invoice = sell(person, now=timezone.now())
    for name in ("change", "delete"):
        answer = accountant.post(reverse(f"admin:payments_invoice_{name}", args=[invoice.pk]), {"gross": "1"})
        assert answer.status_code == 403
    assert accountant.get(reverse("admin:payments_accountingentry_changelist")).status_code == 200
    assert accountant.get(reverse("admin:accounts_user_changelist")).status_code == 403
    assert not Permission.objects.filter(codename__in=("change_invoice", "delete_invoice", "add_invoice")).exists()


@pytest.mark.clause("Q16.2")
def test_her_copy_holds_the_invoice_in_words(person: User) -> None:
    invoice = sell(person, now=timezone.now())
    note = credit(invoice, PRICE, reference="r1", now=timezone.now())
    sink = BytesIO()
    with translation.override("en"):
        write_copy(sink, subject_of_user(person), case=None, package=None, now=timezone.now())
    with ZipFile(sink) as package:
        page = package.read("index.html").decode()
    for word in (invoice.number, note.number, "Anna Bērziņa", "Paid placement of a listing, 7 days", "Your invoices"):
        assert word in page


@pytest.mark.clause("Q17.3", "Q5.11")
def test_invoice_and_key_go_after_five_full_years_and_the_register_stays(person: User) -> None:
    issued = datetime(2015, 12, 31, 22, 30, tzinfo=UTC)  # already 2016 in Riga
    invoice = sell(person, now=issued)
    holdings = {model: registry().holding(model) for model in (Invoice, AccountingEntry)}
    end = datetime(2021, 12, 31, 22, tzinfo=UTC)
    for moment, left in ((end - timedelta(seconds=1), 1), (end, 0)):
        sweep(holdings[Invoice], now=moment, apply=True)
        assert Invoice.objects.count() == left
    assert DataKey.objects.get(owner=invoice.pk).wrapped is None
    sweep(holdings[AccountingEntry], now=datetime(2026, 12, 31, 21, 59, tzinfo=UTC), apply=True)
    assert AccountingEntry.objects.count() == 3
    assert rows_about(holdings[AccountingEntry], subject_of_user(person)).count() == 0
