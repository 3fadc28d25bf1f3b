"""Every page that links lead to, on a telephone: no rule of WCAG 2.2 AA broken, nothing wider than the screen."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import RunningSite
from tests.browser.rules import TELEPHONE, broken_rules, faults, is_too_wide
from tests.browser.walking import log_in, walk


@pytest.fixture
def telephone(browser: Browser, running_site: RunningSite) -> Iterator[Page]:
    context = browser.new_context(base_url=running_site.url, locale="lv-LV", viewport=TELEPHONE)
    yield context.new_page()
    context.close()


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
        if found := faults(telephone):
            broken[address] = found
    assert broken == {}
    assert seen >= fewest


def test_a_page_that_breaks_a_rule_is_found(telephone: Page) -> None:
    telephone.goto("/")
    telephone.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=x>')")
    assert any(rule.startswith("image-alt") for rule in broken_rules(telephone))
    assert not is_too_wide(telephone)
    telephone.evaluate("document.querySelector('main').style.width = '350px'")
    assert not is_too_wide(telephone)
    assert "wider than 320" in faults(telephone)
