"""After a log-out the way back shows nothing private, whoever sits at the computer then."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import RunningSite
from tests.browser.walking import log_in


@pytest.fixture
def telephone(browser: Browser, running_site: RunningSite) -> Iterator[Page]:
    context = browser.new_context(
        base_url=running_site.url, locale="lv-LV", viewport={"width": 360, "height": 800}, reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


def test_after_a_log_out_the_way_back_shows_nothing_private(telephone: Page) -> None:
    log_in(telephone, "demo07@example.lv")
    for page in ("/account/", "/messages/"):
        telephone.goto(page)
        expect(telephone.locator("h1")).to_be_visible()
    telephone.goto("/accounts/logout/")
    telephone.locator("main form button[type=submit]").first.click()
    telephone.wait_for_load_state()
    for _page in range(4):
        telephone.go_back()
        expect(telephone.locator("body")).not_to_contain_text("demo07@example.lv")
        assert urlsplit(telephone.url).path not in {"/account/", "/messages/"}, "out of the browser's memory"
