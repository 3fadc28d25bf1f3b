"""One person, the whole way through, in a real browser against the real web server, worker and scheduler."""

import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest
from playwright.sync_api import Locator, Page, Request, expect

from tests.browser.conftest import RunningSite
from tests.browser.mails import link_in_mail
from tests.browser.waiting import until

EMAIL = "marta@example.lv"
PASSWORD = "Sarkana-upe-19"


@pytest.fixture
def watched(page: Page, running_site: RunningSite) -> Iterator[Page]:
    """A page whose every console error and every request to another origin fails the test."""
    complaints: list[str] = []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.extend(foreign(request, running_site.url)))
    yield page
    assert complaints == []


def foreign(request: Request, origin: str) -> list[str]:
    return [] if urlsplit(request.url).netloc == urlsplit(origin).netloc else [f"request to {request.url}"]


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any], running_site: RunningSite) -> dict[str, Any]:
    return {**browser_context_args, "base_url": running_site.url, "locale": "en-GB"}


@pytest.fixture
def one_value(running_site: RunningSite) -> Callable[..., Any]:
    """Asks the database, as the owner of the tables, for one value."""

    def ask(sql: str, *values: object) -> Any:
        with psycopg2.connect(running_site.owner_database_url) as connection, connection.cursor() as cursor:
            cursor.execute(sql, values)
            row = cursor.fetchone()
            return row[0] if row else None

    return ask


def test_one_person_the_whole_way_through(
    watched: Page, running_site: RunningSite, one_value: Callable[..., Any], tmp_path: Path
) -> None:
    page = watched
    choose_cookies(page)
    sign_up(page, running_site, one_value)
    log_in(page)
    give_and_withdraw(page)
    read_the_copy(*order_copy(page, tmp_path))
    receipt_page = erase(page, one_value)
    read_receipt(page, receipt_page, tmp_path)
    cannot_come_back(page)


def choose_cookies(page: Page) -> None:
    """Nothing before the choice, then functional only, from the settings page."""
    page.goto("/")
    assert page.context.cookies() == []
    banner = page.locator("#cookie-banner")
    expect(banner.get_by_role("button", name="Accept all")).to_be_visible()
    reject = banner.get_by_role("button", name="Reject all")
    expect(reject).to_be_visible()
    assert height(reject) == height(banner.get_by_role("button", name="Accept all"))
    page.goto("/cookies/")
    page.get_by_role("checkbox", name="Memory for your language").check()
    page.get_by_role("button", name="Save my choice").click()
    expect(page.locator("#cookie-banner")).to_have_count(0)
    assert [cookie["name"] for cookie in page.context.cookies()] == ["cookie_consent"]


def height(button: Locator) -> float:
    box = button.bounding_box()
    assert box is not None
    return box["height"]


def sign_up(page: Page, running_site: RunningSite, one_value: Callable[..., Any]) -> None:
    page.goto("/accounts/signup/")
    for box in page.locator("form input[type=checkbox]").all():
        assert not box.is_checked()
    page.locator("[name=email]").fill(EMAIL)
    page.locator("[name=password1]").fill(PASSWORD)
    page.locator("[name=given_name]").fill("Marta")
    page.locator("[name=family_name]").fill("Ābele")
    page.locator("[name=age_confirmed]").check()
    page.get_by_role("button", name="Sign up").click()
    page.goto(link_in_mail(EMAIL, running_site.mail, "confirm-email/"))
    page.get_by_role("button", name=re.compile("confirm", re.IGNORECASE)).click()
    assert one_value("SELECT verified FROM account_emailaddress WHERE email = %s", EMAIL) is True
    assert one_value("SELECT count(*) FROM consent_consentevent WHERE method = 'signup_form'") == 0


def log_in(page: Page) -> None:
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(EMAIL)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Log in").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()


def step_up(page: Page) -> None:
    """Gives the password again where it is asked for."""
    if "reauthenticate" in page.url:
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("main form button[type=submit]").first.click()


def give_and_withdraw(page: Page) -> None:
    page.goto("/privacy/")
    page.get_by_role("link", name="Consents and newsletters").click()
    card = page.locator("#marketing_email")
    card.get_by_role("button", name="Give consent").click()
    expect(card.locator(".tag")).to_have_text("given")
    card.get_by_role("button", name="Withdraw consent").click()
    expect(card.locator(".tag")).to_have_text("withdrawn")


def order_copy(page: Page, directory: Path) -> tuple[Path, str]:
    page.goto("/privacy/")
    page.get_by_role("link", name="Get my copy").click()
    step_up(page)
    page.get_by_role("button", name="Send the request").click()
    step_up(page)
    number = page.locator("h1").inner_text().split()[-1]
    expect(page.get_by_role("link", name="To the download")).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="To the download").click()
    step_up(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download", exact=True).click()
    file = directory / "copy.zip"
    download.value.save_as(file)
    return file, number


def read_the_copy(file: Path, number: str) -> None:
    with zipfile.ZipFile(file) as package:
        page = package.read("index.html").decode()
        data = package.read("data.json").decode()
        manifest = json.loads(package.read("manifest.json"))
    for text in (page, data):
        assert EMAIL in text
        assert "Ābele" in text
    assert number in page
    assert not re.search(r"(?:src|href)=[\"']https?://(?!www\.)", page.replace("https://www.dvi.gov.lv", ""))
    assert "argon2" not in data
    assert manifest


def erase(page: Page, one_value: Callable[..., Any]) -> str:
    # Only those with time left: a sweep may take an older record that has come to its end meanwhile.
    living = "SELECT count(*) FROM retention_archiverecord WHERE ends_at > now()"
    archives = one_value(living)
    page.goto("/account/delete/")
    step_up(page)
    expect(page.get_by_role("heading", name="What goes")).to_be_visible()
    expect(page.get_by_role("heading", name="What stays, why and until when")).to_be_visible()
    assert not page.locator("[name=objection]").is_checked()
    page.locator("[name=confirm]").check()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("link", name="Save the signed receipt")).to_be_visible(timeout=60_000)
    assert one_value("SELECT count(*) FROM accounts_user WHERE email = %s", EMAIL) == 0
    assert one_value(living) == archives + 1
    return page.url


def read_receipt(page: Page, address: str, directory: Path) -> None:
    page.context.clear_cookies()
    page.goto(address)
    with page.expect_download() as download:
        page.get_by_role("link", name="Save the signed receipt").click()
    file = directory / "receipt.json"
    download.value.save_as(file)
    text = file.read_text(encoding="utf-8")
    assert EMAIL not in text
    assert "Ābele" not in text
    assert json.loads(text)["state"] == "done", json.loads(text)
    page.goto("/privacy/verify/")
    page.locator("textarea").fill(text)
    page.locator("main form button[type=submit]").click()
    expect(page.locator(".notice.success")).to_be_visible()
    page.locator("textarea").fill(
        text.replace('"state": "done"', '"state": "gone"').replace('"state":"done"', '"state":"gone"')
    )
    page.locator("main form button[type=submit]").click()
    expect(page.locator(".notice.success")).to_have_count(0)


def cannot_come_back(page: Page) -> None:
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(EMAIL)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Log in").click()
    expect(page.locator(".error-summary")).to_be_visible()


@pytest.mark.clause("Q5.11", "Q10.4")
def test_the_scheduler_purges_old_visits_and_destroys_archives_that_are_due(
    running_site: RunningSite, one_value: Callable[..., Any]
) -> None:
    """The demo plants visits of 21 weeks and an archive of more than six years; nobody but beat touches them."""

    def purged() -> bool:
        old = one_value("SELECT count(*) FROM visits_visit WHERE at <= now() - interval '140 days 1 hour'")
        due = one_value("SELECT count(*) FROM retention_archiverecord WHERE ends_at <= now()")
        return old == 0 and due == 0

    assert until(purged, "the scheduler's purge")
    assert one_value("SELECT sum(deleted) FROM retention_sweeprun WHERE applied AND \"table\" = 'visits.Visit'") > 0
    assert one_value("SELECT count(*) FROM visits_visit") > 0
    assert one_value("SELECT count(*) FROM retention_archiverecord") >= 1


def test_an_officer_sees_the_cases_by_due_date(watched: Page, one_value: Callable[..., Any]) -> None:
    page = watched
    page.goto("/accounts/login/?next=/admin/")
    page.locator("[name=login]").fill("ieva@qlekta.example")
    page.locator("[name=password]").fill("Zilais-kalns-7")
    page.locator("main form button[type=submit]").click()
    page.goto("/admin/dsar/subjectrequest/")
    expect(page.locator("#result_list tbody tr").first).to_be_visible()
    page.locator("#result_list tbody tr th a").first.click()
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    assert one_value("SELECT count(*) FROM audit_entry WHERE actor_kind = 'staff'") > 0
