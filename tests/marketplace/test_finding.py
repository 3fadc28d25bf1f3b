"""Lists and searches: every form of a word, three languages, prices, places, pages, the feed; nobody's name in them."""

import xml.etree.ElementTree as ET
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.contacts import Channel
from accounts.models import User
from marketplace.models import Listing
from marketplace.pages import FARTHEST
from marketplace.searching import PAGE, Wish, find
from marketplace.stemming import stem
from marketplace.terms import Sorting
from tests.marketplace.conftest import Offer, draft

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]

LISTS = reverse("marketplace:listings")


def titles(wish: Wish) -> list[str]:
    return [found.title for found in find(wish, now=timezone.now())]


@pytest.mark.parametrize(
    "forms",
    [
        ("velosipēds", "velosipēda", "velosipēdu", "velosipēdam", "velosipēdi", "velosipēdiem", "velosipeds"),
        ("māja", "mājas", "mājā", "mājām", "maju"),
        ("lācis", "lāča", "lācim", "lāči"),
        ("zaļais", "zaļā", "zaļajam", "zaļajiem", "zaļo"),
        ("kurpe", "kurpes", "kurpju", "kurpēm"),
        ("galds", "galda", "galdu", "galdos"),
    ],
)
def test_the_forms_of_a_latvian_word_are_one(forms: tuple[str, ...]) -> None:
    assert len({stem(form) for form in forms}) == 1


def test_words_of_other_things_stay_apart() -> None:
    assert len({stem(word) for word in ("velosipēds", "galds", "grāmata", "krēsls", "māja", "mašīna", "suns")}) == 7


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        (("lv", "Zaļi krēsli dārzam"), "zaļais krēsls"),
        (("lv", "Zaļi krēsli dārzam"), "kresls"),
        (("en", "Two running shoes"), "run shoe"),
        (("ru", "Детские книги"), "детская книга"),
        (("lv", "iPhone 15 Pro"), "iphone 15"),
    ],
)
def test_a_listing_is_found_in_its_language(person: User, offered: Offer, written: tuple[str, str], asked: str) -> None:
    language, title = written
    offered(person, title=title, language=language)
    offered(person, title="Ledusskapis", description="Balts.", language="lv")
    assert titles(Wish(words=asked)) == [title]


def test_every_word_of_a_search_counts_and_odd_signs_break_nothing(person: User, offered: Offer) -> None:
    offered(person, title="Sarkans galds")
    assert titles(Wish(words="sarkans krēsls")) == []
    for odd in ("galds'", "galds & | ! ( )", '"galds', "galds:*", "%galds", "\\galds"):
        assert titles(Wish(words=odd)) == ["Sarkans galds"], odd
    for nothing in ("'", "<>", "☃"):
        assert titles(Wish(words=nothing)) == []


def test_category_place_price_and_order(person: User, offered: Offer) -> None:
    offered(person, title="Dārgs", price=Decimal(900))
    offered(person, title="Lēts", price=Decimal(0), place="cesu-novads")
    offered(person, title="Grāmata", price=Decimal(5), category="books")
    assert titles(Wish(category="books")) == ["Grāmata"]
    assert titles(Wish(place="cesu-novads")) == ["Lēts"]
    assert titles(Wish(least=Decimal(5), most=Decimal(900), order=Sorting.CHEAPEST)) == ["Grāmata", "Dārgs"]
    assert titles(Wish(order=Sorting.DEAREST)) == ["Dārgs", "Grāmata", "Lēts"]
    assert titles(Wish()) == ["Grāmata", "Lēts", "Dārgs"]


def test_only_what_is_offered_is_found(person: User, offered: Offer) -> None:
    over, closed = offered(person, title="Pagājis"), offered(person, title="Slēgts")
    Listing.objects.filter(pk=over.pk).update(ends_at=timezone.now() - timedelta(seconds=1))
    Listing.objects.filter(pk=closed.pk).update(state="closed")
    draft(person, title="Melnraksts")
    assert titles(Wish()) == []
    assert Client().get(reverse("marketplace:listing", args=[over.pk])).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=-1",
        "page=x",
        "page=99999999999999999999",
        "category=weapons",
        "least=-5",
        "least=1e400",
        "order=x",
    ],
)
def test_an_address_that_makes_no_sense_shows_a_page(client: Client, person: User, offered: Offer, query: str) -> None:
    offered(person)
    assert client.get(f"{LISTS}?{query}").status_code == 200


def test_pages_lead_forth_and_back_and_keep_the_search(client: Client, person: User, offered: Offer) -> None:
    for number in range(PAGE + 1):
        offered(person, title=f"Galds {number}")
    first = client.get(f"{LISTS}?q=galds&place=riga")
    assert len(first.context["found"].rows) == PAGE
    assert first.context["found"].older == "?q=galds&place=riga&page=2"
    second = client.get(LISTS + first.context["found"].older)
    assert [found.title for found in second.context["found"].rows] == ["Galds 0"]
    assert (second.context["found"].newer, second.context["found"].older) == ("?q=galds&place=riga&page=1", "")
    assert client.get(f"{LISTS}?page={FARTHEST + 1}").context["found"].number == FARTHEST


@pytest.mark.clause("Q8.12", "Q14.8")
def test_neither_list_nor_feed_nor_page_names_the_seller(client: Client, with_phone: User, offered: Offer) -> None:
    listing = offered(with_phone, contacts=(Channel.PHONE, Channel.EMAIL))
    page = client.get(reverse("marketplace:listing", args=[listing.pk])).content.decode()
    assert with_phone.email in page  # planted: shown on its own page alone
    told = ("Anna", "Bērziņa", with_phone.email, "26 123 456", str(with_phone.pk))
    for address in (LISTS, reverse("marketplace:feed")):
        body = client.get(address).content.decode()
        assert listing.title in body
        assert [word for word in told if word in body] == []
    assert [word for word in ("Anna", "Bērziņa", str(with_phone.pk)) if word in page] == []


def test_the_feed_is_atom_with_whole_addresses(client: Client, person: User, offered: Offer) -> None:
    listing = offered(person, title="Krēsls & galds")
    answer = client.get(reverse("marketplace:feed"))
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    feed = ET.fromstring(answer.content)
    names = {"a": "http://www.w3.org/2005/Atom"}
    assert feed.findtext("a:entry/a:title", namespaces=names) == "Krēsls & galds"
    link = feed.find("a:entry/a:link", names)
    assert link is not None
    assert link.attrib["href"].endswith(reverse("marketplace:listing", args=[listing.pk]))
    assert link.attrib["href"].startswith("http")


def test_the_sitemap_lists_what_is_offered_and_nothing_else(client: Client, person: User, offered: Offer) -> None:
    shown, closed = offered(person), offered(person, title="Slēgts")
    Listing.objects.filter(pk=closed.pk).update(state="closed")
    begun = draft(person)
    index = client.get("/sitemap.xml")
    assert index.headers["Content-Type"].startswith("application/xml")
    assert "/sitemap-listings.xml" in index.content.decode()
    answer = client.get("/sitemap-listings.xml")
    body = answer.content.decode()
    assert reverse("marketplace:listing", args=[shown.pk]) in body
    assert [str(one.pk) for one in (closed, begun) if str(one.pk) in body] == []
    assert str(person.pk) not in body
    assert not answer.cookies
    assert client.get("/sitemap-people.xml").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_and_a_page_ask_the_database_the_same_however_much_there_is(
    client: Client, person: User, offered: Offer, count: int
) -> None:
    found = [offered(person, title=f"Galds {number}") for number in range(count)]
    for address, queries in ((LISTS, LIST_QUERIES), (reverse("marketplace:listing", args=[found[0].pk]), PAGE_QUERIES)):
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        assert len(asked) == queries, [query["sql"] for query in asked]


LIST_QUERIES = 3
PAGE_QUERIES = 8


@pytest.mark.parametrize("name", ["marketplace:listings", "account"])
def test_the_way_to_ones_own_listings_is_shown(client: Client, person: User, name: str) -> None:
    client.force_login(person)
    assert f'href="{reverse("marketplace:mine")}"' in client.get(reverse(name)).content.decode()


def test_no_field_of_the_search_is_marked_optional_as_all_are(client: Client) -> None:
    shown = client.get(reverse("marketplace:listings"), headers={"accept-language": "en"}).content.decode()
    assert "Price from" in shown
    assert "(optional)" not in shown
