"""A listing in four steps; the fourth alone says which contact details are shown (policy clause 8.5)."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.contacts import Channel
from accounts.models import User
from consent.models import ConsentEvent
from consent.terms import Method
from marketplace.models import Listing
from marketplace.services import close, close_ended, contacts_consented
from marketplace.terms import ListingState
from tests.marketplace.conftest import Offer, draft

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]

WHAT = {"title": "Zils velosipēds", "category": "bicycles", "description": "28 collas.", "language": "lv"}
PHONE = "+371 26 123 456"


def page(name: str, listing: Listing) -> str:
    return reverse(f"marketplace:{name}", args=[listing.pk])


@pytest.mark.clause("Q8.14", "Q8.16")
def test_four_steps_lead_to_a_listing_that_shows_no_contact_detail(client: Client, with_phone: User) -> None:
    client.force_login(with_phone)
    answer = client.post(reverse("marketplace:begin"), WHAT)
    listing = Listing.objects.get()
    assert answer.headers["Location"] == page("photos", listing)
    assert page("price", listing) in client.get(page("photos", listing)).content.decode()
    assert client.post(page("price", listing), {"price": "120,50", "place": "riga"}).headers["Location"] == page(
        "contact", listing
    )
    fourth = client.get(page("contact", listing))
    assert 'value="4" aria-current="step"' in fourth.content.decode()
    assert not any(fourth.context["form"][channel].value() for channel in Channel)
    assert client.post(page("contact", listing), {}).headers["Location"] == page("listing", listing)
    shown = Client().get(page("listing", listing)).content.decode()
    assert "Zils velosipēds" in shown
    assert "120,50" in shown
    assert [word for word in (PHONE, with_phone.email, "Anna", "Bērziņa", str(with_phone.pk)) if word in shown] == []
    assert ConsentEvent.objects.filter(purpose="CONTACT_PUBLISH").count() == 0


@pytest.mark.clause("Q8.13", "Q8.15")
def test_what_is_ticked_everybody_reads_and_nothing_else(client: Client, with_phone: User, offered: Offer) -> None:
    other = offered(with_phone, title="Galds")
    listing = draft(with_phone)
    client.force_login(with_phone)
    words = client.get(page("contact", listing)).context["form"].wording
    client.post(page("contact", listing), {"phone": "on", "shown": words.sha256})
    shown = Client().get(page("listing", listing)).content.decode()
    assert PHONE in shown
    assert with_phone.email not in shown
    assert PHONE not in Client().get(page("listing", other)).content.decode()
    (event,) = ConsentEvent.objects.filter(purpose="CONTACT_PUBLISH")
    assert (event.scope, event.method, event.text_sha256) == (
        f"listing:{listing.pk}:phone",
        Method.LISTING,
        words.sha256,
    )


@pytest.mark.clause("Q8.16")
def test_unticking_takes_it_off_every_page_at_once(client: Client, with_phone: User, offered: Offer) -> None:
    listing = offered(with_phone, contacts=(Channel.PHONE, Channel.EMAIL))
    assert PHONE in Client().get(page("listing", listing)).content.decode()
    client.force_login(with_phone)
    client.post(page("contact", listing), {"email": "on"})
    for address in (page("listing", listing), reverse("marketplace:listings"), reverse("marketplace:feed")):
        assert PHONE not in Client().get(address).content.decode()
    assert with_phone.email in Client().get(page("listing", listing)).content.decode()
    assert contacts_consented(listing, now=timezone.now()) == {Channel.EMAIL}


def test_a_consent_taken_back_on_the_page_of_consents_counts_as_well(
    client: Client, with_phone: User, offered: Offer
) -> None:
    listing = offered(with_phone, contacts=(Channel.PHONE,))
    client.force_login(with_phone)
    consents = client.get(reverse("consent:consents")).content.decode()
    assert page("contact", listing) in consents
    form = {"purpose": "CONTACT_PUBLISH", "action": "withdraw", "scope": f"listing:{listing.pk}:phone"}
    client.post(reverse("consent:consents"), form)
    assert PHONE not in Client().get(page("listing", listing)).content.decode()


@pytest.mark.clause("Q8.16")
def test_a_closed_listing_loses_its_contacts_also_when_it_is_published_again(
    client: Client, with_phone: User, offered: Offer
) -> None:
    listing = offered(with_phone, contacts=(Channel.PHONE,))
    client.force_login(with_phone)
    client.post(page("close", listing))
    assert PHONE not in Client().get(page("listing", listing)).content.decode()
    client.post(page("contact", listing), {})
    again = Client().get(page("listing", listing)).content.decode()
    assert 'itemprop="offers"' in again
    assert PHONE not in again


def test_a_draft_is_its_sellers_alone(client: Client, person: User, other_person: User) -> None:
    listing = draft(person)
    assert Client().get(page("listing", listing)).status_code == 404
    client.force_login(other_person)
    addresses = [page(name, listing) for name in ("listing", "what", "price", "contact")]
    assert [client.get(address).status_code for address in addresses] == [404] * 4
    assert client.post(page("contact", listing), {"email": "on"}).status_code == 404
    assert client.post(page("discard", listing)).status_code == 404
    mine = Client()
    mine.force_login(person)
    assert mine.get(page("listing", listing)).status_code == 200


def test_a_second_click_on_the_first_step_makes_no_second_draft(
    client: Client, person: User, other_person: User
) -> None:
    client.force_login(person)
    number = str(client.get(reverse("marketplace:begin")).context["listing"].pk)
    for _click in range(2):
        client.post(reverse("marketplace:begin"), WHAT | {"number": number})
    assert [str(found.pk) for found in Listing.objects.all()] == [number]
    other = Client()
    other.force_login(other_person)
    other.post(reverse("marketplace:begin"), WHAT | {"number": number, "title": "Cits"})
    assert Listing.objects.get(pk=number).title == WHAT["title"]
    assert Listing.objects.get(seller=other_person).title == "Cits"


def test_only_a_draft_can_be_thrown_away(client: Client, person: User, offered: Offer) -> None:
    shown, begun = offered(person), draft(person)
    client.force_login(person)
    client.post(page("discard", shown))
    client.post(page("discard", begun))
    assert list(Listing.objects.all()) == [shown]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 101}, "title"),
        ({"title": "Velo\u202esdepi"}, "title"),
        ({"description": "slēpts\u200b"}, "description"),
        ({"description": "x" * 5001}, "description"),
        ({"category": "weapons"}, "category"),
        ({"language": "de"}, "language"),
    ],
)
def test_bad_words_are_refused_and_stay_in_the_form(
    client: Client, person: User, change: dict[str, str], field: str
) -> None:
    client.force_login(person)
    answer = client.post(reverse("marketplace:begin"), WHAT | change)
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]
    assert Listing.objects.count() == 0
    assert "28 collas." in answer.content.decode() or field == "description"


@pytest.mark.parametrize("price", ["-1", "10000000", "1e99", "NaN", "1,234", "daudz", "", "Infinity"])
def test_a_price_that_is_none_is_refused(client: Client, person: User, price: str) -> None:
    listing = draft(person)
    client.force_login(person)
    answer = client.post(page("price", listing), {"price": price, "place": "riga"})
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == ["price"]


def test_a_script_in_a_text_is_text(person: User, offered: Offer) -> None:
    listing = offered(person, title="<script>alert(1)</script>", description="<img src=x onerror=alert(1)>")
    for address in (page("listing", listing), reverse("marketplace:listings"), reverse("marketplace:feed")):
        body = Client().get(address).content.decode()
        assert "alert(1)" in body
        assert "<script>alert" not in body
        assert "<img src=x" not in body


def test_without_price_and_place_nothing_is_published(client: Client, person: User) -> None:
    listing = draft(person, price=None, place="")
    client.force_login(person)
    answer = client.post(page("contact", listing), {"email": "on"})
    assert answer.status_code == 400
    assert "3" in str(answer.context["form"].non_field_errors())
    listing.refresh_from_db()
    assert listing.state == ListingState.DRAFT
    assert contacts_consented(listing, now=timezone.now()) == set()


def test_a_telephone_number_in_the_text_is_pointed_out(client: Client, person: User) -> None:
    client.force_login(person)
    answer = client.post(reverse("marketplace:begin"), WHAT | {"description": "Zvanīt 2612 3456"}, follow=True)
    assert [message.level_tag for message in answer.context["messages"]].count("warning") == 1


@pytest.mark.clause("Q8.16")
def test_what_nobody_renews_is_closed_and_shows_no_contact_any_more(person: User, offered: Offer) -> None:
    over, stays = (offered(person, contacts=(Channel.EMAIL,)) for _number in range(2))
    now = timezone.now()
    Listing.objects.filter(pk=over.pk).update(ends_at=now)
    assert close_ended(now=now) == 1
    assert close_ended(now=now) == 0
    assert [contacts_consented(listing, now=now) for listing in (over, stays)] == [set(), {Channel.EMAIL}]
    over.refresh_from_db()
    assert over.state == ListingState.CLOSED
    assert ConsentEvent.objects.get(state="withdrawn").evidence == {"listing": "not renewed"}


def test_closing_says_so_once_and_a_second_click_changes_nothing(person: User, offered: Offer) -> None:
    listing = offered(person, contacts=(Channel.EMAIL,))
    for _click in range(2):
        close(listing, language="lv", now=timezone.now())
    states: list[Any] = list(ConsentEvent.objects.filter(purpose="CONTACT_PUBLISH").values_list("state", flat=True))
    assert sorted(states) == ["given", "withdrawn"]
