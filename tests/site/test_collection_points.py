"""Wherever Qlekta takes data from somebody, the notice is one step away, and says for what (Art. 13; Q5.2)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from datamap.catalogue import catalogue
from datamap.registry import registry
from mailing.composing import compose
from marketplace.services import offer
from tests.marketplace.conftest import draft
from tests.surveys.making import made, page_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]

NOTICE = reverse("privacy:notice")


@dataclass(frozen=True, slots=True)
class Point:
    """One of the ways by which data come: its page, or its first letter, and the table that takes them."""

    name: str
    table: str
    address: Callable[[User], str] | None = None
    is_logged_in: bool = False


def offer_page(seller: User, name: str = "offer") -> str:
    listing = offer(draft(seller), (), language="lv", now=timezone.now())
    return reverse(f"marketplace:{name}", args=[listing.pk])


POINTS = (
    Point("registration", "accounts.User", lambda _seller: reverse("account_signup")),
    Point("forms", "enquiries.Enquiry", lambda _seller: reverse("enquiries:contact")),
    Point("messengers and social pages", "enquiries.SupportContact"),
    Point("e-mail", "dsar.Intake"),
    Point("sign-up for a service", "newsletters.SubscriptionRequest", lambda _seller: reverse("newsletters:subscribe")),
    Point("search", "visits.Visit", lambda _seller: reverse("marketplace:listings")),
    Point("order", "marketplace.Party", offer_page, is_logged_in=True),
    Point("promotion or survey", "surveys.Participation", lambda _seller: page_of(made()), is_logged_in=True),
    Point("listing", "marketplace.Listing", lambda _seller: reverse("marketplace:begin"), is_logged_in=True),
    Point("report of a listing", "marketplace.Report", lambda seller: offer_page(seller, "report")),
    Point("request", "dsar.SubjectRequest", lambda _seller: reverse("privacy:request-new")),
    Point("problem report", "enquiries.Enquiry", lambda _seller: f"{reverse('enquiries:contact')}?kind=problem"),
)


def main_of(page: str) -> str:
    """What is the page's own; the foot of every page has the link anyway."""
    return page.partition("<main")[2].partition("</main>")[0]


@pytest.mark.clause("Q5.2")
@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.name)
def test_where_data_are_taken_the_notice_is_shown_and_names_the_purpose(
    client: Client, person: User, other_person: User, point: Point
) -> None:
    if point.is_logged_in:
        client.force_login(person)
    if point.address is None:
        assert shown_by_letter(client)
    else:
        assert f'href="{NOTICE}"' in main_of(client.get(point.address(other_person)).content.decode())
    holding = registry().holding(point.table)
    published = client.get(NOTICE).content.decode()
    assert str(holding.label) in published
    for code in holding.purposes:
        assert str(catalogue().purposes[code].label) in published


def shown_by_letter(client: Client) -> bool:
    """Who wrote by other ways gets a letter first: its foot leads to the portal, and that to the notice."""
    context: dict[str, Any] = {"heading": "x", "paragraphs": ["x"]}
    letter = compose("notice", language="lv", purpose="SERVICE", context=context)
    portal = reverse("privacy:portal")
    is_linked = portal in letter.text and portal in letter.html
    return is_linked and f'href="{NOTICE}"' in main_of(client.get(portal).content.decode())
