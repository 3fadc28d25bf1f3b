"""Takes the pictures: each page at three widths, with days and numbers that differ from run to run written over."""

import io
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

from django.urls import resolve
from PIL import Image
from playwright.sync_api import Browser, Error, Page, ViewportSize

from tests.browser.screens.ways import Screen, Visit
from tests.browser.walking import log_in

# The longest part of a page that a picture shows, by width: what somebody sees who scrolls a little.
HEIGHTS: Final = {360: 900, 768: 900, 1280: 800}
# Wide pages are kept smaller than they are: two hundred pages are to be looked at, not measured.
_SCALES: Final = {360: 1, 768: 0.75, 1280: 0.6}
_QUALITY: Final = 28
_PATIENCE: Final = 10_000
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
class Shelf:
    """Pages that are seen by one person, in this order: what an earlier one does, a later one shows."""

    title: str
    screens: tuple[Screen, ...]
    email: str = ""
    has_chosen: bool = True
    """Whether that browser has chosen about cookies."""


@dataclass(frozen=True, slots=True)
class Studio:
    """Where pictures are taken and put."""

    browser: Browser
    site: str
    mail: Path
    folder: Path
    scheme: Literal["light", "dark"] = "light"


def take(studio: Studio, shelf: Shelf, *, only: Collection[str] = ()) -> list[str]:
    """Every page of a shelf at every width; returns what went wrong."""
    context = studio.browser.new_context(
        base_url=studio.site,
        locale="lv-LV",
        reduced_motion="reduce",
        color_scheme=studio.scheme,
    )
    context.set_default_timeout(_PATIENCE)
    page, faults = context.new_page(), list[str]()
    if shelf.email:
        log_in(page, shelf.email)
    if shelf.has_chosen:
        page.goto("/")
        page.locator("#cookie-banner button").nth(1).click()
        page.locator("#cookie-banner").wait_for(state="detached")
    for screen in shelf.screens:
        if only and screen.name not in only:
            continue
        try:
            page.set_viewport_size(ViewportSize(width=1280, height=HEIGHTS[1280]))
            screen.way(Visit(page, studio.mail))
            _is_the_page(page, screen)
            _take(page, screen, studio.folder)
        except (Error, AssertionError) as error:
            faults.append(f"{screen.name} at {page.url}: {str(error).splitlines()[0]}")
    context.close()
    return faults


def _is_the_page(page: Page, screen: Screen) -> None:
    """A picture of another page than the one it is named after would be worse than none."""
    if screen.page:
        found = resolve(unquote(urlsplit(page.url).path)).view_name
        assert found == screen.page, f"{found} is not {screen.page}"


def _take(page: Page, screen: Screen, folder: Path) -> None:
    for width, height in HEIGHTS.items():
        page.set_viewport_size(ViewportSize(width=width, height=height))
        page.evaluate(_SETTLE)
        page.wait_for_load_state("networkidle")
        whole = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
        shown = whole.crop((0, 0, width, min(whole.height, height)))
        scale = _SCALES[width]
        shown = shown.resize((round(shown.width * scale), round(shown.height * scale)), Image.Resampling.LANCZOS)
        shown.save(folder / f"{screen.name}-{width}.webp", quality=_QUALITY, method=6)
