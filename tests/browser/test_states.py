"""The states that no link leads to: forms with errors, an open banner, empty lists, and what went wrong."""

import re
from collections.abc import Callable, Iterator
from typing import Final

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import RunningSite
from tests.browser.rules import TELEPHONE, faults
from tests.browser.walking import log_in
from tests.people import PASSWORD

_BUYER: Final = "demo03@example.lv"
# The browser's own messages must not come between: what the server says is looked at.
_WITHOUT_OWN_CHECKS: Final = "document.querySelectorAll('form').forEach((form) => { form.noValidate = true; })"
_UNTIED: Final = """() => [...document.querySelectorAll('[aria-invalid=true]')].filter((field) => {
  const said = (field.closest('fieldset[aria-describedby]') || field).getAttribute('aria-describedby') || '';
  return !said.split(' ').some((id) => document.getElementById(id)?.textContent.trim() && id.endsWith('_error'));
}).map((field) => field.name)"""
_ASTRAY: Final = """() => [...document.querySelectorAll('.error-summary a')].filter((link) =>
  !document.querySelector(link.hash)?.matches('input, select, textarea')).map((link) => link.hash)"""


@pytest.fixture
def telephone(browser: Browser, running_site: RunningSite) -> Iterator[Page]:
    context = browser.new_context(base_url=running_site.url, locale="lv-LV", viewport=TELEPHONE)
    yield context.new_page()
    context.close()


def send(page: Page, address: str, **values: str) -> None:
    """Sends the form of a page as it is, but for these fields."""
    page.goto(address)
    page.evaluate(_WITHOUT_OWN_CHECKS)
    for name, value in values.items():
        page.locator(f"main [name={name}]").fill(value)
    page.locator("main form[method=post] button").last.click()
    page.wait_for_load_state()


@pytest.mark.parametrize(
    ("address", "values"),
    [
        pytest.param("/accounts/login/", {"login": "nobody@example.lv", "password": "x"}, id="log-in"),
        pytest.param("/accounts/signup/", {"email": "x", "password1": "1"}, id="sign-up"),
        pytest.param("/privacy/requests/new/", {"email": "x"}, id="request"),
        pytest.param("/contact/", {}, id="enquiry"),
        pytest.param("/newsletter/", {"email": "x"}, id="newsletter"),
        pytest.param("/privacy/verify/", {}, id="receipt"),
    ],
)
def test_a_form_with_errors_says_so_to_everybody(telephone: Page, address: str, values: dict[str, str]) -> None:
    send(telephone, address, **values)
    expect(telephone.locator(".error-summary")).to_be_focused()
    assert telephone.evaluate(_UNTIED) == []
    assert telephone.evaluate(_ASTRAY) == []
    assert faults(telephone) == []


def test_an_error_that_hangs_on_no_field_would_be_found(telephone: Page) -> None:
    send(telephone, "/newsletter/", email="x")
    telephone.locator("#id_email_error").evaluate("error => error.remove()")
    assert telephone.evaluate(_UNTIED) == ["email"]


def test_a_deletion_without_its_box_or_with_a_wrong_password_says_so(telephone: Page) -> None:
    log_in(telephone, _BUYER)
    telephone.context.clear_cookies(name="cookie_consent")
    telephone.goto("/account/delete/")
    if "reauthenticate" in telephone.url:
        send(telephone, telephone.url, password="wrong")
        expect(telephone.locator(".error-summary")).to_be_focused()
        assert faults(telephone) == []
        telephone.locator("[name=password]").fill(PASSWORD)
        telephone.locator("main form button").first.click()
        telephone.wait_for_url("**/account/delete/")
    telephone.evaluate(_WITHOUT_OWN_CHECKS)
    telephone.locator("main button.danger").click()
    expect(telephone.locator(".error-summary")).to_be_focused()
    assert telephone.evaluate(_UNTIED) == []
    assert faults(telephone) == []


def without_token(page: Page) -> None:
    page.goto("/accounts/login/")
    page.locator("[name=csrfmiddlewaretoken]").evaluate_all("tokens => tokens.forEach((token) => token.remove())")
    page.evaluate(_WITHOUT_OWN_CHECKS)
    page.locator("main form button").first.click()


def closed(page: Page) -> None:
    page.goto("/")
    page.set_content(render_to_string("qlekta/closed.html"))


@pytest.mark.parametrize(
    ("open_it", "words"),
    [
        pytest.param(lambda page: page.goto("/no/such/page/"), "nav", id="404"),
        pytest.param(without_token, "lap|form|sesij", id="expired"),
        pytest.param(closed, "dzēst", id="503"),
        pytest.param(lambda page: page.goto("/listings/?q=zzzzzzzz"), "neatbilst|nekas", id="nothing found"),
    ],
)
def test_what_went_wrong_can_be_read_by_everybody(
    telephone: Page, open_it: Callable[[Page], object], words: str
) -> None:
    open_it(telephone)
    expect(telephone.locator("main")).to_contain_text(re.compile(words, re.IGNORECASE))
    assert faults(telephone) == []


def test_pages_with_nothing_on_them_and_a_forbidden_one_can_be_read_by_everybody(telephone: Page) -> None:
    log_in(telephone, _BUYER)
    broken = {}
    for address in ("/messages/", "/orders/", "/listings/mine/", "/privacy/requests/", "/admin/", "/contact/mine/"):
        telephone.goto(address)
        if found := faults(telephone):
            broken[address] = found
    assert broken == {}


def test_the_open_banner_leaves_room_for_the_page(telephone: Page) -> None:
    telephone.goto("/")
    banner = telephone.locator("#cookie-banner").bounding_box()
    header = telephone.locator("header.site").bounding_box()
    assert banner is not None
    assert header is not None
    assert header["height"] < TELEPHONE["height"] / 8
    assert header["y"] + header["height"] < TELEPHONE["height"] / 2
    assert faults(telephone) == []
