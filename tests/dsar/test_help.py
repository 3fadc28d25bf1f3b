"""Help for people: every page opens for everybody in three languages, leads somewhere, and types no term of its own."""

import re
from collections import Counter
from html import unescape

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from datamap.catalogue import period
from datamap.terms import Right
from dsar import help as pages
from dsar.deadlines import Channel
from dsar.deadlines.arithmetic import EXTENDED_MONTHS, FIRST_MONTHS
from dsar.help import topics
from dsar.services import file_request
from dsar.silence import END_AFTER
from tests.architecture.test_floors import ROOT
from tests.dsar.conftest import NOW

pytestmark = pytest.mark.django_db

LANGUAGES = [code for code, _name in settings.LANGUAGES]
TOPICS = {topic.slug: topic for topic in topics()}
ADDRESSES = [reverse("privacy:help"), *(reverse("privacy:help-topic", args=[slug]) for slug in TOPICS)]
HREF = re.compile(r'href="(/[^"#]*)')
MOST_QUERIES = 12
TYPED = re.compile(
    r"\b(\d+|one|two|three|four|five|six|seven|ten|thirty)\s+(?:\w+\s+)?(minute|hour|day|week|month|year)s?\b",
    re.IGNORECASE,
)


def shown(client: Client, address: str, language: str = "en") -> str:
    answer = client.get(address, {"lang": language})
    assert answer.status_code == 200, address
    return unescape(answer.content.decode())


def main_of(page: str) -> str:
    return page.partition("<main")[2].partition("</main>")[0]


@pytest.mark.clause("Q1.2")
@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_opens_without_an_account_and_sets_no_cookie(client: Client, address: str) -> None:
    said = {language: main_of(shown(client, address, language)) for language in LANGUAGES}
    assert len(set(said.values())) == len(LANGUAGES)
    assert client.cookies == {}


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_opens_with_an_account_and_asks_little(client: Client, person: User, address: str) -> None:
    client.force_login(person)
    shown(client, address)
    for language in LANGUAGES:
        with CaptureQueriesContext(connection) as asked:
            assert f'lang="{language}"' in shown(client, address, language)
        assert len(asked) <= MOST_QUERIES


@pytest.mark.usefixtures("published_texts")
@pytest.mark.parametrize("is_in", [False, True], ids=["visitor", "person"])
def test_every_link_leads_somewhere(client: Client, person: User, *, is_in: bool) -> None:
    if is_in:
        client.force_login(person)
    links = {link for address in ADDRESSES for link in HREF.findall(main_of(shown(client, address)))}
    assert len(links) > len(TOPICS)
    for link in links:
        answer = client.get(link)
        is_at_login = answer.status_code == 302 and answer.headers["Location"].startswith("/accounts/")
        assert answer.status_code == 200 or is_at_login, link


def test_the_index_and_the_footer_lead_to_every_page(client: Client) -> None:
    assert reverse("privacy:help") in HREF.findall(shown(client, "/").partition("<footer")[2])
    assert set(ADDRESSES[1:]) <= set(HREF.findall(main_of(shown(client, ADDRESSES[0]))))


def test_the_pages_of_requests_lead_there(client: Client, person: User) -> None:
    made = file_request(user=person, right=Right.GENERAL, channel=Channel.PORTAL_AUTH, now=NOW)
    assert reverse("privacy:help") in main_of(shown(client, reverse("privacy:request-new")))
    client.force_login(person)
    for address in (reverse("privacy:portal"), reverse("privacy:request-new")):
        assert reverse("privacy:help") in HREF.findall(main_of(shown(client, address)))
    page = main_of(shown(client, reverse("privacy:request-detail", args=[made.number])))
    assert reverse("privacy:help-topic", args=["how-long"]) in HREF.findall(page)


@pytest.mark.parametrize("slug", TOPICS)
def test_a_page_ends_with_the_button_that_does_it(client: Client, slug: str) -> None:
    page = main_of(shown(client, reverse("privacy:help-topic", args=[slug])))
    assert TOPICS[slug].buttons
    for button in TOPICS[slug].buttons:
        assert f'href="{button.address}"' in page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", [slug for slug, topic in TOPICS.items() if topic.terms])
def test_the_terms_shown_are_those_declared(client: Client, slug: str, language: str) -> None:
    page = main_of(shown(client, reverse("privacy:help-topic", args=[slug]), language))
    with translation.override(language):
        for term in TOPICS[slug].terms:
            assert re.search(rf"<dt>{re.escape(str(term.says))}</dt><dd>{re.escape(str(term.period.label))}", page)


def test_a_term_that_changes_changes_on_the_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dsar.help.period", lambda _code: period("VISIT_LOG"))
    page = main_of(shown(client, reverse("privacy:help-topic", args=["archive"])))
    assert "20 weeks" in page
    assert "six years" not in page


def test_no_page_types_a_term() -> None:
    """The numbers stand in the declarations; a page that typed one would stay behind when it changes."""
    words = [path.read_text(encoding="utf-8") for path in (ROOT / "templates/dsar/help").glob("*.html")]
    words += [str(topic.title) + str(topic.lead) for topic in TOPICS.values()]
    assert len(words) > 2 * len(TOPICS)
    assert TYPED.search("kept for six years") is not None
    assert [found.group() for text in words if (found := TYPED.search(text))] == []


def test_what_may_stay_is_what_is_declared(client: Client) -> None:
    page = main_of(shown(client, reverse("privacy:help-topic", args=["delete"])))
    kept = pages.kept()
    assert len(kept) > 20
    with translation.override("en"):
        assert [str(item.label) for item in kept if str(item.label) not in page] == []
        assert [str(item.reason) for item in kept if str(item.reason) not in page] == []


def test_a_page_that_is_none_is_not_found(client: Client) -> None:
    assert client.get("/privacy/help/nothing/").status_code == 404


def test_every_right_is_explained_once() -> None:
    explained = Counter(right for topic in TOPICS.values() for right in topic.rights)
    assert explained == Counter(Right)
    assert all(right in pages.topic_of(right).rights for right in Right)


def test_the_days_of_an_answer_are_those_of_the_arithmetic(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    address = reverse("privacy:help-topic", args=["how-long"])
    said = main_of(shown(client, address))
    assert f"within {FIRST_MONTHS} month at" in said
    assert f"{EXTENDED_MONTHS} months in all" in said
    assert f"After {END_AFTER} days we close" in said
    monkeypatch.setattr("dsar.help_views.EXTENDED_MONTHS", 7)
    assert "7 months in all" in main_of(shown(client, address))


def test_the_archive_is_said_to_hold_what_is_declared(client: Client) -> None:
    page = main_of(shown(client, reverse("privacy:help-topic", args=["archive"])))
    with translation.override("en"):
        said = {str(label) for label in pages.archived()}
    assert len(said) > 3
    assert said | {"when the account was deleted"} == set(re.findall(r"<li>([^<]*)</li>", page))
