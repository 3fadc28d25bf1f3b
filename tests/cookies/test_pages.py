"""The banner and the settings, as a visitor without scripts and without cookies uses them."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consent.models import ConsentEvent, RefusalCount, TextVersion
from consent.queries import cookie_status, receipt_token
from cookies.choice import CookieConsent, read_choice
from cookies.cookies import CONSENT_COOKIE, OURS
from cookies.registry import declared, register
from tests.cookies.conftest import ADVERTS, MEASURING, Declare
from tests.database import as_owner

CHOICE = "/cookies/choice/"


class Elements(HTMLParser):
    """The start tags of a page with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str, **attributes: str) -> list[dict[str, str | None]]:
        return [found for name, found in self.found if name == tag and attributes.items() <= found.items()]


def page(client: Client, address: str = "/") -> str:
    return client.get(address).content.decode()


def choose(client: Client, choice: str, **more: object) -> None:
    answer = client.post(CHOICE, {"choice": choice, "next": "/", **more})
    assert answer.status_code == 303


def stored(client: Client) -> str:
    return client.cookies[CONSENT_COOKIE].value


def consent_of(client: Client) -> CookieConsent:
    return read_choice(stored(client), register=register(), signal=False, today=timezone.now().date())


@pytest.mark.clause("Q11.5")
def test_accepting_and_rejecting_stand_side_by_side_as_equals(visitor: Client) -> None:
    elements = Elements(page(visitor))
    accept, reject = (elements.all("button", name="choice", value=value)[0] for value in ("accept", "reject"))
    assert accept | {"value": ""} == reject | {"value": ""}
    assert not elements.all("input", type="checkbox")


@pytest.mark.clause("Q11.16")
def test_whoever_accepted_has_a_signed_receipt_by_the_number_in_the_own_browser(visitor: Client) -> None:
    address = reverse("cookies:receipt", args=["language"])
    assert visitor.get(address).status_code == 404
    choose(visitor, "accept")
    assert address in page(visitor, "/cookies/")
    answer = visitor.get(address)
    document = json.loads(answer.content)
    assert 'filename="consent-cookie-functional.jsonld"' in answer["Content-Disposition"]
    number = UUID(hex=stored(visitor).rpartition(".")[2])
    record = document["dpv:hasRecordOfActivity"]
    assert record["dpv:hasDataSubject"]["dct:identifier"] == receipt_token(number)
    checked = visitor.post("/privacy/verify/?lang=en", {"text": json.dumps(document)})
    assert "Valid: we signed" in checked.content.decode()
    assert Client().get(address).status_code == 404, "another browser has no number"
    assert visitor.get(reverse("cookies:receipt", args=["login"])).status_code == 404


@pytest.mark.clause("Q11.5")
def test_the_banner_is_the_first_thing_on_the_page_and_covers_nothing(visitor: Client) -> None:
    body = page(visitor).partition("<body>")[2]
    before, _, banner = body.partition('<section id="cookie-banner"')
    assert re.findall("<([a-z]+)", before) == ["a"], "only the skip link stands before it"
    assert "aria-modal" not in body
    banner = banner.partition("</section>")[0]
    assert len(banner.encode()) < 2048
    assert "SIA Qlekta" in banner


@pytest.mark.clause("Q11.5", "Q11.16")
def test_a_refusal_takes_one_click_and_leaves_no_identifier(visitor: Client) -> None:
    choose(visitor, "reject")
    assert re.fullmatch(r"2\.0[0-9a-f]{6}\.[0-9]{8}", stored(visitor))
    assert not ConsentEvent.objects.exists()
    counted = RefusalCount.objects.get()
    assert (counted.count, counted.method) == (1, "cookie_banner")
    assert 'id="cookie-banner"' not in page(visitor)
    choose(Client(headers={"sec-fetch-site": "same-origin"}), "reject")
    assert RefusalCount.objects.get().count == 2


@pytest.mark.clause("Q11.16")
def test_an_acceptance_is_an_event_under_a_random_receipt(visitor: Client) -> None:
    choose(visitor, "accept")
    receipt = UUID(hex=stored(visitor).rpartition(".")[2])
    event = ConsentEvent.objects.get()
    assert (event.purpose, event.state, event.method) == ("COOKIE_FUNCTIONAL", "given", "cookie_banner")
    assert event.subject_token == receipt_token(receipt)
    assert (event.language, event.text_version) == ("lv", "2026-11")
    assert event.scope == "language"
    assert event.evidence["notice"] == register().notice
    assert event.evidence["cookies"].startswith("language http 182 days")
    assert not RefusalCount.objects.exists()
    assert str(receipt) in page(visitor, "/cookies/")


@pytest.mark.clause("Q0.4")
def test_the_proof_names_the_language_in_which_the_banner_was_read(visitor: Client) -> None:
    form = Elements(page(visitor, "/?lang=ru")).all("form")[0]
    visitor.post(str(form["action"]), {"choice": "accept", "next": "/"})
    assert ConsentEvent.objects.get().language == "ru"


@pytest.mark.clause("Q11.8", "Q11.16")
def test_a_withdrawal_is_recorded_under_the_receipt_and_deletes_at_once(visitor: Client) -> None:
    choose(visitor, "accept")
    receipt = UUID(hex=stored(visitor).rpartition(".")[2])
    visitor.post("/language/", {"language": "en", "next": "/"})
    assert visitor.cookies["language"].value == "en"
    answer = visitor.post(CHOICE, {"choice": "save", "from": "settings", "next": "/cookies/"})
    assert answer.cookies["language"]["max-age"] == 0
    assert list(ConsentEvent.objects.values_list("state", flat=True)) == ["given", "withdrawn"]
    assert not cookie_status(receipt, "COOKIE_FUNCTIONAL", "language", at=timezone.now()).permits
    assert stored(visitor).count(".") == 2


@pytest.mark.clause("Q11.9")
@pytest.mark.usefixtures("three_switches")
@pytest.mark.parametrize("service", ["language", "measuring", "adverts"])
def test_each_switch_works_alone(visitor: Client, service: str) -> None:
    boxes = Elements(page(visitor, "/cookies/")).all("input", type="checkbox")
    assert {box["value"] for box in boxes} == {"language", "measuring", "adverts"}
    assert not any("checked" in box for box in boxes)
    choose(visitor, "save", service=service)
    assert [event.scope for event in ConsentEvent.objects.all()] == [service]
    after = Elements(page(visitor, "/cookies/")).all("input", type="checkbox")
    assert [box["value"] for box in after if "checked" in box] == [service]


@pytest.mark.usefixtures("three_switches")
def test_a_later_change_stays_under_the_same_receipt(visitor: Client) -> None:
    choose(visitor, "save", service="language")
    choose(visitor, "save", service=["language", "measuring"])
    tokens = set(ConsentEvent.objects.values_list("subject_token", flat=True))
    assert len(tokens) == 1
    states = ConsentEvent.objects.values_list("purpose", "state")
    assert list(states) == [
        ("COOKIE_FUNCTIONAL", "given"),
        ("COOKIE_FUNCTIONAL", "renewed"),
        ("COOKIE_ANALYTICS", "given"),
    ]


@pytest.mark.clause("Q11.9")
def test_one_kind_is_accepted_as_a_whole_and_the_others_stay_as_they_were(visitor: Client, declare: Declare) -> None:
    declare(*OURS, MEASURING, replace(MEASURING, key="counting", cookies=()), ADVERTS)
    choose(visitor, "reject:marketing")
    choose(visitor, "accept:analytics")
    consent = consent_of(visitor)
    assert consent.answers == {"adverts": False, "measuring": True, "counting": True}
    assert [service.key for service in consent.asks] == ["language"]
    assert RefusalCount.objects.get().count == 1


@pytest.mark.usefixtures("three_switches")
def test_one_service_is_allowed_on_the_spot_and_nothing_else_with_it(visitor: Client) -> None:
    choose(visitor, "show:adverts")
    event = ConsentEvent.objects.get()
    assert (event.scope, event.method) == ("adverts", "cookie_placeholder")
    assert consent_of(visitor).services == {"adverts"}
    assert 'id="cookie-banner"' in page(visitor), "the others were not decided"


@pytest.mark.usefixtures("three_switches")
def test_an_older_answer_is_not_kept_for_longer_by_a_new_one(visitor: Client, time_machine: Any) -> None:
    start = timezone.now()
    choose(visitor, "show:adverts")
    time_machine.move_to(start + timedelta(days=100))
    choose(visitor, "show:measuring")
    assert consent_of(visitor).chosen_on == start.date()


def test_an_invented_receipt_is_replaced(visitor: Client) -> None:
    choose(visitor, "accept")
    invented = stored(visitor).rpartition(".")[0] + "." + "0" * 32
    visitor.cookies[CONSENT_COOKIE] = invented
    choose(visitor, "accept")
    assert stored(visitor) != invented
    assert not ConsentEvent.objects.filter(subject_token=receipt_token(UUID(int=0))).exists()


@pytest.mark.clause("Q11.7")
@pytest.mark.usefixtures("three_switches")
def test_the_table_shows_every_cookie_with_everything_about_it(visitor: Client) -> None:
    shown = page(visitor, "/cookies/?lang=en")
    rows = re.findall(r'<tr>\s*<th scope="row">(.+?)</th>(.+?)</tr>', shown, re.DOTALL)
    cells = {name: re.findall(r"<td\b[^>]*>(.+?)</td>", cell, re.DOTALL) for name, cell in rows}
    assert {"sessionid", "csrftoken", "cookie_consent", "language", "_ms_*", "_ad"} == set(cells)
    assert all(len(found) == 6 for found in cells.values())
    assert cells["language"][5] == "at most 182 days"
    assert cells["_ad"][2] == "third party"
    assert "standard contractual clauses" in cells["_ad"][4]


@pytest.mark.clause("Q11.7")
def test_the_storage_time_in_the_table_is_that_of_the_browser(visitor: Client) -> None:
    choose(visitor, "accept")
    visitor.post("/language/", {"language": "en"})
    lifetimes = {cookie.name: cookie.lifetime for service in declared() for cookie in service.cookies}
    for name in (CONSENT_COOKIE, "language"):
        lifetime = lifetimes[name]
        assert lifetime is not None
        assert int(visitor.cookies[name]["max-age"]) == lifetime.total_seconds()
        assert visitor.cookies[name]["httponly"]
        assert visitor.cookies[name]["samesite"] == "Lax"


@pytest.mark.clause("Q11.6")
@pytest.mark.parametrize("address", ["/", "/cookies/", "/privacy/policy/", "/accounts/login/", "/nothing-here/"])
def test_every_page_leads_to_the_settings(visitor: Client, address: str) -> None:
    footer = page(visitor, address).partition("<footer")[2]
    assert f'href="{reverse("cookies:settings")}"' in footer


@pytest.mark.clause("Q12.1")
def test_what_is_missing_without_consent_is_said_and_nothing_else_is(visitor: Client) -> None:
    shown = page(visitor, "/cookies/?lang=en")
    assert "another language has to be chosen anew on each page" in shown
    choose(visitor, "reject")
    for address in ("/", "/accounts/signup/", "/privacy/policy/"):
        assert visitor.get(address).status_code == 200


@pytest.mark.clause("Q11.10", "Q11.11")
def test_the_help_of_the_browsers_is_linked_and_analytics_only_if_registered(visitor: Client) -> None:
    links = [link["href"] for link in Elements(page(visitor, "/cookies/")).all("a", rel="noopener noreferrer")]
    assert len(links) == 5
    assert not any("gaoptout" in str(link) for link in links)


@pytest.mark.clause("Q11.5")
def test_the_choice_is_confirmed_on_the_page_the_visitor_was_on(visitor: Client) -> None:
    answer = visitor.post(CHOICE, {"choice": "reject", "next": "/privacy/policy/?lang=en"})
    assert answer.headers["Location"] == "/privacy/policy/?lang=en&cookies=saved#cookie-confirmation"
    after = page(visitor, answer.headers["Location"])
    assert 'role="status"' in after
    assert "You rejected all optional cookies" in after


@pytest.mark.requirement("H11")
@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example", ""]
)
def test_the_way_back_never_leads_elsewhere(visitor: Client, target: str) -> None:
    answer = visitor.post(CHOICE, {"choice": "reject", "next": target})
    assert answer.headers["Location"] == "/?cookies=saved#cookie-confirmation"


@pytest.mark.requirement("H4")
@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {},
    ],
)
@pytest.mark.parametrize("address", [CHOICE, "/language/"])
def test_nobody_else_can_choose_for_the_visitor(
    db: None, published_texts: None, headers: dict[str, str], address: str
) -> None:
    answer = Client(headers=headers).post(address, {"choice": "accept", "language": "en"})
    assert answer.status_code == 403
    assert not answer.cookies
    assert not ConsentEvent.objects.exists()


def test_an_older_browser_is_known_by_its_origin(db: None, published_texts: None) -> None:
    answer = Client(headers={"origin": "http://testserver"}).post(CHOICE, {"choice": "reject"})
    assert answer.status_code == 303


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"choice": "perhaps"},
        {"choice": "save", "service": "everything"},
        {"choice": "accept:necessary"},
        {"choice": "show:choice"},
    ],
)
def test_a_choice_that_does_not_exist_gets_a_sentence_and_stores_nothing(visitor: Client, form: dict[str, str]) -> None:
    answer = visitor.post(CHOICE, form)
    assert answer.status_code == 400
    assert not answer.cookies
    assert not ConsentEvent.objects.exists()
    assert not RefusalCount.objects.exists()


def test_looking_at_the_address_of_the_choice_changes_nothing(visitor: Client) -> None:
    answer = visitor.get(CHOICE, {"choice": "accept"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/cookies/")
    assert not answer.cookies


def test_where_nothing_optional_is_in_use_nobody_is_asked(visitor: Client, declare: object) -> None:
    declare(*[service for service in declared() if service.category == "necessary"])  # type: ignore[operator]
    assert 'id="cookie-banner"' not in page(visitor)
    assert not Elements(page(visitor, "/cookies/")).all("input", type="checkbox")


def test_a_browser_that_signals_refusal_sees_no_banner(visitor: Client) -> None:
    answer = visitor.get("/", headers={"sec-gpc": "1"})
    assert 'id="cookie-banner"' not in answer.content.decode()


def test_before_the_texts_are_published_nobody_is_asked(db: None) -> None:
    assert Client().get("/").status_code == 200


@pytest.mark.usefixtures("three_switches")
def test_the_banner_asks_the_database_nothing(visitor: Client, django_assert_num_queries: Any) -> None:
    page(visitor)
    with django_assert_num_queries(0):
        assert 'id="cookie-banner"' in page(visitor)


def test_new_words_are_shown_a_minute_later_at_the_latest(visitor: Client, time_machine: Any) -> None:
    page(visitor)
    with as_owner():
        TextVersion.objects.filter(code="COOKIE_FUNCTIONAL").update(body="Citi vārdi.")
    time_machine.move_to(timezone.now() + timedelta(seconds=61))
    assert "Citi vārdi." in page(visitor)


@pytest.mark.usefixtures("three_switches")
def test_each_visitor_is_asked_in_the_own_language_about_what_is_left_to_ask(visitor: Client) -> None:
    def asked(client: Client, language: str) -> str:
        return page(client, f"/?lang={language}").partition('<section id="cookie-banner"')[2].partition("</section>")[0]

    other = Client(headers={"sec-fetch-site": "same-origin"})
    choose(other, "show:adverts")
    for _turn in range(2):
        assert "Marketing" in asked(visitor, "en")
        assert "Mārketinga" in asked(visitor, "lv")
        assert "Analytical" in asked(other, "en")
        assert "Marketing" not in asked(other, "en")
