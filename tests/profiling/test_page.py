"""What the profile says, from what, until when and how it is made, in words for its owner (Art. 13(2)(f), 15(1)(h))."""

import io
import zipfile

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from audit.trail import Actor
from consent.services import give, withdraw
from datamap.trace import subject_of_user
from dsar.access_copy import write_copy
from profiling.models import Interest, ItemView
from profiling.services import record_view
from profiling.terms import Seen
from retention.erasure import execute_erasure, plan_erasure
from tests.consents import HOW
from tests.people import log_in

PAGE = "/privacy/profile/"

pytestmark = pytest.mark.usefixtures("published_texts")


@pytest.fixture
def profiled(person: User) -> User:
    now = timezone.now()
    give(person.pk, "PROFILING", **HOW, now=now)
    for number in range(3):
        record_view(subject_of_user(person), Seen(f"item-{number}-q7", "fishing-q7", now), now=now)
    return person


@pytest.mark.clause("Q7.5", "Q16.2")
def test_the_page_says_what_it_says_and_how_it_is_made(profiled: User, client: Client) -> None:
    assert client.get(PAGE).status_code == 302
    log_in(client, profiled)
    page = client.get(PAGE, {"lang": "en"}).content.decode()
    for words in (
        "fishing-q7",
        "item-2-q7",
        "A category with 3 or more enters the profile, at most 5 do",
        "Nothing else follows: no price, no refusal",
        "The record of visits that keeps the site running is not read for it",
        "Each view is forgotten 20 weeks after the view",
        "Object to advertising",
    ):
        assert words in page, words


@pytest.mark.clause("Q16.6")
def test_one_button_on_the_page_ends_and_erases_it(profiled: User, client: Client) -> None:
    log_in(client, profiled)
    assert f'action="{reverse("consent:consents")}"' in client.get(PAGE).content.decode()
    client.post(reverse("consent:consents"), {"purpose": "PROFILING", "action": "withdraw"})
    assert not ItemView.objects.exists()
    assert not Interest.objects.exists()
    page = client.get(PAGE, {"lang": "en"}).content.decode()
    assert "You have not agreed to a profile" in page
    assert "fishing-q7" not in page


def test_looking_at_the_page_changes_nothing_and_shows_nobody_elses(
    profiled: User, other_person: User, client: Client
) -> None:
    log_in(client, other_person)
    page = client.get(PAGE, {"lang": "en"}).content.decode()
    assert "fishing-q7" not in page
    assert (ItemView.objects.count(), Interest.objects.count()) == (3, 1)


@pytest.mark.clause("Q16.2")
def test_the_copy_holds_the_profile_the_views_and_why(profiled: User) -> None:
    sink = io.BytesIO()
    with translation.override("en"):
        write_copy(sink, subject_of_user(profiled), case=None, package=None, now=timezone.now())
    with zipfile.ZipFile(sink) as package:
        text = package.read("index.html").decode()
    for words in ("fishing-q7", "item-1-q7", "nothing else follows from it"):
        assert words in text, words


@pytest.mark.clause("Q16.7")
def test_an_erasure_takes_all_of_it(profiled: User) -> None:
    subject, now = subject_of_user(profiled), timezone.now()
    plan = plan_erasure(subject, now=now, archive=False)
    execute_erasure(
        case_number="QP-2026-PROFILE",
        subject=subject,
        plan_digest=plan.digest,
        objection_to_archive=True,
        actor=Actor.system("test"),
        now=now,
    )
    assert not ItemView.objects.exists()
    assert not Interest.objects.exists()


def test_on_the_page_of_consents_one_link_leads_to_it(profiled: User, client: Client) -> None:
    log_in(client, profiled)
    assert PAGE in client.get(reverse("consent:consents")).content.decode()
    withdraw(profiled.pk, "PROFILING", **HOW, now=timezone.now())
    assert PAGE in client.get(reverse("consent:consents")).content.decode()
