"""Buyers say how it went; it stays without the buyer and goes with the seller (policy clause 14)."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from datamap.terms import Erasure
from marketplace.contacts_in_text import BLACKED_OUT
from marketplace.models import Feedback, Listing, Order, Standing
from marketplace.rating import FeedbackRefused, rate, rating_of
from marketplace.terms import Delivery
from tests.marketplace.conftest import Offer
from tests.marketplace.test_leaving import leave, planned
from tests.marketplace.test_orders import as_seen, offered_by, step

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]

WORDS = "Ātri un laipni. Zvanīju 26123456."


@pytest.fixture
def listing(other_person: User, offered: Offer) -> Listing:
    return offered(other_person)


@pytest.fixture
def done(person: User, other_person: User, listing: Listing) -> Order:
    """Anna has bought something of Jānis and received it."""
    order = offered_by(person, listing, Delivery.COLLECTION)
    step(other_person, order, "accept")
    step(person, order, "receive")
    return order


def said(person: User, order: Order, text: str = WORDS) -> Feedback:
    rate(as_seen(person, order), stars=4, text=text, author_name="Annele Ž.", now=timezone.now())
    return Feedback.objects.get(order=order)


def page(listing: Listing) -> str:
    return Client().get(reverse("marketplace:listing", args=[listing.pk])).content.decode()


@pytest.mark.clause("Q14.1")
def test_the_page_shows_stars_time_and_the_chosen_name_and_nothing_of_the_account(
    client: Client, person: User, done: Order, offered: Offer
) -> None:
    client.force_login(person)
    address = reverse("marketplace:feedback", args=[done.pk])
    assert client.get(address).status_code == 200
    answer = client.post(address, {"stars": "4", "text": WORDS, "author_name": "Annele Ž."})
    assert answer.status_code == 302
    seller = done.listing.seller if done.listing else None
    body = page(offered(seller, title="Galds"))
    assert "★★★★" in body
    assert "4 no 5" in body
    assert WORDS in body
    assert "Annele Ž." in body
    assert [word for word in (person.email, "Bērziņa", str(person.pk)) if word in body] == []


def test_only_the_buyer_of_a_finished_order_rates_and_only_once(
    person: User, other_person: User, listing: Listing, done: Order
) -> None:
    with pytest.raises(FeedbackRefused):
        said(other_person, done)
    said(person, done)
    with pytest.raises(FeedbackRefused):
        said(person, done)
    assert Feedback.objects.count() == 1


def test_an_order_that_is_not_done_is_not_rated(
    client: Client, person: User, other_person: User, offered: Offer
) -> None:
    order = offered_by(person, offered(other_person), Delivery.COLLECTION)
    with pytest.raises(FeedbackRefused):
        said(person, order)
    client.force_login(person)
    answer = client.post(reverse("marketplace:feedback", args=[order.pk]), {"stars": "5"})
    assert answer.status_code == 400
    assert Feedback.objects.count() == 0


def test_a_stranger_finds_no_form(client: Client, officer: User, done: Order) -> None:
    client.force_login(officer)
    assert client.get(reverse("marketplace:feedback", args=[done.pk])).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"stars": ""},
        {"stars": "6"},
        {"stars": "0"},
        {"text": "x" * 1001},
        {"text": "\u202e"},
        {"author_name": "\u200b"},
    ],
)
def test_bad_input_is_refused(client: Client, person: User, done: Order, change: dict[str, str]) -> None:
    client.force_login(person)
    filled = {"stars": "5", "text": "Labi", "author_name": "Annele Ž."} | change
    answer = client.post(reverse("marketplace:feedback", args=[done.pk]), filled)
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == list(change)
    assert Feedback.objects.count() == 0


def test_the_buyer_can_delete_what_she_said_and_nobody_else(
    client: Client, person: User, other_person: User, done: Order
) -> None:
    said(person, done)
    address, seller = reverse("marketplace:feedback", args=[done.pk]), Client()
    seller.force_login(other_person)
    seller.post(address, {"take_back": "yes"})
    assert Feedback.objects.count() == 1
    client.force_login(person)
    client.post(address, {"take_back": "yes"})
    assert Feedback.objects.count() == 0


@pytest.mark.clause("Q14.7", "Q14.8", "Q14.9")
def test_without_the_buyer_the_words_stay_and_lead_to_nobody(
    person: User, other_person: User, done: Order, offered: Offer
) -> None:
    feedback = said(person, done)
    other = offered(other_person, title="Galds")
    leave(person)
    feedback.refresh_from_db()
    assert (feedback.author, feedback.order, feedback.author_name) == (None, None, "")
    assert feedback.text == f"Ātri un laipni. Zvanīju {BLACKED_OUT}."
    body = page(other)
    assert feedback.text in body
    assert "Dzēsts lietotājs" in body
    assert "Annele" not in body


@pytest.mark.clause("Q17.1")
def test_with_the_seller_goes_all_that_was_said_about_him_and_the_plan_says_so(
    person: User, other_person: User, done: Order
) -> None:
    said(person, done)
    lines = [line for line in planned(other_person).lines if line.table == "marketplace.Standing"]
    assert [line.action for line in lines] == [Erasure.DELETE]
    assert leave(other_person).document["state"] == "done"
    assert (Feedback.objects.count(), Standing.objects.count()) == (0, 0)
    assert User.objects.filter(pk=person.pk).exists()


def test_the_rating_is_the_mean(person: User, officer: User, other_person: User, offered: Offer) -> None:
    assert rating_of(other_person) is None
    for buyer, stars in ((person, 5), (officer, 2)):
        order = offered_by(buyer, offered(other_person), Delivery.COLLECTION)
        step(other_person, order, "accept")
        step(buyer, order, "receive")
        rate(as_seen(buyer, order), stars=stars, text="", author_name="", now=timezone.now())
    rating = rating_of(other_person)
    assert rating is not None
    assert (rating.stars, rating.count) == (3.5, 2)
