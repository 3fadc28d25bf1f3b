"""Follows the links of the site, as somebody does who wants to see all of it."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Page, expect

from qlekta.demo.people import PASSWORD

MOST_PAGES: Final = 90


def walk(page: Page, site: str, start: str, *, most: int = MOST_PAGES) -> Iterator[str]:
    """Opens every page of the site that links lead to, each kind of page once; yields its address while it is open."""
    waiting, seen = [urljoin(site, start)], set[str]()
    while waiting and len(seen) < most:
        address = waiting.pop(0)
        shape = _shape(address)
        if shape in seen or _ends_the_walk(address):
            continue
        seen.add(shape)
        page.goto(address)
        yield address
        waiting += links(page, site)


def links(page: Page, site: str) -> list[str]:
    """The addresses of this site that the open page leads to."""
    found: list[str] = page.eval_on_selector_all("a[href]", "links => links.map((link) => link.href)")
    return [link.partition("#")[0] for link in found if urlsplit(link).netloc == urlsplit(site).netloc]


def log_in(page: Page, email: str) -> None:
    """Through the page, as a person does it."""
    page.goto("/accounts/login/?lang=en")
    page.locator("#id_login").fill(email)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("main form button").first.click()
    expect(page.locator("h1")).to_be_visible()


def _shape(address: str) -> str:
    """Pages that differ by a number or a key are one page; what a query changes is looked at once."""
    parts = urlsplit(address)
    return "/".join("*" if any(sign.isdigit() for sign in part) else part for part in parts.path.split("/"))


def _ends_the_walk(address: str) -> bool:
    """Files are loaded by nobody's browser as pages."""
    path = urlsplit(address).path
    return "." in path.rpartition("/")[2] or "download" in path or "export" in path
