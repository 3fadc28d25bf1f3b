"""A figure that moves on an open page without a reload, what is typed beside it, and the size of My privacy."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import psycopg2
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import RunningSite
from tests.browser.walking import log_in
from tests.people import PASSWORD

MOST_BYTES: Final = 60_000

Run = Callable[..., None]


@pytest.fixture
def site_page(browser: Browser, running_site: RunningSite) -> Iterator[Page]:
    context = browser.new_context(base_url=running_site.url, locale="en-GB")
    yield context.new_page()
    context.close()


@pytest.fixture
def run(running_site: RunningSite) -> Run:
    """Changes the database as the owner of its tables, in place of a worker that takes its time."""

    def execute(sql: str, *values: object) -> None:
        with psycopg2.connect(running_site.owner_database_url) as connection, connection.cursor() as cursor:
            cursor.execute(sql, values)

    return execute


def step_up(page: Page) -> None:
    if "/reauthenticate/" in page.url:
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("main form button[type=submit]").first.click()


_HELD: Final = """
CREATE FUNCTION hold_package() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.state := 'building'; NEW.rows_done := 10; NEW.rows_total := 100;
    NEW.lease := gen_random_uuid(); NEW.leased_until := now() + interval '1 hour';
    RETURN NEW;
END $$;
CREATE TRIGGER hold_package BEFORE INSERT ON dsar_package FOR EACH ROW EXECUTE FUNCTION hold_package();
"""
_LET_GO: Final = "DROP TRIGGER hold_package ON dsar_package; DROP FUNCTION hold_package();"
_OF: Final = "WHERE request_id = (SELECT id FROM dsar_subjectrequest WHERE number = %s)"
_MOVED: Final = f"UPDATE dsar_package SET rows_done = %s {_OF}"
_FREE: Final = f"UPDATE dsar_package SET state = 'queued', lease = NULL, leased_until = NULL {_OF}"


@pytest.fixture
def busy(run: Run) -> Iterator[None]:
    """As if another worker had just taken every copy that is asked for, and written ten of a hundred records."""
    run(_HELD)
    yield
    run(_LET_GO)


def ask_for_copy(page: Page) -> str:
    page.goto("/privacy/requests/new/?right=access")
    step_up(page)
    page.locator("main form button[type=submit]").last.click()
    step_up(page)
    expect(page.locator("progress")).to_have_attribute("value", "10", timeout=15_000)
    return page.locator("h1").inner_text().split()[-1]


@pytest.mark.usefixtures("busy")
def test_a_copy_moves_on_without_a_reload_and_typed_text_survives(site_page: Page, run: Run) -> None:
    log_in(site_page, "demo03@example.lv")
    number = ask_for_copy(site_page)
    site_page.goto(f"/privacy/requests/{number}/?write=1")
    bar = site_page.locator("progress")
    expect(bar).to_have_attribute("value", "10")
    site_page.evaluate("window.stayed = true")
    site_page.locator("textarea").first.fill("half a sentence")
    run(_MOVED, 60, number)
    expect(bar).to_have_attribute("value", "60", timeout=15_000)
    expect(site_page.locator("#live-copy")).to_contain_text("atlikuši 40 no 100")
    expect(site_page.locator("p.visually-hidden[role=status]")).to_contain_text("60 %")
    run(_FREE, number)
    expect(site_page.locator("main a[href$='/package/']")).to_be_visible(timeout=90_000)
    expect(bar).to_have_count(0)
    assert site_page.locator("textarea").first.input_value() == "half a sentence"
    assert site_page.evaluate("window.stayed") is True


@pytest.mark.usefixtures("busy")
def test_without_script_the_page_is_loaded_again(browser: Browser, running_site: RunningSite, run: Run) -> None:
    context = browser.new_context(base_url=running_site.url, locale="en-GB", java_script_enabled=False)
    page = context.new_page()
    log_in(page, "demo04@example.lv")
    number = ask_for_copy(page)
    run(_MOVED, 70, number)
    expect(page.locator("progress")).to_have_attribute("value", "70", timeout=15_000)
    context.close()


def test_my_privacy_is_small(site_page: Page) -> None:
    log_in(site_page, "demo01@example.lv")
    line: Any = site_page.context.new_cdp_session(site_page)
    sizes: list[float] = []
    line.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    line.send("Network.enable")
    line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    site_page.goto("/privacy/")
    site_page.wait_for_load_state("networkidle")
    assert len(sizes) >= 3
    assert sum(sizes) < MOST_BYTES
