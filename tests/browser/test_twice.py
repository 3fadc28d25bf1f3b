"""Two presses make one thing, and odd words keep a page in its place."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

import psycopg2
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import RunningSite
from tests.browser.screens.ways import enter
from tests.browser.walking import log_in

LONG: Final = "Ļ" * 80
RTL: Final = "مريم العربية 🙂"


_OF_ANOTHER: Final = """
SELECT l.id::text FROM marketplace_listing l JOIN accounts_user u ON u.id = l.seller_id
WHERE l.state = 'published' AND l.ends_at > now() AND u.email <> %s LIMIT 1
"""


@pytest.fixture
def telephone(browser: Browser, running_site: RunningSite) -> Iterator[Page]:
    context = browser.new_context(
        base_url=running_site.url, locale="lv-LV", viewport={"width": 360, "height": 800}, reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


def value(site: RunningSite, sql: str, *values: object) -> object:
    with psycopg2.connect(site.owner_database_url) as connection, connection.cursor() as cursor:
        cursor.execute(sql, values)
        (found,) = cursor.fetchone() or (None,)
    return found


def count(site: RunningSite, sql: str, *values: object) -> int:
    return int(str(value(site, sql, *values)))


def listing_of_another(site: RunningSite, email: str) -> str:
    return str(value(site, _OF_ANOTHER, email))


def begin_listing(page: Page, title: str) -> None:
    page.goto("/listings/new/")
    page.locator("#id_title").fill(title)
    page.locator("#id_description").fill(f"{RTL}\n\n{LONG}")
    page.locator("#id_category").select_option(index=1)


def test_two_presses_and_a_way_back_make_one_listing(telephone: Page, running_site: RunningSite) -> None:
    log_in(telephone, "demo05@example.lv")
    title = f"{RTL} {uuid4().hex[:8]}"
    begin_listing(telephone, title)
    telephone.locator("main form button[type=submit]").first.dblclick()
    telephone.wait_for_url(re.compile("/photos/"))
    drafts = "SELECT count(*) FROM marketplace_listing WHERE title = %s"
    assert count(running_site, drafts, title) == 1
    number = telephone.url.split("/")[-3]
    telephone.goto(f"/listings/{number}/")
    expect(telephone.locator("h1 bdi")).to_have_text(title)
    assert telephone.evaluate("document.documentElement.scrollWidth") == 360


def test_two_presses_send_one_message(telephone: Page, running_site: RunningSite) -> None:
    log_in(telephone, "demo06@example.lv")
    number = listing_of_another(running_site, "demo06@example.lv")
    telephone.goto(f"/listings/{number}/ask/")
    telephone.locator("textarea").fill(f"{RTL} {LONG}")
    telephone.locator("main form button[type=submit]").first.dblclick()
    telephone.wait_for_url(re.compile("/messages/"))
    expect(telephone.locator("ol.messages li").filter(has_text=LONG)).to_have_count(1)
    assert telephone.evaluate("document.documentElement.scrollWidth") == 360


_WITHOUT_ACCOUNT: Final = "nobody@example.lv"


def on_a_slow_line(page: Page) -> None:
    """A telephone in a lift: every answer takes half a second and comes drop by drop."""
    conditions = {"offline": False, "latency": 500, "downloadThroughput": 40_000, "uploadThroughput": 20_000}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", conditions)


def press(page: Page, *, times: int) -> None:
    """Send the form, and wait for the page that answers."""
    page.evaluate("window.isBefore = true")
    page.locator("main form[method=post] button[type=submit]").last.click(click_count=times)
    page.wait_for_function("() => !window.isBefore && document.readyState === 'complete'")
    expect(page.locator("h1")).to_be_visible()


@dataclass(frozen=True, slots=True)
class Form:
    """A form that somebody fills in, and the table in which a row of it stands afterwards."""

    address: str
    table: str
    values: Mapping[str, str | bool]
    email: str = ""


def fill(page: Page, form: Form) -> None:
    for name, said in form.values.items():
        enter(page, name, said)


_WORDS: Final = {"text": f"{RTL} {LONG}"}
_FORMS: Final = {
    "request": Form(
        "/privacy/requests/new/", "dsar_subjectrequest", {"right": "complaint", **_WORDS}, "demo08@example.lv"
    ),
    "request without an account": Form(
        "/privacy/requests/new/", "dsar_subjectrequest", {"right": "rectification", **_WORDS, "email": _WITHOUT_ACCOUNT}
    ),
    "enquiry": Form("/contact/", "enquiries_enquiry", {"email": _WITHOUT_ACCOUNT, **_WORDS}),
    "comment": Form(
        "/listings/{number}/comment/", "marketplace_comment", {"author_name": RTL, **_WORDS}, "demo08@example.lv"
    ),
    "report": Form(
        "/listings/{number}/report/",
        "marketplace_report",
        {"kind": "copy", "good_faith": True, **_WORDS},
        "demo08@example.lv",
    ),
    "order": Form("/listings/{number}/order/", "marketplace_order", {"payment": "transfer"}, "demo08@example.lv"),
}


@pytest.mark.parametrize("form", [pytest.param(form, id=name) for name, form in _FORMS.items()])
def test_two_presses_on_a_slow_line_and_the_way_back_make_one(
    telephone: Page, running_site: RunningSite, form: Form
) -> None:
    if form.email:
        log_in(telephone, form.email)
    number = listing_of_another(running_site, form.email)
    rows = f"SELECT count(*) FROM {form.table}"
    address, before = form.address.format(number=number), count(running_site, rows)
    telephone.goto(address)
    fill(telephone, form)
    on_a_slow_line(telephone)
    press(telephone, times=2)
    assert count(running_site, rows) == before + 1
    telephone.go_back()
    assert count(running_site, rows) == before + 1, "the way back sends nothing"
    fill(telephone, form)  # as a browser keeps what was typed
    press(telephone, times=1)
    assert count(running_site, rows) == before + 1, "the same words again are nothing new"
