"""Public pages: the chosen name alone, an address that nobody gets again, and 410 when its owner has left (Q8.12)."""

import pytest
from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone

from accounts.models import User
from accounts.services import register_person
from audit.addresses import clean_path, secrets_of
from marketplace.models import Handle, TakenHandle
from marketplace.people import HandleTaken, NoHandle, choose_handle, give_up_handle
from retention.restriction import place
from retention.standing import RestrictionGround
from tests.marketplace.conftest import Offer, draft
from tests.marketplace.test_leaving import leave
from tests.marketplace.test_photos import large, media, with_photos
from tests.people import PASSWORD

__all__ = ["media"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]

OWN = reverse("marketplace:own-page")


def page(handle: str) -> str:
    return reverse("marketplace:person", args=[handle])


def choose(user: User, name: str = "zila-varna") -> None:
    choose_handle(user, name, now=timezone.now())


@pytest.fixture
def named(with_phone: User) -> User:
    """Anna with a public name and a public page."""
    with_phone.display_name = "Kanārija"
    with_phone.save()
    choose(with_phone)
    return with_phone


@pytest.mark.clause("Q8.12")
def test_a_public_page_shows_the_chosen_name_and_the_listings_and_nothing_else(
    named: User, other_person: User, offered: Offer
) -> None:
    offered(named, title="Zils velosipēds")
    draft(named, title="Melnraksts")
    offered(other_person, title="Svešs galds")
    shown = Client().get(page("zila-varna"))
    body = shown.content.decode()
    assert "Kanārija" in body
    assert "Zils velosipēds" in body
    secrets = (named.email, named.given_name, named.family_name, str(named.pk), "26 123 456", "Melnraksts", "Svešs")
    assert all(str(word) for word in secrets)
    assert [word for word in secrets if word in body] == []
    assert not shown.cookies
    assert 'content="noindex"' in body


@pytest.mark.clause("Q8.12")
def test_who_chose_no_address_has_no_page_and_no_link(person: User, offered: Offer) -> None:
    listing = offered(person)
    assert "/people/" not in Client().get(reverse("marketplace:listing", args=[listing.pk])).content.decode()
    assert Client().get(page("anna")).status_code == 404
    choose(person, "varna")
    assert page("varna") in Client().get(reverse("marketplace:listing", args=[listing.pk])).content.decode()
    assert person.given_name not in Client().get(page("varna")).content.decode()


@pytest.mark.clause("Q14.8", "Q18.2")
def test_when_she_has_left_the_page_is_gone_and_nothing_leads_to_or_from_her_listings(
    named: User, offered: Offer
) -> None:
    listings = [offered(named), offered(named, title="Galds")]
    assert Client().get(page("zila-varna")).status_code == 200
    leave(named)
    gone = Client().get(page("zila-varna"))
    assert gone.status_code == 410
    assert "Kanārija" not in gone.content.decode()
    for listing in listings:
        body = Client().get(reverse("marketplace:listing", args=[listing.pk])).content.decode()
        assert [word for word in ("/people/", "zila-varna", "Kanārija") if word in body] == []
    assert not Handle.objects.exists()


@pytest.mark.clause("Q18.2", "Q14.8")
def test_nobody_gets_the_address_of_who_has_left_not_even_she_under_the_same_e_mail(named: User) -> None:
    address = named.email
    leave(named)
    again = register_person(email=address, password=PASSWORD, given_name="Anna", now=timezone.now())
    for alike in ("zila-varna", "Zila-Varna", "zilavarna", "zi1a-varna", "z-i-l-a-v-a-r-n-a"):
        with pytest.raises(HandleTaken):
            choose(again, alike)
    assert Client().get(page("zila-varna")).status_code == 410
    assert all("varna" not in row.token for row in TakenHandle.objects.all())


def test_an_address_that_was_changed_or_given_up_leads_nowhere_and_is_free_for_nobody(
    person: User, other_person: User
) -> None:
    choose(person, "pirma")
    choose(person, "otra")
    assert [Client().get(page(name)).status_code for name in ("pirma", "otra", "o-tra", "OTRA")] == [410, 200, 404, 200]
    choose(person, "o-tra")
    assert [Client().get(page(name)).status_code for name in ("otra", "o-tra")] == [410, 200]
    assert give_up_handle(person)
    assert not give_up_handle(person)
    for name in ("pirma", "otra", "o-tra"):
        with pytest.raises(HandleTaken):
            choose(other_person, name)


@pytest.mark.parametrize(
    "name",
    [
        *("", "ab", "x" * 31, "-anna", "anna-", "an--na", "an na", "an_na", "anna.b", "anna/b", "../anna"),
        *("аnna", "ānna", "anna\u202e", "a\u200bnna", "\u212aarlis", "１２３", "anna\n"),
    ],
)
def test_an_address_has_letters_that_nobody_takes_for_others(person: User, name: str) -> None:
    with pytest.raises(NoHandle):
        choose(person, name)


@pytest.mark.parametrize("name", ["admin", "Admin", "ad-min", "mine", "qlekta", "q1ekta-support", "r00t", "atbalsts"])
def test_nobody_takes_our_own_names(person: User, name: str) -> None:
    with pytest.raises(HandleTaken):
        choose(person, name)


def test_the_page_of_ones_own_page(client: Client, named: User, other_person: User) -> None:
    client.force_login(other_person)
    assert client.get(OWN).context["held"] is None
    refused = client.post(OWN, {"name": "zila-varna"})
    assert (refused.status_code, list(refused.context["form"].errors)) == (400, ["name"])
    assert client.post(OWN, {"name": "Melna-Varna"}).status_code == 302
    assert page("melna-varna") in client.get(OWN).content.decode()
    assert client.post(OWN, {"name": "melna-varna"}).status_code == 302, "a second click changes nothing"
    assert OWN in client.get(reverse("account")).content.decode()
    client.post(reverse("marketplace:end-own-page"))
    assert client.get(page("melna-varna")).status_code == 410
    assert Client().get(OWN).status_code == 302


@pytest.mark.requirement("H4")
def test_a_form_without_its_token_takes_no_address(person: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    assert client.post(OWN, {"name": "varna"}).status_code == 403
    assert not Handle.objects.exists()


@pytest.mark.clause("Q5.16", "Q14.8")
def test_the_log_of_visits_does_not_keep_whose_page_was_read(named: User) -> None:
    path = page("zila-varna")
    assert "varna" not in clean_path(path, secrets=secrets_of(resolve(path)), limit=200)


@pytest.mark.requirement("H5")
@pytest.mark.parametrize(
    ("name", "is_taken"),
    [
        ("Kanārija", True),
        ("Анна Б.", True),
        ("Anna-2 (Rīga)", True),
        ("", True),
        ("Аnna", False),
        ("Anna\u202eanna", False),
        ("An\u200bna", False),
    ],
)
def test_a_public_name_cannot_pretend_to_be_another(client: Client, person: User, name: str, is_taken: bool) -> None:
    client.force_login(person)
    details = {"given_name": "Anna", "family_name": "Bērziņa", "language": "lv", "display_name": name}
    client.post(reverse("account"), details | dict.fromkeys(("phone", "street", "city", "postal_code", "country"), ""))
    assert (User.objects.get(pk=person.pk).display_name == name) is is_taken


def test_of_somebody_restricted_there_is_no_page_and_no_photo(named: User, officer: User, offered: Offer) -> None:
    listing = offered(named)
    (photo,) = with_photos(listing)
    addresses = [page("zila-varna"), large(photo)]
    assert [Client().get(address).status_code for address in addresses] == [200, 200]
    place(
        named,
        ground=RestrictionGround.ACCURACY,
        case_number="QP-1",
        reason="a name is wrong",
        by=officer,
        now=timezone.now(),
    )
    assert [Client().get(address).status_code for address in addresses] == [404, 404]
