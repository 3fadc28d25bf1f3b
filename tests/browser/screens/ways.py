"""The ways to the pages of which pictures are taken: by address, through a list, after a form, by a letter."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import Page

from qlekta.demo.people import PASSWORD
from tests.browser.mails import link_in_mail, mails_to, said
from tests.browser.waiting import until

# The browser's own messages must not come between: what the server says is looked at.
_WITHOUT_OWN_CHECKS: Final = "document.querySelectorAll('form').forEach((form) => { form.noValidate = true; })"


@dataclass(frozen=True, slots=True)
class Visit:
    """A browser on the site, and the folder into which its letters fall."""

    page: Page
    mail: Path


Way = Callable[[Visit], None]


@dataclass(frozen=True, slots=True)
class Screen:
    """One page: its name among the pictures, what it is, the way to it, and the name of its address."""

    name: str
    title: str
    way: Way
    page: str = ""


def at(address: str) -> Way:
    """Straight to an address; where the password is asked for once more, it is given."""

    def go(visit: Visit) -> None:
        visit.page.goto(address)
        prove(visit.page)

    return go


def prove(page: Page) -> None:
    """Types the password where it is asked for once more."""
    if "/reauthenticate/" in page.url:
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("main form button").first.click()
        page.wait_for_url(lambda url: "/reauthenticate/" not in url)


def first(list_page: str, link: str) -> Way:
    """To the first thing of a list."""

    def go(visit: Visit) -> None:
        at(list_page)(visit)
        address = visit.page.locator(link).first.get_attribute("href")
        at(address or list_page)(visit)

    return go


def then(way: Way, link: str) -> Way:
    """On from a page by a link on it."""

    def go(visit: Visit) -> None:
        way(visit)
        at(visit.page.locator(link).first.get_attribute("href") or "")(visit)

    return go


def sent(
    way: Way, values: Mapping[str, str | bool] | None = None, *, button: str = "main form[method=post] button"
) -> Way:
    """What a form answers: filled in so far, sent without the browser's own checks."""

    def go(visit: Visit) -> None:
        way(visit)
        page = visit.page
        page.evaluate(_WITHOUT_OWN_CHECKS)
        for name, value in (values or {}).items():
            enter(page, name, value)
        with page.expect_navigation():
            page.locator(button).last.click()
        prove(page)

    return go


def enter(page: Page, name: str, value: str | bool) -> None:
    """Types, ticks or chooses what a field of this name gets, as its kind asks for."""
    field = page.locator(f"main [name={name}]").first
    if isinstance(value, bool):
        field.set_checked(value)
    elif field.get_attribute("type") in {"radio", "checkbox"}:
        page.locator(f"main [name={name}][value='{value}']").check()
    elif field.evaluate("field => field.tagName") == "SELECT":
        field.select_option(value)
    else:
        field.fill(value)


def pressed(way: Way, button: str) -> Way:
    """What a button answers."""
    return sent(way, button=button)


def mailed(address: str, pattern: str) -> Way:
    """To where the link in a letter leads."""

    def go(visit: Visit) -> None:
        visit.page.goto(link_in_mail(address, visit.mail, pattern))
        prove(visit.page)

    return go


def letter(address: str, subject: str) -> Way:
    """A letter itself, as a mail program shows it."""

    def go(visit: Visit) -> None:
        def find() -> str | None:
            found = [mail for mail in mails_to(address, visit.mail) if subject in str(mail["Subject"])]
            return said(found[-1], "html") if found else None

        visit.page.goto("about:blank")
        visit.page.set_content(until(find, f"the letter about {subject}", seconds=30))

    return go


def staying(way: Way, wait_for: str) -> Way:
    """Stays on a page until something stands there."""

    def go(visit: Visit) -> None:
        way(visit)
        visit.page.locator(wait_for).first.wait_for(timeout=90_000)

    return go
