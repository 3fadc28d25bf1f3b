"""Whatever somebody types into a form of the marketplace, no page breaks (ASVS 5; H8)."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from marketplace.models import Listing
from tests.marketplace.conftest import Offer
from tests.naughty import CORPUS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]

SHARE = 60
"""One text in so many: each goes into every field of five forms and of the search."""


@pytest.mark.requirement("H8")
def test_no_string_breaks_a_form(client: Client, person: User, other_person: User, offered: Offer) -> None:
    his, hers = offered(other_person), offered(person, title="Galds")
    client.force_login(person)
    offer = {"price": "5", "delivery": "collection", "payment": "cash", "number": ""}
    forms = {
        reverse("marketplace:begin"): {"title": "x", "category": "books", "description": "x", "language": "lv"},
        reverse("marketplace:price", args=[hers.pk]): {"price": "5", "place": "riga"},
        reverse("marketplace:contact", args=[hers.pk]): {"shown": "", "phone": ""},
        reverse("marketplace:ask", args=[his.pk]): {"text": "x", "number": ""},
        reverse("marketplace:offer", args=[his.pk]): offer,
    }
    broken = []
    for string in CORPUS[::SHARE]:
        for address, filled in forms.items():
            numbered = {name: value or str(uuid4()) for name, value in filled.items()}
            broken += [
                (address, name, string)
                for name in filled
                if client.post(address, numbered | {name: string}).status_code >= 500
            ]
        broken += [
            ("search", name, string)
            for name in ("q", "category", "place", "least", "most", "order", "page")
            if client.get(reverse("marketplace:listings"), {name: string}).status_code >= 500
        ]
    assert broken == []
    assert Listing.objects.filter(seller=person).count() > 1
