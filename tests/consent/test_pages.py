"""The page of consents and the policy pages, as a person without scripts uses them."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from consent import texts
from consent.models import ConsentEvent, SubscriptionEvidence, TextVersion
from tests.consent.test_publishing import draft

PAGE = "/privacy/consents/"

pytestmark = pytest.mark.usefixtures("published_texts")


@pytest.fixture
def logged_in(client: Client, person: User) -> Client:
    client.force_login(person)
    return client


def press(client: Client, action: str, purpose: str = "PROFILING", **more: str) -> str:
    answer = client.post(PAGE, {"purpose": purpose, "action": action, **more}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.clause("Q16.6")
def test_withdrawing_takes_exactly_the_steps_of_giving(logged_in: Client) -> None:
    forms = logged_in.get(PAGE).content.decode().count('value="give"')
    assert forms == 4
    given = press(logged_in, "give")
    assert 'value="withdraw"' in given
    assert given.count('value="give"') == forms - 1
    withdrawn = press(logged_in, "withdraw")
    assert withdrawn.count('value="give"') == forms
    assert 'role="status"' in withdrawn
    assert list(ConsentEvent.objects.values_list("state", flat=True)) == ["given", "withdrawn"]


@pytest.mark.clause("Q13.3")
def test_a_subscription_on_the_page_keeps_address_and_time(logged_in: Client) -> None:
    press(logged_in, "give", "MARKETING_EMAIL")
    evidence = SubscriptionEvidence.objects.get()
    assert evidence.ip == "127.0.0.1"
    assert evidence.at == ConsentEvent.objects.get().at


@pytest.mark.parametrize(
    "purpose", ["WORLD_DOMINATION", "", "COOKIE_ANALYTICS", "\u202e\u0000'\"<b>", "MARKETING_EMAIL "]
)
def test_an_unknown_purpose_gets_a_sentence_and_stores_nothing(logged_in: Client, purpose: str) -> None:
    answer = logged_in.post(PAGE, {"purpose": purpose, "action": "give"})
    assert answer.status_code == 400
    assert not ConsentEvent.objects.exists()


def test_an_unknown_action_gets_a_sentence_and_stores_nothing(logged_in: Client) -> None:
    answer = logged_in.post(PAGE, {"purpose": "PROFILING", "action": "sell"})
    assert answer.status_code == 400
    assert not ConsentEvent.objects.exists()


def test_words_that_were_replaced_meanwhile_are_not_agreed_to(logged_in: Client) -> None:
    answer = logged_in.post(PAGE, {"purpose": "PROFILING", "action": "give", "wording": "0" * 64})
    assert answer.status_code == 409
    assert not ConsentEvent.objects.exists()


@pytest.mark.clause("Q6.3")
def test_an_account_without_declared_age_is_refused(logged_in: Client) -> None:
    User.objects.update(age_confirmed_at=None, age_text_version="")
    answer = logged_in.post(PAGE, {"purpose": "PROFILING", "action": "give"})
    assert answer.status_code == 403
    assert not ConsentEvent.objects.exists()


def test_nobody_changes_consents_without_logging_in_or_from_elsewhere(person: User) -> None:
    assert Client().post(PAGE, {"purpose": "PROFILING", "action": "give"}).status_code == 403
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person)
    assert strict.post(PAGE, {"purpose": "PROFILING", "action": "give"}).status_code == 403
    assert not ConsentEvent.objects.exists()


def test_before_publication_there_is_a_page_but_nothing_to_agree_to(
    logged_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = TextVersion.objects.filter(code="NOTHING")
    for module in ("consent.views", "consent.texts"):
        monkeypatch.setattr(f"{module}.TextVersion.objects", nothing)
    assert logged_in.get(PAGE).context["cards"] == []
    assert logged_in.post(PAGE, {"purpose": "PROFILING", "action": "give"}).status_code == 409
    assert logged_in.get(reverse("consent:policy")).status_code == 404


def test_looking_changes_nothing(logged_in: Client, client: Client) -> None:
    logged_in.get(PAGE, {"purpose": "PROFILING", "action": "give"})
    assert not ConsentEvent.objects.exists()


@pytest.mark.clause("Q20.4", "Q20.1")
def test_the_policy_shows_the_date_of_its_version_and_all_twenty_clauses(client: Client) -> None:
    page = client.get(reverse("consent:policy"), {"lang": "lv"}).content.decode()
    assert '<time datetime="2020-05-10">' in page
    assert re.findall(r'<h2 id="clause-(\d+)">', page) == [str(number) for number in range(1, 21)]
    assert "Privātuma politika" in page
    assert 'id="precedence"' not in page
    assert "{privacy_email}" not in page


@pytest.mark.clause("Q0.3")
def test_a_translation_says_that_latvian_prevails_and_links_to_it(client: Client) -> None:
    page = client.get(reverse("consent:policy"), {"lang": "en"}).content.decode()
    assert 'id="precedence"' in page
    assert "/privacy/policy/versions/2020-05-10/?lang=lv" in page
    assert "Privacy Policy" in page


def test_a_language_without_translation_gets_the_nearest_with_a_sentence(client: Client) -> None:
    answer = client.get(reverse("consent:policy"), {"lang": "ru"})
    assert answer.context["text"].language == "en"
    assert answer.context["wanted"] == "ru"
    assert 'id="precedence"' in answer.content.decode()


@pytest.mark.clause("Q20.1", "Q20.4")
def test_a_new_version_changes_the_date_and_the_old_one_stays_readable(client: Client, tmp_path: Path) -> None:
    draft(tmp_path, "policy", "2024-02-29", lv="## 1. Jaunais\n\nJauns teksts.")
    texts.publish(now=datetime(2026, 11, 22, tzinfo=UTC), root=tmp_path)
    assert '<time datetime="2024-02-29">' in client.get(reverse("consent:policy")).content.decode()
    versions = client.get(reverse("consent:policy-versions")).content.decode()
    assert versions.index("2024-02-29") < versions.index("2020-05-10")
    assert client.get(reverse("consent:policy-version", args=["2020-05-10"])).status_code == 200
    assert client.get(reverse("consent:policy-version", args=["1999-01-01"])).status_code == 404


def test_both_texts_of_the_policy_have_the_same_build() -> None:
    def build(language: str) -> list[str]:
        body = (texts.ROOT / "policy" / "2020-05-10" / f"{language}.txt").read_text(encoding="utf-8")
        return [
            re.sub(r"[^#\n-].*", "", part) or part[:4].strip("abcdefghijklmnopqrstuvwxyz")
            for part in body.split("\n\n")
        ]

    assert len(build("lv")) == len(build("en"))
    assert [part for part in build("lv") if part[0] in "#-"] == [part for part in build("en") if part[0] in "#-"]
