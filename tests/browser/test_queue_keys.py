"""Keys in the queue: only while the focus is in the list and in no field (WCAG 2.1.4), and with a visible help."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import RunningSite
from tests.browser.walking import log_in

QUEUE = "/admin/dsar/subjectrequest/"


@pytest.fixture
def page(browser: Browser, running_site: RunningSite) -> Iterator[Page]:
    context = browser.new_context(base_url=running_site.url)
    yield context.new_page()
    context.close()


def test_the_queue_is_walked_by_keys_which_take_no_letter_from_anything_else(page: Page) -> None:
    log_in(page, "ieva@qlekta.example")
    page.goto(QUEUE)
    links, find = page.locator("#result_list tbody th a"), page.locator("#find-words")
    help_ = page.locator("#queue-keys")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement === document.body"), "a key worked outside the list"
    help_.locator("summary").focus()
    for key, at in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
        page.keyboard.press(key)
        expect(links.nth(at)).to_be_focused()
    page.keyboard.press("?")
    expect(help_.locator("kbd").first).to_be_visible()
    page.keyboard.press("/")
    expect(find).to_be_focused()
    page.keyboard.type("jk/?")
    expect(find).to_have_value("jk/?")
    help_.locator("summary").focus()
    page.keyboard.press("j")
    number = links.first.text_content()
    page.keyboard.press("Enter")
    expect(page.locator("#content h1")).to_have_text(str(number))
