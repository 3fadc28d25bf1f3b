"""Google Analytics in a real browser, with a server of this machine in Google's place: nothing before consent, what is
declared after it, nothing after withdrawal (policy clauses 11, 12; L1, L6, L8)."""

import ssl
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import psycopg2
import pytest
from playwright.sync_api import BrowserType, Page, expect

from cookies.registry import Register
from cookies.third_parties import GOOGLE_ANALYTICS
from runner import children, supervise
from runner.places import PROJECT
from tests.browser.certificates import certificate
from tests.browser.conftest import RunningSite
from tests.browser.waiting import until

pytestmark = [pytest.mark.clause("Q11.8", "Q11.13", "Q11.14", "Q11.15"), pytest.mark.requirement("H3")]

ID: Final = "G-TEST1234"
# What gtag.js does as far as a visitor is concerned: sets two cookies for the host, and reports each page.
_SCRIPT: Final = """
const said = dataLayer.map((item) => Array.from(item));
const granted = said.filter(([word, what]) => word === "consent" && what === "update").at(-1)?.[2].analytics_storage;
const [, id, config] = said.find(([word]) => word === "config");
if (granted === "granted") {
  const end = `; path=/; max-age=${config.cookie_expires}`;
  document.cookie = `_ga=GA1.1.1234567890.1790000000${end}`;
  document.cookie = `_ga_${id.slice(2)}=GS1.1.1790000000.1.0${end}`;
}
const asked = new URLSearchParams({ v: "2", tid: id, dl: config.page_location, dr: config.page_referrer });
fetch(`https://region1.google-analytics.com/g/collect?${asked}`, { method: "POST", mode: "no-cors", keepalive: true });
"""


@dataclass
class Sink:
    """A server that is Google to the browser; `asked` are host and path of all that came."""

    port: int = 0
    asked: list[str] = field(default_factory=list)

    def heard(self, page: Page) -> list[str]:
        """What was asked for once the page has come to rest."""
        page.wait_for_load_state("networkidle")
        return [address.partition("?")[0] for address in self.asked]


@pytest.fixture(scope="module")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sink]:
    found = Sink()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(f"{self.headers['Host'].partition(':')[0]}{self.path}")
            body = _SCRIPT.encode() if self.path.startswith("/gtag/js") else b""
            self.send_response(200 if body else 204)
            self.send_header("Content-Type", "text/javascript")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the name is the standard library's

        def log_message(self, *_: Any) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path_factory.mktemp("sink")))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    found.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def site(running_site: RunningSite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A second web process of the running site, which counts with Google Analytics."""
    named = {"GOOGLE_ANALYTICS_ID": ID, "GOOGLE_ANALYTICS_PROPERTY": "123456789", "GOOGLE_SERVICE_ACCOUNT": "{}"}
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


@pytest.fixture
def page(browser_type: BrowserType, browser_type_launch_args: dict[str, Any], sink: Sink, site: str) -> Iterator[Page]:
    """A browser to which every host of Google is the sink, and every other but this machine is nowhere."""
    theirs = {f"{host.removeprefix('https://')}:443" for hosts in GOOGLE_ANALYTICS.csp.values() for host in hosts}
    rules = [*(f"MAP {host} 127.0.0.1:{sink.port}" for host in sorted(theirs)), "MAP * ~NOTFOUND", "EXCLUDE localhost"]
    args = [*browser_type_launch_args["args"], f"--host-resolver-rules={', '.join(rules)}"]
    sink.asked.clear()
    with browser_type.launch(**{**browser_type_launch_args, "args": args}) as browser:
        context = browser.new_context(base_url=site, locale="lv-LV", ignore_https_errors=True)
        yield context.new_page()
        context.close()


def kept(page: Page) -> set[str]:
    """The names of what Google keeps in the browser."""
    return {name for cookie in page.context.cookies() if (name := str(cookie.get("name"))).startswith("_ga")}


def choose(page: Page, button: str) -> None:
    page.locator("#cookie-banner").get_by_role("button", name=button).click()
    expect(page.locator("#cookie-confirmation")).to_be_visible()


def withdraw(page: Page) -> None:
    page.goto("/cookies/")
    page.locator("main").get_by_role("button", name="Noraidīt visas", exact=True).click()
    expect(page.locator("#cookie-confirmation")).to_be_visible()


@pytest.mark.clause("Q8.17")
def test_before_a_choice_and_after_a_refusal_google_hears_nothing(page: Page, sink: Sink) -> None:
    page.goto("/")
    assert (sink.heard(page), kept(page)) == ([], set())
    choose(page, "Noraidīt visas")
    for address in ("/", "/privacy/policy/", "/cookies/", "/"):
        page.goto(address)
        assert (sink.heard(page), kept(page)) == ([], set()), address


@pytest.mark.clause("Q8.17")
def test_after_consent_exactly_what_is_declared_is_asked_for_and_kept(page: Page, sink: Sink) -> None:
    page.goto("/?utm_source=letter&q=secret")
    choose(page, "Pieņemt visas")
    assert sink.heard(page) == ["www.googletagmanager.com/gtag/js", "region1.google-analytics.com/g/collect"]
    assert kept(page) == {"_ga", f"_ga_{ID.removeprefix('G-')}"}
    register = Register((GOOGLE_ANALYTICS,))
    for cookie in page.context.cookies():
        if str(cookie.get("name")).startswith("_ga"):
            declared = register.find(str(cookie["name"]))
            assert declared is not None
            assert declared[1].lifetime is not None
            assert cookie["expires"] <= time.time() + declared[1].lifetime.total_seconds()
    (report,) = [asked for asked in sink.asked if "/g/collect" in asked]
    assert "secret" not in report, "addresses go there without their queries"


def test_pages_about_ones_own_data_never_ask_google(page: Page, sink: Sink) -> None:
    page.goto("/")
    choose(page, "Pieņemt visas")
    sink.heard(page)
    sink.asked.clear()
    for address in ("/privacy/", "/accounts/login/", "/cookies/"):
        page.goto(address)
        assert sink.heard(page) == [], address


def test_after_withdrawal_google_hears_nothing_and_its_cookies_are_gone(
    page: Page, sink: Sink, running_site: RunningSite
) -> None:
    page.goto("/")
    choose(page, "Pieņemt visas")
    assert sink.heard(page)
    assert kept(page)
    withdraw(page)
    assert kept(page) == set()
    sink.heard(page)
    sink.asked.clear()
    for address in ("/", "/privacy/policy/", "/"):
        page.goto(address)
        assert (sink.heard(page), kept(page)) == ([], set()), address
    with psycopg2.connect(running_site.owner_database_url) as database, database.cursor() as cursor:
        cursor.execute("SELECT payload ->> 'browser' FROM outbox_effect WHERE kind = 'cookies.delete_at_google'")
        assert cursor.fetchall() == [("1234567890.1790000000",)], "ordered once, for the number this browser had"


def test_the_signal_of_the_browser_is_a_refusal(page: Page, sink: Sink) -> None:
    page.set_extra_http_headers({"Sec-GPC": "1"})
    page.goto("/")
    expect(page.locator("#cookie-banner")).to_have_count(0)
    assert (sink.heard(page), kept(page)) == ([], set())
