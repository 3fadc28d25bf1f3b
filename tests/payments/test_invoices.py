"""Invoices: numbers without a gap, exact amounts, frozen once issued, entered into a register that balances."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, connections, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from audit.ledger import append, verify
from payments.amounts import NoAmount
from payments.invoices.amounts import Parts, next_part, split
from payments.invoices.catalogue import rate_on, services
from payments.invoices.services import credit, invoice_for, issue, left_of
from payments.invoices.terms import Account, InvoiceRefused, Kind, Side
from payments.models import AccountingEntry, Invoice, InvoiceSeries
from payments.payables import Payable
from tests.database import as_owner
from tests.payments.selling import NOW, PRICE, buyer, item, sell

pytestmark = pytest.mark.django_db
RATE = Decimal(21)
amounts = st.integers(1, 999_999_999).map(lambda cents: Decimal(cents).scaleb(-2))


def serials(kind: Kind = Kind.INVOICE, year: int = 2026) -> list[int]:
    return list(Invoice.objects.filter(kind=kind, year=year).order_by("serial").values_list("serial", flat=True))


@given(gross=amounts)
def test_the_parts_make_the_whole_and_the_tax_is_right_to_the_cent(gross: Decimal) -> None:
    net, vat = split(gross, RATE)
    assert net + vat == gross
    assert abs(vat - net * RATE / 100) <= Decimal("0.01")


@given(parts=st.lists(amounts.filter(lambda amount: amount < 1000), min_size=1, max_size=30))
def test_what_goes_back_in_parts_leaves_no_cent_over(parts: list[Decimal]) -> None:
    taken = Parts(Decimal(0), Decimal(0))
    for amount in parts:
        part = next_part(taken, amount, RATE)
        assert part.gross == amount
        assert min(part) >= 0
        taken = Parts(taken.net + part.net, taken.vat + part.vat)
    assert taken == split(sum(parts, Decimal(0)), RATE)


def test_the_tax_in_every_price_of_the_catalogue_is_exact() -> None:
    for service in services().values():
        net, vat = split(service.price, RATE)
        assert (net * RATE / 100).quantize(Decimal("0.01")) == vat


def test_the_rate_is_that_of_the_day() -> None:
    assert rate_on(NOW.date()).percent == RATE
    with pytest.raises(InvoiceRefused):
        rate_on(datetime(2001, 1, 1, tzinfo=UTC).date())


def test_an_invoice_says_who_sold_what_to_whom(person: User) -> None:
    invoice = sell(person, registration_number="40003000000", address="Brīvības iela 1, Rīga")
    again = Invoice.objects.get()
    assert (again.number, again.buyer_name, again.buyer_address) == (
        "QL-2026-000001",
        "Anna Bērziņa",
        "Brīvības iela 1, Rīga",
    )
    assert (again.seller_registration, again.seller_vat) == ("40203224217", "LV40203224217")
    assert (again.net, again.vat, again.gross) == (Decimal("2.47"), Decimal("0.52"), PRICE)
    assert again.lines[0]["text"]["en"] == "Paid placement of a listing, 7 days"
    assert set(again.lines[0]["text"]) == {"lv", "en", "ru"}
    with connection.cursor() as cursor:  # whom it names is sealed
        cursor.execute("SELECT i::text FROM payments_invoice i")
        assert "Bērziņa" not in cursor.fetchone()[0]
    assert str(invoice) == invoice.number


def test_numbers_run_for_each_year_of_riga_and_each_kind(person: User) -> None:
    last_of_year = datetime(2026, 12, 31, 21, 59, tzinfo=UTC)
    first = sell(person)
    assert sell(person, now=last_of_year).number == "QL-2026-000002"
    assert sell(person, now=last_of_year + timedelta(minutes=1)).number == "QL-2027-000001"
    assert credit(first, PRICE, reference="r1", now=NOW).number == "QLK-2026-000001"


def test_the_same_payment_twice_is_one_invoice(person: User) -> None:
    payable = Payable("placement", uuid4(), PRICE)
    first, again = (issue(payable, buyer(person), [item()], now=NOW) for _ in range(2))
    assert first.pk == again.pk
    assert serials() == [1]
    assert invoice_for("placement", payable.id) == first
    assert invoice_for("order", payable.id) is None


@pytest.mark.parametrize("paid", [Decimal("2.98"), Decimal("-2.99"), Decimal("2.991"), 2.99])
def test_lines_that_are_not_what_was_paid_make_no_invoice(person: User, paid: Any) -> None:
    with pytest.raises((InvoiceRefused, NoAmount)):
        issue(Payable("placement", uuid4(), paid), buyer(person), [item()], now=NOW)
    assert serials() == []


def test_nobody_is_no_buyer(person: User) -> None:
    person.given_name = person.family_name = " "
    with pytest.raises(InvoiceRefused):
        sell(person)


def test_credit_notes_name_the_invoice_and_never_take_more_than_it_says(person: User) -> None:
    invoice = sell(person)
    note = credit(invoice, Decimal("1.00"), reference="r1", now=NOW)
    assert credit(invoice, Decimal("1.00"), reference="r1", now=NOW).pk == note.pk
    assert (note.corrects, note.buyer_name, note.corrects_issued_on) == (
        invoice.number,
        "Anna Bērziņa",
        NOW.date(),
    )
    assert left_of(invoice) == Decimal("1.99")
    with pytest.raises(InvoiceRefused):
        credit(invoice, Decimal("2.00"), reference="r2", now=NOW)
    rest = credit(invoice, Decimal("1.99"), reference="r3", now=NOW)
    assert (note.net + rest.net, note.vat + rest.vat) == (invoice.net, invoice.vat)
    assert left_of(invoice) == 0
    assert serials(Kind.CREDIT_NOTE) == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_many_at_once_leave_no_gap_though_every_third_is_rolled_back(person: User) -> None:
    ready = Barrier(6)

    def sell_some(worker: int) -> None:
        ready.wait()
        for turn in range(5):
            with transaction.atomic():
                sell(person)
                transaction.set_rollback((worker + turn) % 3 == 0)
        connections.close_all()

    threads = [Thread(target=sell_some, args=[worker]) for worker in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert serials() == list(range(1, 21))
    assert InvoiceSeries.objects.get().last == 20
    assert verify(AccountingEntry).is_whole


@pytest.mark.django_db(transaction=True)
def test_a_second_connection_waits_and_takes_the_number_that_a_rollback_gave_back(person: User) -> None:
    sell(person)
    numbers: list[str] = []

    def second() -> None:
        numbers.append(sell(person).number)
        connections.close_all()

    other = Thread(target=second)
    with transaction.atomic():
        assert sell(person).number == "QL-2026-000002"
        other.start()
        _wait_for_a_waiting_lock()
        assert numbers == []
        transaction.set_rollback(True)
    other.join()
    assert numbers == ["QL-2026-000002"]
    assert serials() == [1, 2]


def _wait_for_a_waiting_lock() -> None:
    with connection.cursor() as cursor:
        for _ in range(100_000):
            cursor.execute("SELECT pg_sleep(0.01), count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[1]:
                return
    raise AssertionError("Nobody waits.")


def _skip(_invoice: Invoice) -> None:
    InvoiceSeries.objects.update(last=5)


def _number_for_nobody(_invoice: Invoice) -> None:
    InvoiceSeries.objects.update(last=2)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _same_number(invoice: Invoice) -> None:
    Invoice.objects.bulk_create([_twin(invoice, number="QL-2026-000001x")])


def _next_number_without_the_series(invoice: Invoice) -> None:
    Invoice.objects.bulk_create([_twin(invoice, serial=2, number="QL-2026-000002")])


def _twin(invoice: Invoice, **other: Any) -> Invoice:
    again = Invoice.objects.get(pk=invoice.pk)
    values = {field.attname: getattr(again, field.attname) for field in Invoice._meta.concrete_fields}
    return Invoice(**{**values, "id": uuid4(), "payable_id": uuid4(), **other})


def _unbalanced(invoice: Invoice) -> None:
    more = AccountingEntry(at=NOW, document=invoice.number, account=Account.VAT, side=Side.CREDIT, cents=1)
    append(more)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


FORBIDDEN: list[Callable[[Invoice], object]] = [
    lambda _: Invoice.objects.update(gross=Decimal("0.01")),
    lambda _: Invoice.objects.update(user_id=uuid4()),
    lambda _: Invoice.objects.all()._raw_delete("default"),
    lambda _: InvoiceSeries.objects.all()._raw_delete("default"),
    lambda _: InvoiceSeries.objects.update(year=2025),
    lambda _: InvoiceSeries.objects.create(kind=Kind.INVOICE, year=2030, last=7),
    lambda _: AccountingEntry._base_manager.update(cents=1),
    lambda _: AccountingEntry._base_manager.all()._raw_delete("default"),
    _skip,
    _number_for_nobody,
    _same_number,
    _next_number_without_the_series,
    _unbalanced,
]


@pytest.mark.parametrize("change", FORBIDDEN)
def test_the_database_itself_refuses_to_change_what_was_issued(person: User, change: Callable[[Any], object]) -> None:
    invoice = sell(person)
    with pytest.raises(DatabaseError), transaction.atomic():
        change(invoice)
    assert serials() == [1]
    assert Invoice.objects.get().gross == PRICE


def test_not_even_the_owner_of_the_tables_changes_or_deletes_one(person: User) -> None:
    sell(person)
    with ExitStack() as stack:
        stack.enter_context(pytest.raises(DatabaseError))
        stack.enter_context(transaction.atomic())
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            cursor.execute("DELETE FROM payments_invoice")
    with as_owner():
        assert Invoice.objects.count() == 1


@pytest.mark.clause("Q17.3")
def test_the_register_balances_and_names_nobody(person: User) -> None:
    invoice = sell(person)
    note = credit(invoice, PRICE, reference="r1", now=NOW)
    entries = [(entry.document, entry.account, entry.side, entry.amount) for entry in AccountingEntry.objects.all()]
    assert entries == [
        (invoice.number, Account.RECEIVABLES, Side.DEBIT, PRICE),
        (invoice.number, Account.REVENUE, Side.CREDIT, Decimal("2.47")),
        (invoice.number, Account.VAT, Side.CREDIT, Decimal("0.52")),
        (note.number, Account.RECEIVABLES, Side.CREDIT, PRICE),
        (note.number, Account.REVENUE, Side.DEBIT, Decimal("2.47")),
        (note.number, Account.VAT, Side.DEBIT, Decimal("0.52")),
    ]
    assert verify(AccountingEntry).is_whole
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(e::text, '') FROM payments_accountingentry e")
        text = cursor.fetchone()[0]
    assert invoice.number in text
    assert [word for word in ("Anna", "Bērziņa", person.email, str(person.pk)) if word in text] == []
