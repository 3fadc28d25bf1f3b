"""The page of consents says since when, in which words, and ends each with one button (Art. 7(3), Q16.6, Q20.3)."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone

from accounts.models import User
from consent import texts
from consent.queries import current_status
from consent.scopes import contact_scope
from consent.services import give, give_by_address
from consent.terms import Method
from newsletters.models import Subscription
from tests.consent.test_publishing import draft
from vault.tokens import email_token

PAGE = "/privacy/consents/"
HOW: dict[str, Any] = {"language": "lv", "method": Method.CONSENTS_PAGE, "place": PAGE}

pytestmark = pytest.mark.usefixtures("published_texts")


@pytest.fixture
def logged_in(client: Client, person: User) -> Client:
    client.force_login(person)
    return client


def publish(root: Path, *, material: bool) -> None:
    draft(root, "loyalty", "2026-11-20", material=material, lv="Pavisam jauni vārdi.", en="Entirely new words.")
    texts.publish(now=datetime(2026, 11, 22, tzinfo=UTC), root=root)


@pytest.mark.clause("Q20.3")
def test_a_material_change_shows_both_wordings_and_asks_anew(logged_in: Client, person: User, tmp_path: Path) -> None:
    give(person.pk, "LOYALTY", **HOW, now=datetime(2026, 11, 10, tzinfo=UTC))
    before = logged_in.get(PAGE, {"lang": "en"}).content.decode()
    assert "changed materially" not in before
    assert "<details><summary>The words" not in before
    publish(tmp_path, material=True)
    page = logged_in.get(PAGE, {"lang": "en"}).content.decode()
    card = re.search(r'<section class="card" id="loyalty".*?</section>', page, re.DOTALL)
    assert card
    assert "changed materially" in card[0]
    assert "Entirely new words." in card[0]
    assert "The words shown to you then (version 2026-11)" in card[0]
    assert "Piekrītu piedalīties" in card[0]
    assert 'value="give"' in card[0]
    assert "/privacy/consents/wordings/LOYALTY/2026-11-20/changes/?from=2026-11" in card[0]
    shown = re.search(r'name="wording" value="([0-9a-f]{64})"', card[0])
    assert shown
    logged_in.post(PAGE, {"purpose": "LOYALTY", "action": "give", "wording": shown[1]})
    assert current_status(person.pk, "LOYALTY", now=timezone.now()).state == "renewed"


@pytest.mark.clause("Q20.3")
def test_an_editorial_change_leaves_the_consent_and_still_shows_the_words_of_then(
    logged_in: Client, person: User, tmp_path: Path
) -> None:
    give(person.pk, "LOYALTY", **HOW, now=datetime(2026, 11, 10, tzinfo=UTC))
    publish(tmp_path, material=False)
    page = logged_in.get(PAGE, {"lang": "en"}).content.decode()
    assert "changed materially" not in page
    assert "The words shown to you then (version 2026-11)" in page
    assert current_status(person.pk, "LOYALTY", now=timezone.now()).permits


@pytest.mark.clause("Q16.6")
def test_each_published_contact_is_ended_with_its_own_button(logged_in: Client, person: User) -> None:
    scopes = [contact_scope(uuid4(), channel) for channel in ("phone", "email")]
    for scope in scopes:
        give(person.pk, "CONTACT_PUBLISH", **HOW, now=timezone.now(), scope=scope)
    page = logged_in.get(PAGE).content.decode()
    assert all(f'name="scope" value="{scope}"' in page for scope in scopes)
    form = {"purpose": "CONTACT_PUBLISH", "action": "withdraw"}
    assert logged_in.post(PAGE, form | {"scope": scopes[0]}).status_code == 302
    states = [current_status(person.pk, "CONTACT_PUBLISH", now=timezone.now(), scope=one).state for one in scopes]
    assert states == ["withdrawn", "given"]
    for odd in ("", "listing:x:phone", scopes[0], contact_scope(uuid4(), "phone")):
        assert logged_in.post(PAGE, form | {"scope": odd}).status_code == 400
    assert logged_in.post(PAGE, form | {"action": "give", "scope": scopes[0]}).status_code == 400


@pytest.mark.clause("Q13.5", "Q13.8", "Q16.6")
def test_the_newsletter_of_a_confirmed_address_is_shown_and_ended_with_one_button(
    logged_in: Client, person: User, other_person: User
) -> None:
    for address in (person.email, other_person.email, "foreign@example.lv"):
        give_by_address(address, "MARKETING_EMAIL", **HOW, now=timezone.now())
        Subscription.objects.create(
            email_token=email_token(address), email=address, language="lv", confirmed_at=timezone.now()
        )
    EmailAddress.objects.create(user=person, email="foreign@example.lv", verified=False)
    page = logged_in.get(PAGE).content.decode()
    assert other_person.email not in page
    assert "foreign@example.lv" not in page, "an address that nobody confirmed may be somebody else's"
    links = re.findall(r'<form method="post" action="(/newsletter/stop/[^"]+)">', page)
    assert len(links) == 1
    logged_in.post(links[0])
    left = set(Subscription.objects.values_list("email_token", flat=True))
    assert left == {email_token(other_person.email), email_token("foreign@example.lv")}
    assert "/newsletter/stop/" not in logged_in.get(PAGE).content.decode()
