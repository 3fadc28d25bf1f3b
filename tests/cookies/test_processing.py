"""The Art. 30 record says of cookies what their register says, and a consent what is really done (Q11.3, Q11.15)."""

import gzip
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client
from django.utils import translation

from consent.versions import last_material
from cookies import registry
from cookies.cookies import OURS
from cookies.registry import Category, register
from datamap.catalogue import catalogue
from datamap.register import RegisterEntry, register_entries
from datamap.registry import registry as datamap
from qlekta.catalogue.recipients import GOOGLE
from tests.cookies.conftest import ADVERTS, MEASURING, Declare


def banner_of(visitor: Client, language: str) -> str:
    shown = visitor.get(f"/?lang={language}").content.decode()
    return shown.partition('<section id="cookie-banner"')[2].partition("</section>")[0]


def entries() -> dict[str, RegisterEntry]:
    with translation.override("en"):
        return {entry.table: entry for entry in register_entries() if entry.table.startswith("cookies: ")}


@pytest.mark.clause("Q11.3", "Q11.15")
def test_each_service_in_use_is_an_activity_of_the_record(declare: Declare) -> None:
    declare(*OURS, MEASURING, ADVERTS)
    found = entries()
    assert list(found) == [f"cookies: {service.key}" for service in register().services]
    adverts = found["cookies: adverts"]
    assert adverts.purposes == ("Marketing cookies",)
    assert adverts.lawful_basis.startswith("your consent")
    assert adverts.recipients == ("Measurer OÜ (US)",)
    assert len(adverts.transfers) == 1
    assert adverts.limits == ("_ad: at most 30 days",)
    assert "IP address" in adverts.categories
    login = found["cookies: login"]
    assert (login.recipients, login.transfers) == ((), ())
    assert login.lawful_basis.startswith("a contract")
    assert all(entry.controller and entry.measures and entry.version for entry in found.values())


def test_another_lifetime_is_another_version_of_the_record(declare: Declare) -> None:
    declare(MEASURING)
    before = entries()["cookies: measuring"].version
    (cookie,) = MEASURING.cookies
    declare(replace(MEASURING, cookies=(replace(cookie, lifetime=None),)))
    after = entries()["cookies: measuring"]
    assert after.version != before
    assert after.limits == ("_ms_*: until the browser is closed",)


@pytest.mark.clause("Q11.15")
def test_a_company_stands_there_with_its_contract_only_where_it_is_in_use(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "cookies: google-analytics" not in entries()
    settings.GOOGLE_ANALYTICS_ID, settings.VISITS_BROWSER_SIDE = "G-TEST1234", True
    monkeypatch.setitem(catalogue().recipients, "GOOGLE", GOOGLE)
    found = entries()
    google, ours = found["cookies: google-analytics"], found["cookies: page-use"]
    assert google.purposes == ours.purposes == ("Statistics of visits",)
    assert google.contracts == ("Google Ireland Limited: Google Ads Data Processing Terms, 2020-05-10",)
    assert len(google.transfers) == 1
    assert (ours.recipients, ours.limits) == ((), (ours.erased_after,))


def test_what_a_copy_says_of_the_browser_is_what_the_register_says(declare: Declare) -> None:
    (store,) = [item for item in datamap().stores if item.code == "browser"]
    with translation.override("en"):
        assert str(store.holds).endswith("only if you agreed: Memory for your language")
        declare(*OURS[:2])
        assert str(store.holds) == "Log-in and protection of forms, Your cookie choice"


@pytest.mark.clause("Q11.16")
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("lv", ("kā lietoju lapas", "laika josla", "PDF")),
        ("en", ("how I use the pages", "time zone", "PDF")),
        ("ru", ("как я пользуюсь страницами", "часовой пояс", "PDF")),
    ],
)
def test_who_is_asked_for_statistics_reads_what_is_read_in_the_browser(
    visitor: Client, settings: Any, language: str, words: tuple[str, ...]
) -> None:
    settings.VISITS_BROWSER_SIDE = True
    banner = banner_of(visitor, language)
    assert all(word in banner for word in words)


@pytest.mark.parametrize("language", ["lv", "en", "ru"])
def test_with_everything_switched_on_the_banner_stays_small(visitor: Client, settings: Any, language: str) -> None:
    settings.GOOGLE_ANALYTICS_ID, settings.VISITS_BROWSER_SIDE = "G-TEST1234", True
    settings.YOUTUBE_VIDEO, settings.FACEBOOK_PAGE = "dQw4w9WgXcQ", "qlekta.example"
    banner = banner_of(visitor, language)
    assert all(name in banner for name in ("Google", "Meta", "Qlekta"))
    # Cyrillic letters take two bytes each.
    assert len(banner if language == "ru" else banner.encode()) < 2048
    assert len(gzip.compress(banner.encode())) < 1300


def test_the_scripts_that_ask_and_measure_stay_under_two_kilobytes() -> None:
    for name in ("cookies.js", "google-analytics.js"):
        assert len(gzip.compress((site.BASE_DIR / "static" / name).read_bytes())) < 2048, name


def test_other_words_about_a_consent_ask_again_about_its_services_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert last_material("COOKIE_ANALYTICS") == "2026-11-23"
    assert MEASURING.notice()["wording"] == "2026-11-23"
    before = replace(MEASURING).mark, replace(ADVERTS).mark
    later = {Category.ANALYTICS.purpose: "2027-01"}
    monkeypatch.setattr(registry, "last_material", lambda code: later.get(code, last_material(code)))
    after = replace(MEASURING).mark, replace(ADVERTS).mark
    assert before[0] != after[0]
    assert before[1] == after[1]
