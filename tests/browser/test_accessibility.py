"""Every page that links lead to, on a telephone: no rule of WCAG 2.2 AA broken, nothing wider than the screen."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize

from tests.browser.conftest import RunningSite
from tests.browser.walking import log_in, walk

TELEPHONE: Final[ViewportSize] = {"width": 360, "height": 800}
RULES: Final = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}


@pytest.fixture
def telephone(browser: Browser, running_site: RunningSite) -> Iterator[Page]:
    context = browser.new_context(base_url=running_site.url, locale="lv-LV", viewport=TELEPHONE)
    yield context.new_page()
    context.close()


def broken_rules(page: Page) -> list[str]:
    """Each rule that the open page breaks, with the first place where it does."""
    found: list[dict[str, Any]] = Axe().run(page, options=RULES).response["violations"]
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:200]}" for rule in found]


def is_too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


@pytest.mark.parametrize(
    ("email", "start", "fewest"),
    [
        pytest.param("", "/", 30, id="visitor"),
        pytest.param("demo01@example.lv", "/", 40, id="buyer"),
        pytest.param("ieva@qlekta.example", "/admin/", 60, id="officer"),
    ],
)
def test_every_page_can_be_used_by_everybody_on_a_telephone(
    telephone: Page, running_site: RunningSite, *, email: str, start: str, fewest: int
) -> None:
    if email:
        log_in(telephone, email)
    broken, seen = {}, 0
    for address in walk(telephone, running_site.url, start):
        seen += 1
        if found := broken_rules(telephone) + ["wider than the screen"] * is_too_wide(telephone):
            broken[address] = found
    assert broken == {}
    assert seen >= fewest


def test_a_page_that_breaks_a_rule_is_found(telephone: Page) -> None:
    telephone.goto("/")
    telephone.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=x>')")
    assert any(rule.startswith("image-alt") for rule in broken_rules(telephone))
    assert not is_too_wide(telephone)
    telephone.evaluate("document.querySelector('main').style.width = '900px'")
    assert is_too_wide(telephone)
