"""Takes a picture of each main page at three widths into `docs/screens/`: `python -m tests.browser.screens`.

Starts a site of its own with the demo. Days, hours and numbers that differ from run to run are written over before
the picture, so that taking it again changes only what has changed.
"""

import argparse
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from qlekta.demo.people import PASSWORD
from tests.browser.conftest import chromium, lent_site
from tests.browser.walking import log_in

FOLDER: Final = Path(__file__).resolve().parents[2] / "docs" / "screens"
# The longest part of a page that a picture shows, by width: what somebody sees who scrolls a little.
_HEIGHTS: Final = {360: 1500, 768: 1300, 1280: 1000}
_QUALITY: Final = 45
_BUYER: Final = "demo01@example.lv"
_OFFICER: Final = "ieva@qlekta.example"
_SETTLE: Final = r"""() => {
  const settled = [
    [/\d{4}\. gada \d{1,2}\. [a-zāčēģīķļņšūvž]+/g, "2026. gada 1. decembris"],
    [/\b\d{1,2}\.\d{1,2}\.\d{4}\b/g, "01.12.2026"],
    [/\b\d{1,2}:\d{2}(:\d{2})?\b/g, "12:00"],
    [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, "00000000-0000-0000-0000-000000000000"],
  ];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const here = walker.currentNode;
    const text = settled.reduce((said, [sign, word]) => said.replace(sign, word), here.data);
    if (text !== here.data) here.data = text;
  }
}"""


@dataclass(frozen=True, slots=True)
class Screen:
    """One page: its name among the pictures, what it is, and the way to it."""

    name: str
    title: str
    way: str | Callable[[Page], None]


def _first(list_page: str, link: str) -> Callable[[Page], None]:
    """The way to the first thing of a list."""

    def go(page: Page) -> None:
        page.goto(list_page)
        page.goto(page.locator(link).first.get_attribute("href") or list_page)

    return go


def _wrong_log_in(page: Page) -> None:
    page.goto("/accounts/login/")
    page.locator("#id_login").fill("nobody@example.lv")
    page.locator("#id_password").fill("x")
    page.locator("main form button").first.click()
    page.locator(".error-summary").wait_for()


def _deletion(page: Page) -> None:
    page.goto("/account/delete/")
    if "reauthenticate" in page.url:
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("main form button").first.click()
        page.wait_for_url("**/account/delete/")


_ASKED: Final = (Screen("banner", "The front page of a first visit", "/"),)
_VISITOR: Final = (
    Screen("home", "The front page", "/"),
    Screen("listings", "Listings", "/listings/"),
    Screen("listing", "A listing", _first("/listings/", "ul.listings .card:has(img) a")),
    Screen("log-in", "Log in, after a mistake", _wrong_log_in),
    Screen("sign-up", "Sign up", "/accounts/signup/"),
    Screen("privacy-visitor", "My privacy, without an account", "/privacy/"),
    Screen("request-visitor", "A request without an account", "/privacy/requests/new/"),
    Screen("cookies", "Cookie settings", "/cookies/"),
    Screen("policy", "The privacy policy", "/privacy/policy/"),
    Screen("notice", "What we hold and why", "/privacy/notice/"),
    Screen("contact", "Write to us", "/contact/"),
    Screen("not-found", "A page that is not there", "/no/such/page/"),
)
_PERSON: Final = (
    Screen("privacy", "My privacy", "/privacy/"),
    Screen("request", "A new request", "/privacy/requests/new/?right=access"),
    Screen("consents", "Consents", "/privacy/consents/"),
    Screen("account", "Account", "/account/"),
    Screen("delete", "Delete my account", _deletion),
    Screen("messages", "Messages", "/messages/"),
    Screen("conversation", "A conversation", _first("/messages/", "main h2 a")),
    Screen("orders", "Orders", "/orders/"),
    Screen("sell", "Place a listing", "/listings/new/"),
)
_STAFF: Final = (
    Screen("desk", "The first page of the administration", "/admin/"),
    Screen("queue", "The queue of the case desk", "/admin/dsar/subjectrequest/"),
    Screen("case", "A case", _first("/admin/dsar/subjectrequest/", "#result_list tbody th a")),
)
SHELVES: Final = ((_ASKED, "", False), (_VISITOR, "", True), (_PERSON, _BUYER, True), (_STAFF, _OFFICER, True))
"""Pages, who looks at them, and whether that browser has chosen about cookies."""


def take(browser: Browser, site: str, folder: Path) -> None:
    """Every page at every width."""
    for screens, email, has_chosen in SHELVES:
        context = browser.new_context(base_url=site, locale="lv-LV", reduced_motion="reduce")
        page = context.new_page()
        if email:
            log_in(page, email)
        if has_chosen:
            page.goto("/")
            page.locator("#cookie-banner button").nth(1).click()
            page.locator("#cookie-banner").wait_for(state="detached")
        for screen in screens:
            _take(page, screen, folder)
        context.close()


def _take(page: Page, screen: Screen, folder: Path) -> None:
    _go(page, screen)
    for width, height in _HEIGHTS.items():
        page.set_viewport_size(ViewportSize(width=width, height=height))
        page.evaluate(_SETTLE)
        page.wait_for_load_state("networkidle")
        whole = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
        shown = whole.crop((0, 0, width, min(whole.height, height)))
        shown.save(folder / f"{screen.name}-{width}.webp", quality=_QUALITY, method=6)


def _go(page: Page, screen: Screen) -> None:
    page.set_viewport_size(ViewportSize(width=1280, height=_HEIGHTS[1280]))
    if callable(screen.way):
        screen.way(page)
    else:
        page.goto(screen.way)


def index() -> Iterator[str]:
    """The lines of the folder's own page."""
    yield "# The pages as pictures\n"
    yield "Taken from the demo, in Latvian, by day; the longest pages are cut. Days and hours in them are written over."
    yield "Take them anew, after looking at what changed, with `.venv/bin/python -m tests.browser.screens`.\n"
    yield f"| page | {' | '.join(f'{width} px' for width in _HEIGHTS)} |"
    yield f"|---|{'---|' * len(_HEIGHTS)}"
    for screens, _, _ in SHELVES:
        for screen in screens:
            shown = (
                f"[![{screen.title}]({screen.name}-{width}.webp)]({screen.name}-{width}.webp)" for width in _HEIGHTS
            )
            yield f"| {screen.title} | {' | '.join(shown)} |"


def main() -> None:
    """Puts the pictures and their index into the folder, and takes away pictures of pages that are no more."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screens", description=__doc__)
    parser.add_argument("--site", help="the address of a running site with the demo; else one is started")
    parser.add_argument("--to", type=Path, default=FOLDER, metavar="FOLDER")
    options = parser.parse_args()
    options.to.mkdir(parents=True, exist_ok=True)
    for old in options.to.glob("*.webp"):
        old.unlink()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        if options.site:
            take(browser, options.site, options.to)
        else:
            with lent_site() as site:
                take(browser, site.url, options.to)
        browser.close()
    (options.to / "README.md").write_text("\n".join(index()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
