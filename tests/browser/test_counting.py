"""The emulated Google of the demo in a real browser: it counts who agreed, under the number that a withdrawal names."""

import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from emulators.google import Google
from runner import children, supervise
from runner.places import PROJECT
from tests.browser.conftest import RunningSite
from tests.browser.waiting import until

pytestmark = [pytest.mark.clause("Q11.14")]


@pytest.fixture(scope="module")
def google() -> Iterator[Google]:
    with Google() as found:
        yield found


@pytest.fixture(scope="module")
def site(running_site: RunningSite, google: Google, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A second web process of the running site, which counts there."""
    named = {
        "QLEKTA_PROCESSORS": "emulated",
        "GOOGLE_EMULATOR_URL": google.address,
        "GOOGLE_ANALYTICS_ID": "G-EMULATED",
        "GOOGLE_ANALYTICS_PROPERTY": google.property,
        "GOOGLE_SERVICE_ACCOUNT": google.account(),
    }
    with supervise.listen(0) as listener, (tmp_path_factory.mktemp("web") / "log").open("wb") as log:
        address, descriptor = supervise.address_of(listener), listener.fileno()
        argv = [sys.executable, "-m", *supervise.WEB, "--bind", f"fd://{descriptor}"]
        environment = {**running_site.environment, **named, "SITE_URL": address}
        web = children.spawn("web", argv, env=environment, output=log, cwd=PROJECT, pass_fds=(descriptor,))
        try:
            until(lambda: supervise.fetch(listener.getsockname()[1], "/healthz").status == 200, "the web process")
            yield address
        finally:
            children.stop(web)


def test_who_agrees_is_counted_under_the_number_that_her_browser_keeps(
    browser: Browser, site: str, google: Google
) -> None:
    page = browser.new_page(locale="lv-LV")
    page.goto(f"{site}/?q=secret")
    page.wait_for_load_state("networkidle")
    assert (google.counted, list(google.journal)) == ({}, [])
    page.locator("#cookie-banner").get_by_role("button", name="Pieņemt visas").click()
    expect(page.locator("#cookie-confirmation")).to_be_visible()
    until(lambda: bool(google.counted), "the report")
    page.goto(f"{site}/privacy/policy/")
    page.wait_for_load_state("networkidle")
    ((number, pages),) = google.counted.items()
    kept = {str(cookie.get("name")): str(cookie.get("value")) for cookie in page.context.cookies()}
    assert (kept["_ga"], "_ga_EMULATED" in kept) == (f"GA1.1.{number}", True)
    assert pages[0] == f"{site}/", "addresses go there without their queries"
