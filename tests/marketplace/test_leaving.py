"""What becomes of listings when their author leaves: the text stays, drafts and contact details go."""

from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.contacts import Channel
from accounts.models import User
from audit.trail import Actor
from datamap.terms import Erasure
from datamap.trace import subject_of_user
from dsar.access_copy import write_copy
from marketplace.contacts_in_text import BLACKED_OUT, has_contacts
from marketplace.messaging import ask
from marketplace.models import Conversation, Listing, Order
from marketplace.ordering import offer_to_buy
from marketplace.terms import Delivery, Payment
from retention.erasure import ErasurePlan, carry_out, finish, plan_erasure
from retention.models import ErasureReceipt
from tests.marketplace.conftest import Offer, draft

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]


def planned(user: User, *, child: bool = False) -> ErasurePlan:
    return plan_erasure(subject_of_user(user), now=timezone.now(), archive=False, child=child)


def leave(user: User, *, child: bool = False, case: str = "Q-1") -> ErasureReceipt:
    """Erased as the person confirmed it, or as staff erase a child."""
    subject, now = subject_of_user(user), timezone.now()
    run = carry_out(
        case_number=case,
        subject=subject,
        plan_digest=planned(user, child=child).digest,
        objection_to_archive=True,
        actor=Actor.system("test"),
        now=now,
        child=child,
        why="a child" if child else "",
    )
    return finish(run, now=now)


def page(listing: Listing) -> Any:
    return Client().get(reverse("marketplace:listing", args=[listing.pk]))


@pytest.mark.clause("Q14.7", "Q14.8", "Q17.4")
def test_the_text_stays_readable_and_leads_to_nobody(with_phone: User, offered: Offer) -> None:
    with_phone.display_name = "Kanārija"
    with_phone.save()
    one = offered(with_phone, contacts=(Channel.PHONE, Channel.EMAIL))
    two = offered(with_phone, title="Galds")
    told = ("Kanārija", with_phone.email, "26 123 456", str(with_phone.pk))
    before = page(one).content.decode()
    assert [word for word in told[:3] if word not in before] == []
    assert leave(with_phone).document["state"] == "done"
    for listing in (one, two):
        answer = page(listing)
        assert answer.status_code == 200
        body = answer.content.decode()
        assert listing.title in body
        assert listing.description in body
        assert [word for word in told if word in body] == []
    assert Listing.objects.filter(seller=None, words=None).count() == 2
    assert Client().get(reverse("marketplace:listings")).context["found"].rows == []


@pytest.mark.clause("Q17.1")
def test_drafts_go_and_the_plan_says_so_before_and_the_receipt_after(person: User, offered: Offer) -> None:
    shown, begun = offered(person), draft(person, title="Melnraksts")
    said = {(str(line.label), line.action): line.count for line in planned(person).lines if "Listing" in line.table}
    (drafts,) = [label for label, action in said if action is Erasure.DELETE]
    assert "melnraksti" in drafts
    assert {action: count for (_label, action), count in said.items()} == dict.fromkeys(
        (Erasure.DELETE, Erasure.BLANK, Erasure.DETACH, Erasure.KEEP), 1
    )
    leave(person)
    assert list(Listing.objects.values_list("pk", flat=True)) == [shown.pk]
    assert page(begun).status_code == 404


@pytest.mark.clause("Q6.2")
def test_of_a_child_nothing_published_stays(person: User, other_person: User, offered: Offer) -> None:
    offered(person)
    his = offered(other_person)
    leave(person, child=True)
    assert list(Listing.objects.all()) == [his]


@pytest.mark.clause("Q14.9")
def test_contact_details_written_into_the_text_are_blacked_out(
    person: User, other_person: User, offered: Offer
) -> None:
    text = "Zvanīt +371 2612-3456 vai 67 123 456, anna@example.lv, t.me/anna_b. Cena 1500, 1955. gads, 12 000 km."
    hers, his = offered(person, title="Galds 26123456", description=text), offered(other_person, description=text)
    leave(person)
    hers.refresh_from_db()
    his.refresh_from_db()
    assert hers.title == f"Galds {BLACKED_OUT}"
    assert hers.description == (
        f"Zvanīt {BLACKED_OUT} vai {BLACKED_OUT}, {BLACKED_OUT}, {BLACKED_OUT} Cena 1500, 1955. gads, 12 000 km."
    )
    assert his.description == text


@pytest.mark.clause("Q14.9")
def test_a_number_in_a_title_goes_from_what_others_keep_as_well(
    person: User, other_person: User, offered: Offer
) -> None:
    listing, now = offered(person, title="Galds 26123456"), timezone.now()
    ask(listing, other_person, "Vai ir?", number=uuid4(), now=now)
    agreed: dict[str, Any] = {"delivery": Delivery.COLLECTION, "payment": Payment.CASH, "price": Decimal(5), "now": now}
    offer_to_buy(listing, other_person, number=uuid4(), **agreed)
    leave(person)
    kept = [*Order.objects.values_list("title", flat=True), *Conversation.objects.values_list("title", flat=True)]
    assert kept == [f"Galds {BLACKED_OUT}"] * 2


@pytest.mark.parametrize(
    ("text", "is_contact"),
    [
        ("26123456", True),
        ("2 6 1 2 3 4 5 6", True),
        ("00371 26123456", True),
        ("+44 20 7946 0958", True),
        ("raksti a.b+c@example.co.uk!", True),
        ("facebook.com/anna.berzina", True),
        ("1500 EUR", False),
        ("12345678901234567890", False),
        ("izmērs 200x160, 2019. gads", False),
        ("@ 5 EUR", False),
    ],
)
def test_what_looks_like_a_contact_detail(text: str, is_contact: bool) -> None:
    assert has_contacts(text) is is_contact


@pytest.mark.clause("Q2.1", "Q16.2")
def test_the_copy_holds_the_listing_and_not_the_words_of_the_index(person: User, offered: Offer) -> None:
    listing = offered(person, title="Sarkans krēsls")
    listing.refresh_from_db()
    assert "sarkan" in str(listing.words)  # planted
    sink = BytesIO()
    write_copy(sink, subject_of_user(person), case=None, package=None, now=timezone.now())
    with ZipFile(sink) as package:
        told = package.read("data.json").decode()
    assert listing.title in told
    assert "sarkan'" not in told
