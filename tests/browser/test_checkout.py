"""Payment by card with the real braintree-web: the card reaches Braintree's host and no other (Q8.19, Q9.1)."""

import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import psycopg2
import pytest
from playwright.sync_api import Browser, BrowserType, Page, Request, expect

from emulators.serving import Call
from tests.browser.certificates import certificate
from tests.browser.conftest import RunningSite

pytestmark = [pytest.mark.clause("Q8.19", "Q9.1", "Q9.2", "Q9.5"), pytest.mark.requirement("H3")]

PASSWORD: Final = "Zilais-kalns-7"
CARD, UNTIL, CODE = "4111111111111111", "1131", "737"


@dataclass
class Front:
    """The emulated Braintree as a browser reaches it: over TLS, under the names of the real one."""

    port: int
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Host and body of every call."""


@pytest.fixture(scope="module")
def front(running_site: RunningSite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            found.asked.append((self.headers["Host"].partition(":")[0], body))
            call = Call(self.command, parts.path, parse_qs(parts.query), dict(self.headers), body)
            answer = running_site.braintree.answer(call)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_POST = do_OPTIONS = do_GET  # noqa: N815 - the names are the standard library's

        def log_message(self, *_: Any) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path_factory.mktemp("front")))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    found = Front(server.server_address[1])
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def browser(browser_type: BrowserType, browser_type_launch_args: dict[str, Any], front: Front) -> Iterator[Browser]:
    """A browser to which Braintree's hosts are the emulated one, and every other but this machine is nowhere."""
    rules = [f"MAP *.braintreegateway.com:443 127.0.0.1:{front.port}", "MAP * ~NOTFOUND", "EXCLUDE localhost"]
    args = [*browser_type_launch_args["args"], f"--host-resolver-rules={', '.join(rules)}"]
    with browser_type.launch(**{**browser_type_launch_args, "args": args}) as found:
        yield found


def logged_in(browser: Browser, site: str, email: str) -> Page:
    context = browser.new_context(base_url=site, locale="lv-LV", ignore_https_errors=True)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url("**/account/")
    return page


@pytest.fixture
def wares(running_site: RunningSite) -> tuple[str, str, str]:
    """A listing of the demo that nobody has a deal about, its seller's address, and that of a buyer."""
    with psycopg2.connect(running_site.owner_database_url) as connection, connection.cursor() as cursor:
        cursor.execute(
            """SELECT listing.id, seller.email, buyer.email FROM marketplace_listing listing
            JOIN accounts_user seller ON seller.id = listing.seller_id
            JOIN accounts_user buyer ON buyer.id <> seller.id AND NOT buyer.is_staff AND buyer.email LIKE 'demo%%'
            WHERE listing.state = 'published' AND listing.price BETWEEN 5 AND 1900
            AND NOT EXISTS (SELECT 1 FROM marketplace_order o WHERE o.listing_id = listing.id)
            ORDER BY listing.id, buyer.email LIMIT 1"""
        )
        found = cursor.fetchone()
    assert found is not None
    return str(found[0]), found[1], found[2]


def test_a_card_reaches_braintree_alone_and_the_order_is_paid(
    browser: Browser, running_site: RunningSite, front: Front, wares: tuple[str, str, str]
) -> None:
    listing, seller, buyer = wares
    page = logged_in(browser, running_site.url, buyer)
    sent: list[Request] = []

    def note(request: Request) -> None:
        sent.append(request)

    page.on("request", note)
    page.goto(f"/listings/{listing}/order/")
    page.get_by_label("debetkarte vai kredītkarte").check()
    page.locator("main").get_by_role("button", name="Nosūtīt piedāvājumu").click()
    page.wait_for_url("**/orders/*/")
    order = urlsplit(page.url).path
    other = logged_in(browser, running_site.url, seller)
    other.goto(order)
    other.get_by_role("button", name="Pieņemt piedāvājumu").click()
    page.reload()
    page.wait_for_load_state("networkidle")
    assert {urlsplit(request.url).netloc for request in sent} == {urlsplit(running_site.url).netloc}
    assert front.asked == [], "something of Braintree was loaded before the card was chosen"

    page.get_by_role("button", name="Maksāt ar karti").click()
    expect(page.get_by_role("link", name="Braintree privātuma politika")).to_be_visible()
    for place, typed in (("#card-number", CARD), ("#card-until", UNTIL), ("#card-code", CODE)):
        page.frame_locator(f"{place} iframe").locator("input").fill(typed)
    page.locator("#card-form").get_by_role("button").click()
    expect(page.get_by_text("Paldies. Maksājums ir izdevies.")).to_be_visible(timeout=60_000)

    theirs = {host for host, body in front.asked if CARD in body}
    assert theirs == {"api.sandbox.braintreegateway.com"}
    ours = [request for request in sent if urlsplit(request.url).netloc == urlsplit(running_site.url).netloc]
    assert not any(CARD in request.url or CARD in (request.post_data or "") for request in ours)
    assert any("nonce=" in (request.post_data or "") for request in ours)
    elsewhere = [request for request in sent if request not in ours]
    reached = {urlsplit(request.url).hostname for request in elsewhere if request.failure is None}
    assert reached == {"assets.braintreegateway.com", "api.sandbox.braintreegateway.com"}
    # What braintree-web would tell PayPal about each step, the policy of the page forbids.
    assert {request.failure for request in elsewhere if request.failure is not None} <= {"csp"}

    other.goto(order)
    expect(other.get_by_role("button", name="Ir nosūtīts vai nodots")).to_be_visible()
