"""What every open page is held against: the rules of WCAG 2.2 AA by day and by night, and narrow screens."""

from typing import Any, Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

TELEPHONE: Final[ViewportSize] = {"width": 360, "height": 800}
ENLARGED: Final[tuple[ViewportSize, ...]] = ({"width": 320, "height": 640}, {"width": 640, "height": 400})
"""A screen of 1280 points at four times and at twice its size (WCAG 1.4.10 and 1.4.4)."""
_AXE: Final = Axe()
_RULES: Final = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
_CONTRAST: Final = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}


# Colours that fade from one to the next are looked at when they have arrived.
_STAND_STILL: Final = "document.getAnimations().forEach((one) => one.finish())"


def faults(page: Page) -> list[str]:
    """Everything that is wrong with the open page: rules broken, by day and by night, and whether it is too wide."""
    found = broken_rules(page) + ["wider than the screen"] * is_too_wide(page)
    page.emulate_media(color_scheme="dark")
    page.evaluate(_STAND_STILL)
    found += [f"in the dark: {fault}" for fault in broken_rules(page, _CONTRAST)]
    page.emulate_media(color_scheme="light")
    for screen in ENLARGED:
        page.set_viewport_size(screen)
        found += [f"wider than {screen['width']}"] * is_too_wide(page)
    page.set_viewport_size(TELEPHONE)
    return found


def broken_rules(page: Page, options: dict[str, Any] = _RULES) -> list[str]:
    """Each rule that the open page breaks, with the first place where it does."""
    found: list[dict[str, Any]] = _AXE.run(page, options=options).response["violations"]
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:200]}" for rule in found]


def is_too_wide(page: Page) -> bool:
    """Whether one would have to scroll sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))
