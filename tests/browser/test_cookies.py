"""Whatever page is opened, in whatever choice: no cookie, storage or host that the register does not name (L1, L6)."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from cookies.registry import Category, Kind, Register, declared
from tests.browser.conftest import RunningSite
from tests.browser.walking import log_in, walk

_KEPT: Final = """async () => ({
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
    databases: (await indexedDB.databases()).map((found) => found.name),
    workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""

_TRACK: Final = """() => new Promise((tell) => {
    const heard = (refused) => tell([refused.effectiveDirective, refused.blockedURI]);
    document.addEventListener("securitypolicyviolation", heard);
    new Image().src = "https://tracker.example/pixel.gif";
})"""


class Watch:
    """What a browser asked for, and what it keeps."""

    def __init__(self, context: BrowserContext, site: RunningSite) -> None:
        self.context, self.site = context, site
        self.hosts: set[str] = set()
        self.kept: set[str] = set()
        context.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))

    def walk(self, page: Page, start: str) -> int:
        """Follow every link of this site from one page on; how many pages that were."""
        return sum(1 for _address in walk(page, self.site.url, start) if self.look(page))

    def look(self, page: Page) -> bool:
        """Note what the open page keeps in the browser."""
        found = page.evaluate(_KEPT)
        self.kept |= {str(name) for names in (found["local"], found["session"], found["databases"]) for name in names}
        assert found["workers"] == 0
        return True

    def cookies(self) -> set[str]:
        return {str(cookie.get("name")) for cookie in self.context.cookies()}

    def assert_declared(self, *categories: Category) -> None:
        """Only what the register names, and of it only what is necessary or of these kinds."""
        register = Register(tuple(service for service in declared() if service.enabled()))
        assert self.hosts == {urlsplit(self.site.url).netloc}
        for name in self.cookies():
            found = register.find(name)
            assert found is not None, f"{name} is declared nowhere"
            assert found[0].category in {Category.NECESSARY, *categories}, name
        stored = [item for service in register.services for item in service.cookies if item.kind is Kind.LOCAL]
        assert all(any(item.matches(name) for item in stored) for name in self.kept), self.kept


@pytest.fixture
def watch(browser: Browser, running_site: RunningSite) -> Iterator[Watch]:
    context = browser.new_context(base_url=running_site.url, locale="lv-LV")
    yield Watch(context, running_site)
    context.close()


@pytest.mark.clause("Q11.3", "Q11.13")
@pytest.mark.requirement("H3")
def test_a_visitor_who_chose_nothing_or_no_is_left_alone_on_every_page(watch: Watch) -> None:
    page = watch.context.new_page()
    assert watch.walk(page, "/") > 15
    assert watch.cookies() <= {"csrftoken", "sessionid"}
    watch.assert_declared()
    page.goto("/")
    page.get_by_role("button", name="Noraidīt visas").click()
    expect(page.locator("#cookie-confirmation")).to_be_focused()
    assert watch.walk(page, "/") > 15
    assert "cookie_consent" in watch.cookies()
    watch.assert_declared()


@pytest.mark.clause("Q11.3")
def test_who_accepts_everything_gets_what_the_register_names_and_no_more(watch: Watch) -> None:
    page = watch.context.new_page()
    page.goto("/")
    page.get_by_role("button", name="Pieņemt visas").click()
    expect(page.locator("#cookie-confirmation")).to_be_visible()
    log_in(page, "anna@example.lv")
    assert watch.walk(page, "/") > 20
    watch.assert_declared(Category.FUNCTIONAL)


@pytest.mark.requirement("H3")
def test_a_refusal_keeps_what_was_typed_into_the_page(watch: Watch) -> None:
    page = watch.context.new_page()
    page.goto("/accounts/signup/")
    page.locator("#id_email").fill("somebody@example.lv")
    page.locator("#cookie-banner").get_by_role("button", name="Noraidīt visas").click()
    expect(page.locator("#cookie-confirmation")).to_be_focused()
    expect(page.locator("#cookie-banner")).to_have_count(0)
    expect(page.locator("#id_email")).to_have_value("somebody@example.lv")


@pytest.mark.clause("Q11.15")
def test_a_tracker_left_in_a_page_by_mistake_is_refused_by_the_browser(watch: Watch) -> None:
    page = watch.context.new_page()
    page.goto("/")
    refused = page.evaluate(_TRACK)
    assert refused == ["img-src", "https://tracker.example/pixel.gif"]
