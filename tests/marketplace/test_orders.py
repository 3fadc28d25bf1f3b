"""From an offer to the thing in hand; contact details only between the two, only during the deal (clause 8.2.2)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.services import register_person
from audit.models import Entry
from consent.services import give, publish_texts
from consent.terms import Method
from datamap.trace import subject_of_user
from loyalty.models import PointsEntry
from marketplace.models import Listing, Order, Party
from marketplace.ordering import STEPS, OrderRefused, Shown, offer_to_buy, seen_by, take
from marketplace.terms import Delivery, ListingState, OrderState, Payment
from tests.dsar.conftest import copy_about
from tests.letters import last_message
from tests.marketplace.conftest import Offer
from tests.marketplace.test_leaving import leave
from tests.people import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]

HIS_PHONE, HER_STREET = "+371 29 999 999", "Kanāriju iela 7"


@pytest.fixture
def listing(other_person: User, offered: Offer) -> Listing:
    """Of Jānis, who has a telephone number."""
    other_person.profile.phone = HIS_PHONE
    other_person.profile.save()
    return offered(other_person)


@pytest.fixture
def buyer(with_phone: User) -> User:
    """Anna with telephone and address."""
    with_phone.profile.street, with_phone.profile.city = HER_STREET, "Cēsis"
    with_phone.profile.save()
    return with_phone


def offered_by(buyer: User, listing: Listing, delivery: Delivery = Delivery.POST, price: int = 100) -> Order:
    agreed: dict[str, Any] = {"price": Decimal(price), "payment": Payment.TRANSFER, "now": timezone.now()}
    return offer_to_buy(listing, buyer, number=uuid4(), delivery=delivery, **agreed)


def as_seen(person: User, order: Order) -> Shown:
    shown = seen_by(person, Order.objects.get(pk=order.pk))
    assert shown is not None
    return shown


def step(person: User, order: Order, name: str) -> None:
    take(as_seen(person, order), STEPS[name], now=timezone.now())


def page(person: User, order: Order) -> str:
    client = Client()
    client.force_login(person)
    return client.get(reverse("marketplace:order", args=[order.pk])).content.decode()


def hers(buyer: User) -> list[str]:
    return [buyer.email, "Bērziņa", "26 123 456", HER_STREET]


def test_an_offer_through_the_pages_ends_in_the_buyers_hands(
    client: Client, buyer: User, other_person: User, listing: Listing
) -> None:
    client.force_login(buyer)
    form = client.get(reverse("marketplace:offer", args=[listing.pk])).context["form"]
    filled = {"number": form["number"].value(), "price": "99,50", "delivery": "post", "payment": "transfer"}
    for _click in range(2):
        client.post(reverse("marketplace:offer", args=[listing.pk]), filled)
    order = Order.objects.get()
    assert (order.price, order.state) == (Decimal("99.50"), OrderState.OFFERED)
    seller, address = Client(), reverse("marketplace:order", args=[order.pk])
    seller.force_login(other_person)
    for who, name in ((seller, "accept"), (seller, "send"), (client, "receive")):
        assert who.post(address, {"step": name}).status_code == 302
    order.refresh_from_db()
    listing.refresh_from_db()
    assert (order.state, listing.state) == (OrderState.DONE, ListingState.CLOSED)
    for who in (client, seller):
        assert "120,50" not in who.get(reverse("marketplace:orders")).content.decode()
        assert "99,50" in who.get(reverse("marketplace:orders")).content.decode()


def test_the_same_offer_while_it_waits_is_the_same_order(buyer: User, other_person: User, listing: Listing) -> None:
    first = offered_by(buyer, listing)
    assert offered_by(buyer, listing) == first
    assert offered_by(buyer, listing, Delivery.COLLECTION) != first
    assert offered_by(buyer, listing, price=90) != first
    step(other_person, first, "decline")
    assert offered_by(buyer, listing) != first, "what was declined can be offered again"


def test_a_seller_declines_an_offer_and_cancels_a_deal(buyer: User, other_person: User, listing: Listing) -> None:
    order = offered_by(buyer, listing)
    assert [step.name for step in as_seen(other_person, order).steps] == ["accept", "decline"]
    assert [step.name for step in as_seen(buyer, order).steps] == ["cancel"]
    step(other_person, order, "accept")
    assert [step.name for step in as_seen(other_person, order).steps] == ["send", "cancel"]


@pytest.mark.clause("Q8.7")
def test_contact_details_are_seen_by_the_two_and_only_while_there_is_a_deal(
    buyer: User, other_person: User, officer: User, listing: Listing
) -> None:
    order = offered_by(buyer, listing)
    assert [word for word in hers(buyer) if word in page(other_person, order)] == []
    assert HIS_PHONE not in page(buyer, order)
    step(other_person, order, "accept")
    his_view = page(other_person, order)
    assert [word for word in hers(buyer) if word not in his_view] == [buyer.email], "the number is enough"
    assert HIS_PHONE in page(buyer, order)
    stranger = Client()
    stranger.force_login(officer)
    assert stranger.get(reverse("marketplace:order", args=[order.pk])).status_code == 404
    step(buyer, order, "cancel")
    assert [word for word in hers(buyer) if word in page(other_person, order)] == []
    assert HIS_PHONE not in page(buyer, order)


@pytest.mark.clause("Q8.7")
def test_an_address_goes_only_to_who_sends_something_to_it(buyer: User, other_person: User, listing: Listing) -> None:
    order = offered_by(buyer, listing, Delivery.COLLECTION)
    step(other_person, order, "accept")
    assert HER_STREET not in page(other_person, order)
    assert set(as_seen(other_person, order).contacts) == {"name", "phone"}
    other_person.profile.phone = ""
    other_person.profile.save()
    assert as_seen(buyer, order).contacts == {"name": "Jānis Ozols", "email": other_person.email}


def test_both_can_read_later_that_the_other_saw_their_details(
    buyer: User, other_person: User, listing: Listing
) -> None:
    order = offered_by(buyer, listing)
    step(other_person, order, "accept")
    noted = Entry.objects.filter(action="order.contacts_exchanged", object_id=str(order.pk))
    assert {entry.details["to"] for entry in noted} == {"buyer", "seller"}
    assert noted.filter(subject=buyer.pk).get().details == {"to": "seller"}
    assert str(other_person.pk) not in str(noted.filter(subject=buyer.pk).values())


def test_the_letters_hold_no_contact_detail(buyer: User, other_person: User, listing: Listing) -> None:
    order = offered_by(buyer, listing)
    assert last_message(to_address=other_person.email).user_id == other_person.pk
    step(other_person, order, "accept")
    letter = last_message(to_address=buyer.email)
    assert HIS_PHONE not in letter.subject


@pytest.mark.parametrize(
    ("name", "is_possible"), [("accept", False), ("decline", True), ("send", False), ("receive", False)]
)
def test_each_step_has_its_time_and_its_person(buyer: User, listing: Listing, name: str, is_possible: bool) -> None:
    order = offered_by(buyer, listing)
    assert listing.seller is not None
    person = buyer if name in {"accept", "receive"} else listing.seller
    if is_possible:
        step(person, order, name)
    else:
        with pytest.raises(OrderRefused):
            step(person, order, name)
    order.refresh_from_db()
    assert (order.state == OrderState.OFFERED) is not is_possible


def test_of_two_buyers_one_gets_it_and_the_other_is_told(
    buyer: User, officer: User, other_person: User, listing: Listing
) -> None:
    first, second = offered_by(buyer, listing), offered_by(officer, listing, Delivery.COLLECTION)
    step(other_person, first, "accept")
    with pytest.raises(OrderRefused):
        step(other_person, second, "accept")
    step(buyer, first, "receive")
    second.refresh_from_db()
    assert second.state == OrderState.DECLINED
    assert last_message(to_address=officer.email).user_id == officer.pk


@pytest.mark.parametrize("takes_part", [True, False])
def test_who_takes_part_in_the_loyalty_programme_gets_points_and_nobody_else(
    person: User, other_person: User, listing: Listing, takes_part: bool
) -> None:
    if takes_part:
        how: dict[str, Any] = {"language": "lv", "method": Method.CONSENTS_PAGE, "place": "/privacy/consents/"}
        give(person.pk, "LOYALTY", **how, now=timezone.now() - timedelta(minutes=1))
    order = offered_by(person, listing, Delivery.COLLECTION)
    step(other_person, order, "accept")
    assert PointsEntry.objects.count() == 0
    step(person, order, "receive")
    assert list(PointsEntry.objects.values_list("order_number", "points")) == [(str(order.pk), 100)] * takes_part
    order.refresh_from_db()
    assert order.state == OrderState.DONE


@pytest.mark.django_db(transaction=True)
def test_two_acceptances_at_once_are_one_deal(offered: Offer) -> None:
    now = timezone.now()
    publish_texts(now=now)
    seller, one, two = (
        register_person(email=f"{name}@example.lv", password=PASSWORD, given_name=name, family_name="L", now=now)
        for name in ("anna", "janis", "ilze")
    )
    listing = offered(seller)
    orders = [offered_by(buyer, listing, Delivery.COLLECTION) for buyer in (one, two)]

    def accept(order: Order) -> bool:
        try:
            step(seller, order, "accept")
        except OrderRefused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(max_workers=2) as pool:
        assert sorted(pool.map(accept, orders)) == [False, True]
    assert sorted(Order.objects.values_list("state", flat=True)) == ["accepted", "offered"]


@pytest.mark.parametrize(
    "change",
    [
        {"price": "-1"},
        {"price": "10000000"},
        {"price": "NaN"},
        {"delivery": "drone"},
        {"payment": "gold"},
        {"payment": "cash", "delivery": "post"},
        {"number": "1"},
    ],
)
def test_an_offer_that_makes_no_sense_is_refused(
    client: Client, buyer: User, listing: Listing, change: dict[str, str]
) -> None:
    client.force_login(buyer)
    filled = {"number": str(uuid4()), "price": "5", "delivery": "collection", "payment": "cash"}
    answer = client.post(reverse("marketplace:offer", args=[listing.pk]), filled | change)
    assert answer.status_code == 400
    assert Order.objects.count() == 0


def test_nobody_orders_from_himself_without_an_address_or_what_is_gone(
    person: User, other_person: User, listing: Listing
) -> None:
    for who, delivery in ((other_person, Delivery.COLLECTION), (person, Delivery.POST)):
        with pytest.raises(OrderRefused):
            offered_by(who, listing, delivery)
    leave(other_person)
    listing.refresh_from_db()
    with pytest.raises(OrderRefused):
        offered_by(person, listing, Delivery.COLLECTION)
    assert Order.objects.count() == 0


def test_who_leaves_leaves_the_order_to_the_other_and_both_take_it_along(
    buyer: User, other_person: User, listing: Listing
) -> None:
    order = offered_by(buyer, listing)
    step(other_person, order, "accept")
    leave(buyer)
    seen = page(other_person, order)
    assert "Dzēsts lietotājs" in seen
    assert [word for word in hers(buyer) if word in seen] == []
    assert as_seen(other_person, order).steps == []
    assert Party.objects.count() == 1
    leave(other_person, case="Q-2")
    assert Order.objects.count() == 0


def test_a_page_that_is_old_changes_nothing(client: Client, buyer: User, other_person: User, listing: Listing) -> None:
    order = offered_by(buyer, listing)
    before = as_seen(other_person, order)
    step(buyer, order, "cancel")
    with pytest.raises(OrderRefused):
        take(before, STEPS["accept"], now=timezone.now())
    client.force_login(other_person)
    address = reverse("marketplace:order", args=[order.pk])
    assert client.post(address, {"step": "accept"}).status_code == 409
    assert client.post(address, {"step": "steal"}).status_code == 409
    order.refresh_from_db()
    assert order.state == OrderState.CANCELLED


@pytest.mark.clause("Q16.2")
def test_the_copy_says_what_was_agreed_and_nothing_of_the_other(
    buyer: User, other_person: User, listing: Listing
) -> None:
    order = offered_by(buyer, listing)
    with copy_about(subject_of_user(buyer), now=timezone.now()) as copy:
        told = "".join(copy.read(name).decode() for name in copy.namelist())
    assert all(word in told for word in (listing.title, str(order.pk), "100.00"))
    assert [word for word in (other_person.email, str(other_person.pk), "Ozols") if word in told] == []
