"""Subscribing without an account: asked twice, proved once, the same answer for every address (Q13.3, Q13.8, Q13.9)."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from consent.models import ConsentEvent, SubscriptionEvidence
from consent.queries import current_status
from consent.services import refuse
from datamap.gate import may_process
from datamap.registry import registry
from datamap.trace import Subject
from mailing.models import OutgoingMessage
from mailing.sealing import open_letter
from mailing.services import is_suppressed, suppress
from newsletters.models import Subscription, SubscriptionRequest
from newsletters.services import LinkOver, confirm
from newsletters.stopping import way_out
from retention.sweeps import sweep
from vault.models import DataKey
from vault.signing import is_ours
from vault.tokens import email_token

LIGA = "liga@example.lv"
PAGE = "/newsletter/"

pytestmark = pytest.mark.usefixtures("published_texts")


def subscribe(client: Client, address: str = LIGA, **more: str) -> Any:
    page = client.get(PAGE).content.decode()
    shown = re.search(r'name="shown" value="([0-9a-f]{64})"', page)
    assert shown
    form = {"email": address, "agreed": "on", "old_enough": "on", "shown": shown[1], **more}
    return client.post(PAGE, {name: value for name, value in form.items() if value})


def letter_to(address: str) -> str:
    return open_letter(OutgoingMessage.objects.filter(to_address=address).latest("created_at")).text


def link_in(letter: str) -> str:
    found = re.search(r"https?://[^/\s]+(/newsletter/\S+)", letter)
    assert found
    return found[1]


def wanted(address: str = LIGA) -> bool:
    return bool(may_process(Subject(emails=frozenset({address})), "MARKETING_EMAIL", now=timezone.now()))


@pytest.mark.clause("Q13.8", "Q13.9", "Q13.3")
def test_nothing_is_sent_before_the_holder_of_the_mailbox_says_yes(client: Client) -> None:
    assert subscribe(client).status_code == 302
    assert not wanted()
    link = link_in(letter_to(LIGA))
    assert client.get(link).status_code == 200  # as a program does that opens every link of a mail
    assert not ConsentEvent.objects.exists()
    assert client.post(link).status_code == 200
    assert wanted()
    event = ConsentEvent.objects.get()
    assert (event.purpose, event.state, event.method) == ("MARKETING_EMAIL", "given", "newsletter_form")
    assert event.text_sha256
    assert event.place == "/newsletter/confirm/<slug:secret>/"
    assert SubscriptionEvidence.objects.get().ip == "127.0.0.1"
    assert not SubscriptionRequest.objects.exists()
    assert client.post(link).status_code == 404, "a link works once"


def test_whoever_confirms_can_save_the_signed_receipt_without_an_account(client: Client) -> None:
    subscribe(client)
    page = client.post(link_in(letter_to(LIGA))).content.decode()
    address = re.search(r'href="(/newsletter/receipt/[^"]+)"', page)
    assert address
    document = client.get(address[1]).json()
    assert is_ours(document)
    record = document["dpv:hasRecordOfActivity"]
    assert record["dpv:hasDataSubject"]["dct:identifier"] == email_token(LIGA)
    assert LIGA not in json.dumps(document)
    assert client.get(address[1][:-2] + "A/").status_code == 404
    assert client.get(reverse("newsletters:receipt", args=[way_out(LIGA).split("/")[-2]])).status_code == 404


def test_the_page_sets_no_cookie_and_the_database_holds_no_address_in_the_clear(client: Client) -> None:
    subscribe(client)
    assert not client.cookies
    with connection.cursor() as cursor:
        cursor.execute("SELECT r::text FROM newsletters_subscriptionrequest r")
        (row,) = cursor.fetchone()
    assert email_token(LIGA) in row
    assert LIGA not in row
    assert LIGA.encode().hex() not in row


@pytest.mark.requirement("I2")
def test_every_address_gets_the_same_answer(client: Client, person: User) -> None:
    Subscription.objects.create(email_token="x" * 43, email=LIGA, language="lv", confirmed_at=timezone.now())
    suppress("grumpy@example.lv", reason="unsubscribed", now=timezone.now())
    answers = [subscribe(client, address) for address in (LIGA, person.email, "grumpy@example.lv", "new@example.lv")]
    assert {(answer.status_code, answer.headers["Location"]) for answer in answers} == {(302, "/newsletter/sent/")}
    assert OutgoingMessage.objects.count() == 4


@pytest.mark.parametrize(
    ("field", "value"), [("email", "not an address"), ("email", ""), ("agreed", ""), ("old_enough", "")]
)
@pytest.mark.clause("Q6.3", "Q13.1")
def test_without_an_address_an_express_yes_and_the_age_nothing_happens(client: Client, field: str, value: str) -> None:
    answer = subscribe(client, **{field: value})
    assert answer.status_code == 400
    assert 'class="error"' in answer.content.decode()
    assert not OutgoingMessage.objects.exists()
    assert not SubscriptionRequest.objects.exists()


def test_a_form_of_another_site_subscribes_nobody(client: Client) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = client.post(PAGE, {"email": LIGA, "agreed": "on", "old_enough": "on"}, headers=headers)
    assert answer.status_code == 403
    assert not SubscriptionRequest.objects.exists()


def test_one_address_gets_three_letters_in_a_week_and_the_newest_counts(client: Client) -> None:
    links = []
    for _ in range(5):
        assert subscribe(client).status_code == 302
        links.append(link_in(letter_to(LIGA)))
    assert OutgoingMessage.objects.count() == 3
    assert client.post(links[0]).status_code == 404
    assert client.post(links[2]).status_code == 200


@pytest.mark.clause("Q13.9")
def test_what_nobody_confirmed_is_gone_after_seven_days(client: Client) -> None:
    subscribe(client)
    link, row = link_in(letter_to(LIGA)), SubscriptionRequest.objects.get()
    holding, over = registry().holding("newsletters.SubscriptionRequest"), row.requested_at + timedelta(days=7)
    assert sweep(holding, now=over - timedelta(seconds=1), apply=True).deleted == 0
    with pytest.raises(LinkOver):
        confirm(link.split("/")[-2], place="/", now=over)
    assert sweep(holding, now=over, apply=True).deleted == 1
    assert not SubscriptionRequest.objects.exists()
    assert not DataKey.objects.filter(owner=row.pk, wrapped__isnull=False).exists()


def test_an_address_of_an_account_consents_for_the_account(client: Client, person: User) -> None:
    subscribe(client, person.email)
    client.post(link_in(letter_to(person.email)))
    assert current_status(person.pk, "MARKETING_EMAIL", now=timezone.now()).permits
    assert wanted(person.email)
    assert not Subscription.objects.exists()


def test_who_opens_an_account_later_keeps_the_newsletter_until_the_account_says_otherwise(
    client: Client, person: User
) -> None:
    subscribe(client, "anna.second@example.lv")
    client.post(link_in(letter_to("anna.second@example.lv")))
    EmailAddress.objects.create(user=person, email="anna.second@example.lv", verified=True)
    assert wanted("anna.second@example.lv")
    refuse(person.pk, "MARKETING_EMAIL", language="lv", method="account", place="/account/", now=timezone.now())
    assert not wanted("anna.second@example.lv")


def test_a_fresh_yes_takes_the_address_off_the_list_of_those_without_advertising(client: Client) -> None:
    suppress(LIGA, reason="unsubscribed", now=timezone.now())
    subscribe(client)
    assert is_suppressed(LIGA), "typing an address changes nothing for its holder"
    client.post(link_in(letter_to(LIGA)))
    assert not is_suppressed(LIGA)
    assert wanted()


def test_who_is_subscribed_already_is_shown_the_way_out(client: Client) -> None:
    subscribe(client)
    client.post(link_in(letter_to(LIGA)))
    subscribe(client)
    assert link_in(letter_to(LIGA)).startswith("/newsletter/stop/")
    assert ConsentEvent.objects.count() == 1


@pytest.mark.parametrize("link", ["x", "a" * 600, "../../etc", "%00", "AAAA"])
def test_a_link_that_is_not_ours_gets_a_page(client: Client, link: str) -> None:
    for kind in ("confirm", "stop"):
        assert client.get(f"/newsletter/{kind}/{link}/").status_code == 404
        assert client.post(f"/newsletter/{kind}/{link}/").status_code == 404


def test_many_forms_from_one_network_are_told_to_wait(client: Client) -> None:
    answers = [subscribe(client, f"somebody{number}@example.lv").status_code for number in range(12)]
    assert answers[0] == 302
    assert answers[-1] == 429
    assert SubscriptionRequest.objects.count() == answers.count(302)


def test_the_page_behind_the_letter_speaks_the_language_of_the_letter(client: Client) -> None:
    subscribe(client)
    link = link_in(letter_to(LIGA))
    browser = Client(headers={"Accept-Language": "en"})
    assert '<html lang="lv">' in browser.get(link).content.decode()
    assert '<html lang="en">' in browser.get(f"{link}?lang=en").content.decode()
    assert '<html lang="lv">' in browser.post(link).content.decode()
