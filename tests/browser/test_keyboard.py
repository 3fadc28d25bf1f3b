"""The main journeys without a mouse: each is gone by Tab, Space and Enter, and one always sees where one is."""

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import RunningSite
from tests.browser.walking import log_in
from tests.people import PASSWORD

_MOST_STOPS: Final = 80
_PERSON: Final = "demo04@example.lv"
# Where the focus is: on something, with a size, on the screen, with a ring around it.
_LOST: Final = """() => {
  const here = document.activeElement;
  if (!here || here === document.body) return "nowhere";
  const box = here.getBoundingClientRect(), style = getComputedStyle(here);
  if (!box.width || !box.height) return "on what has no size: " + here.outerHTML.slice(0, 120);
  if (box.bottom <= 0 || box.top >= innerHeight) return "off the screen: " + here.outerHTML.slice(0, 120);
  if (style.outlineStyle === "none") return "without a ring: " + here.outerHTML.slice(0, 120);
  return "";
}"""


@pytest.fixture
def keyboard(browser: Browser, running_site: RunningSite) -> Iterator[Page]:
    context = browser.new_context(base_url=running_site.url, locale="en-GB", reduced_motion="reduce")
    yield context.new_page()
    context.close()


def tab_to(page: Page, target: Locator) -> None:
    """Presses Tab until the target has the focus; at each stop one must see where it is."""
    wanted = target.element_handle()
    for _ in range(_MOST_STOPS):
        page.keyboard.press("Tab")
        assert page.evaluate(_LOST) == ""
        if page.evaluate("wanted => wanted === document.activeElement", wanted):
            return
    raise AssertionError(f"no Tab leads to {target}")


def press(page: Page, target: Locator) -> None:
    """Goes to a button or link and presses it; a page follows."""
    tab_to(page, target)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def step_up(page: Page) -> None:
    """Types the password where it is asked for once more."""
    if "reauthenticate" in page.url:
        tab_to(page, page.locator("[name=password]"))
        page.keyboard.type(PASSWORD)
        with page.expect_navigation():
            page.keyboard.press("Enter")


def test_the_first_stop_leads_past_the_header(keyboard: Page) -> None:
    keyboard.goto("/privacy/policy/")
    keyboard.keyboard.press("Tab")
    expect(keyboard.locator(".skip")).to_be_focused()
    expect(keyboard.locator(".skip")).to_be_in_viewport()
    keyboard.keyboard.press("Enter")
    expect(keyboard.locator("#content")).to_be_focused()
    keyboard.keyboard.press("Tab")
    assert keyboard.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_a_focus_without_a_ring_would_be_found(keyboard: Page) -> None:
    keyboard.goto("/")
    keyboard.keyboard.press("Tab")
    assert keyboard.evaluate(_LOST) == ""
    keyboard.evaluate("document.activeElement.style.outline = 'none'")
    assert keyboard.evaluate(_LOST).startswith("without a ring")


def test_cookies_are_refused(keyboard: Page) -> None:
    keyboard.goto("/?lang=en")
    tab_to(keyboard, keyboard.locator("#cookie-banner").get_by_role("button", name="Reject all"))
    keyboard.keyboard.press("Enter")
    expect(keyboard.locator("#cookie-banner")).to_have_count(0)


def test_a_request_is_filed(keyboard: Page) -> None:
    keyboard.goto("/privacy/requests/new/?lang=en&right=access")
    tab_to(keyboard, keyboard.locator("[name=email]"))
    keyboard.keyboard.type("keyboard@example.lv")
    press(keyboard, keyboard.locator("main form[method=post] button").last)
    expect(keyboard.locator(".error-summary")).to_have_count(0)
    assert not keyboard.url.endswith("/new/?lang=en&right=access")


def test_a_consent_is_given_and_withdrawn(keyboard: Page) -> None:
    log_in(keyboard, _PERSON)
    keyboard.goto("/privacy/consents/?lang=en")
    card = keyboard.locator("#loyalty")
    for action, state in (("Give consent", "given"), ("Withdraw consent", "withdrawn")):
        tab_to(keyboard, card.get_by_role("button", name=action))
        keyboard.keyboard.press("Enter")
        expect(card.locator(".tag")).to_have_text(state)


def test_a_copy_is_ordered(keyboard: Page) -> None:
    log_in(keyboard, _PERSON)
    keyboard.goto("/privacy/?lang=en")
    press(keyboard, keyboard.locator("main a[href*='right=access']").first)
    step_up(keyboard)
    press(keyboard, keyboard.locator("main form[method=post] button").last)
    step_up(keyboard)
    expect(keyboard.locator("h1 .whole")).to_be_visible()


def test_an_account_is_nearly_deleted(keyboard: Page) -> None:
    """Up to the last key, which is not pressed."""
    log_in(keyboard, _PERSON)
    keyboard.goto("/account/delete/?lang=en")
    step_up(keyboard)
    tab_to(keyboard, keyboard.locator("[name=confirm]"))
    keyboard.keyboard.press("Space")
    expect(keyboard.locator("[name=confirm]")).to_be_checked()
    tab_to(keyboard, keyboard.get_by_role("button", name="Delete for good"))
