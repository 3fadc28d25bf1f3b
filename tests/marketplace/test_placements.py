"""Paid placement: chosen, paid, invoiced once in the same transaction, seen as paid, ended by refund or erasure."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from audit.trail import Actor
from datamap.trace import subject_of_user
from mailing.sealing import open_letter
from marketplace.models import Listing, Placement
from marketplace.placements import SHOWN, PlacementMoney, PlacementRefused, choose, offers, placed
from marketplace.searching import Wish
from marketplace.services import close
from marketplace.terms import NOT_BACK, Category
from payments.invoices.services import left_of
from payments.invoices.terms import Kind
from payments.models import CardPayment, Invoice
from payments.payables import teller_of
from retention.erasure import execute_erasure, plan_erasure
from tests.letters import last_message
from tests.marketplace.conftest import Offer, draft

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]

MONEY = PlacementMoney()
WEEK, MONTH = offers()
BICYCLES = Wish(category=Category.BICYCLES)
LISTS = reverse("marketplace:listings")
FORM = {"service": "PLACEMENT_WEEK", "at_once": "on"}


@pytest.fixture
def listing(person: User, offered: Offer) -> Listing:
    return offered(person)


@pytest.fixture
def cards(settings: Settings) -> None:
    """Braintree is set up."""
    settings.BRAINTREE = settings.BRAINTREE | {"MERCHANT_ID": "m", "PUBLIC_KEY": "p", "PRIVATE_KEY": "q"}


def chosen(listing: Listing, **on_invoice: str) -> Placement:
    assert listing.seller is not None
    return choose(listing, listing.seller, WEEK, now=timezone.now(), on_invoice=on_invoice)


def paid(listing: Listing, *, now: datetime | None = None, **on_invoice: str) -> Placement:
    placement = chosen(listing, **on_invoice)
    MONEY.paid(placement.pk, now=now or timezone.now())
    placement.refresh_from_db()
    return placement


def shown(wish: Wish = BICYCLES, *, now: datetime | None = None) -> list[Listing]:
    return list(placed(wish, now=now or timezone.now()))


def test_payments_know_who_hears_of_placements() -> None:
    assert isinstance(teller_of("placement"), PlacementMoney)


def test_paid_once_it_runs_and_has_one_invoice_however_often_the_news_come(listing: Listing, person: User) -> None:
    placement, now = paid(listing), timezone.now()
    until = placement.ends_at
    MONEY.paid(placement.pk, now=now + timedelta(hours=1))
    placement.refresh_from_db()
    assert placement.ends_at == until
    assert placement.runs(now=now)
    assert not placement.runs(now=until)
    invoice = Invoice.objects.get()
    assert (invoice.payable_id, invoice.gross, invoice.buyer_name) == (placement.pk, WEEK.price, person.get_full_name())
    assert shown() == [listing]
    assert shown(now=until) == []


def test_the_invoice_names_the_company_that_she_says(listing: Listing) -> None:
    paid(listing, invoice_name="SIA Zīle", invoice_registration="40003000000", invoice_address="Cēsis")
    invoice = Invoice.objects.get()
    assert (invoice.buyer_name, invoice.buyer_registration, invoice.buyer_address) == (
        "SIA Zīle",
        "40003000000",
        "Cēsis",
    )


def test_a_payment_that_is_rolled_back_leaves_neither_placement_nor_invoice(listing: Listing) -> None:
    placement = chosen(listing)
    with transaction.atomic():
        MONEY.paid(placement.pk, now=timezone.now())
        transaction.set_rollback(True)
    assert not Invoice.objects.exists()
    placement.refresh_from_db()
    assert placement.paid_at is None
    assert paid(listing).pk == placement.pk
    assert Invoice.objects.get().serial == 1


@pytest.mark.parametrize("news", ["paid_back", "not_paid"])
def test_money_that_went_back_ends_it_and_makes_one_credit_note(listing: Listing, news: str) -> None:
    placement = paid(listing)
    for _ in range(2):
        more: dict[str, Any] = {"amount": WEEK.price} if news == "paid_back" else {}
        getattr(MONEY, news)(placement.pk, now=timezone.now(), **more)
    note = Invoice.objects.get(kind=Kind.CREDIT_NOTE)
    invoice = Invoice.objects.get(kind=Kind.INVOICE)
    assert (note.corrects, note.gross, left_of(invoice)) == (invoice.number, WEEK.price, Decimal(0))
    assert shown() == []


def test_part_of_the_money_makes_a_credit_note_of_a_part_and_never_more_than_was_paid(listing: Listing) -> None:
    placement = paid(listing)
    for amount in ("1.00", "5.00"):
        MONEY.paid_back(placement.pk, amount=Decimal(amount), now=timezone.now())
    notes = Invoice.objects.filter(kind=Kind.CREDIT_NOTE).order_by("serial")
    assert list(notes.values_list("gross", flat=True)) == [Decimal("1.00"), Decimal("1.99")]


def test_what_did_not_arrive_and_is_sent_once_more_is_taken_off_the_invoice_once(
    client: Client, listing: Listing, person: User
) -> None:
    placement = paid(listing)
    MONEY.paid_back(placement.pk, amount=Decimal("1.00"), now=timezone.now())
    MONEY.not_paid_back(placement.pk, now=timezone.now())
    MONEY.paid_back(placement.pk, amount=Decimal(0), now=timezone.now())
    assert Invoice.objects.get(kind=Kind.CREDIT_NOTE).gross == Decimal("1.00")
    assert str(NOT_BACK) in open_letter(last_message(to_address=person.email)).text
    placement.delete()
    MONEY.not_paid_back(placement.pk, now=timezone.now())


def test_a_failed_try_changes_nothing_and_news_of_nothing_do_no_harm(listing: Listing) -> None:
    placement = chosen(listing)
    MONEY.not_paid(placement.pk, now=timezone.now())
    MONEY.paid_back(placement.pk, amount=WEEK.price, now=timezone.now())
    placement.delete()
    MONEY.paid(placement.pk, now=timezone.now())
    assert not Invoice.objects.exists()


def test_choosing_anew_changes_the_choice_and_nothing_runs_twice(listing: Listing, person: User) -> None:
    first = chosen(listing)
    again = choose(listing, person, MONTH, now=timezone.now(), on_invoice={})
    assert (again.pk, again.amount) == (first.pk, MONTH.price)
    MONEY.paid(again.pk, now=timezone.now())
    with pytest.raises(PlacementRefused):
        chosen(listing)


def test_only_ones_own_open_listing_can_be_placed(listing: Listing, person: User, other_person: User) -> None:
    close(listing, language="lv", now=timezone.now())
    for what, who in ((listing, other_person), (listing, person), (draft(person), person)):
        with pytest.raises(PlacementRefused):
            choose(what, who, WEEK, now=timezone.now(), on_invoice={})


@pytest.mark.clause("Q17.3")
def test_an_erasure_ends_the_placement_and_leaves_the_invoice_which_a_refund_still_corrects(
    listing: Listing, person: User
) -> None:
    placement, now = paid(listing, invoice_name="SIA Zīle"), timezone.now()
    subject = subject_of_user(person)
    plan = plan_erasure(subject, now=now, archive=False)
    how: dict[str, Any] = {"plan_digest": plan.digest, "objection_to_archive": True, "actor": Actor.system("test")}
    execute_erasure(case_number="QP-2026-PLACED", subject=subject, now=now, **how)
    assert not Placement.objects.exists()
    assert shown() == []
    assert Invoice.objects.get().buyer_name == "SIA Zīle"
    MONEY.paid_back(placement.pk, amount=WEEK.price, now=now)
    assert Invoice.objects.get(kind=Kind.CREDIT_NOTE).buyer_name == "SIA Zīle"


def test_it_stands_first_in_its_category_alone_and_says_that_it_is_paid_for(
    client: Client, listing: Listing, other_person: User, offered: Offer
) -> None:
    newer = offered(other_person, title="Jaunāks velosipēds")
    paid(listing)
    page = client.get(f"{LISTS}?category=bicycles", headers={"accept-language": "lv"}).content.decode()
    assert page.index("Apmaksāts izvietojums") < page.index(listing.title) < page.index(newer.title)
    assert page.count("Apmaksāts izvietojums") == 2  # over the section, and on the card itself
    for query in ("", "?category=books", "?category=bicycles&q=nekas", "?category=bicycles&page=2"):
        page = client.get(LISTS + query, headers={"accept-language": "lv"}).content.decode()
        assert "Apmaksāts izvietojums" not in page, query


def test_the_list_below_is_the_same_for_money_and_without(client: Client, listing: Listing, offered: Offer) -> None:
    offered(listing.seller, title="Jaunāks velosipēds")
    before = client.get(f"{LISTS}?category=bicycles").context["found"].rows
    paid(listing)
    assert client.get(f"{LISTS}?category=bicycles").context["found"].rows == before


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_with_paid_listings_takes_as_many_queries_however_many(
    client: Client, person: User, offered: Offer, count: int
) -> None:
    for number in range(count):
        paid(offered(person, title=f"Galds {number}"))
    address = f"{LISTS}?category=bicycles"
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    assert len(asked) == QUERIES, [query["sql"] for query in asked]


QUERIES = 5


def test_more_than_there_is_room_for_take_turns(person: User, offered: Offer) -> None:
    for number in range(SHOWN + 2):
        paid(offered(person, title=f"Galds {number}"))
    now = timezone.now()
    turns = [{one.pk for one in shown(now=now + timedelta(hours=hour))} for hour in range(40)]
    assert {len(turn) for turn in turns} == {SHOWN}
    assert len(set.union(*turns)) == SHOWN + 2


@pytest.mark.usefixtures("cards")
def test_the_pages_lead_from_the_listing_to_the_card_and_to_the_invoice(
    client: Client, person: User, listing: Listing
) -> None:
    client.force_login(person)
    place = reverse("marketplace:place", args=[listing.pk])
    assert place in client.get(reverse("marketplace:mine")).content.decode()
    page = client.get(place).content.decode()
    assert "2,99" in page
    answer = client.post(place, FORM)
    placement = Placement.objects.get()
    own = reverse("marketplace:placement", args=[placement.pk])
    assert answer.headers["Location"] == own
    pay = reverse("marketplace:pay-placement", args=[placement.pk])
    assert pay in client.get(own).content.decode()
    assert not CardPayment.objects.exists()
    to_card = client.post(pay).headers["Location"]
    assert to_card == reverse("payments:card", args=[CardPayment.objects.get().pk])
    MONEY.paid(placement.pk, now=timezone.now())
    assert Invoice.objects.get().number in client.get(own).content.decode()
    assert client.get(place).headers["Location"] == own
    assert client.post(pay).headers["Location"] == own


@pytest.mark.usefixtures("cards")
@pytest.mark.parametrize(
    "form",
    [
        {"service": "PLACEMENT_WEEK"},
        {"service": "PLACEMENT_YEAR", "at_once": "on"},
        {**FORM, "invoice_registration": "12"},
        {**FORM, "invoice_registration": "40003000000"},
        {},
    ],
)
def test_a_form_that_makes_no_sense_chooses_nothing(
    client: Client, person: User, listing: Listing, form: dict[str, str]
) -> None:
    client.force_login(person)
    assert client.post(reverse("marketplace:place", args=[listing.pk]), form).status_code == 400
    assert not Placement.objects.exists()


def test_nobody_elses_pages_are_there(client: Client, listing: Listing, other_person: User) -> None:
    placement = chosen(listing)
    client.force_login(other_person)
    for name, number in (("place", listing.pk), ("placement", placement.pk)):
        assert client.get(reverse(f"marketplace:{name}", args=[number])).status_code == 404
    assert client.post(reverse("marketplace:pay-placement", args=[placement.pk])).status_code == 404
