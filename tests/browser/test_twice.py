"""Two presses make one thing, and odd words keep a page in its place."""

import re
from collections.abc import Iterator
from typing import Final
from uuid import uuid4

import psycopg2
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import RunningSite
from tests.browser.walking import log_in

LONG: Final = "Ļ" * 80
RTL: Final = "مريم العربية 🙂"


_OF_ANOTHER: Final = """
SELECT l.id::text FROM marketplace_listing l JOIN accounts_user u ON u.id = l.seller_id
WHERE l.state = 'published' AND l.ends_at > now() AND u.email <> 'demo06@example.lv' LIMIT 1
"""


@pytest.fixture
def telephone(browser: Browser, running_site: RunningSite) -> Iterator[Page]:
    context = browser.new_context(
        base_url=running_site.url, locale="lv-LV", viewport={"width": 360, "height": 800}, reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


def count(site: RunningSite, sql: str, *values: object) -> int:
    with psycopg2.connect(site.owner_database_url) as connection, connection.cursor() as cursor:
        cursor.execute(sql, values)
        (found,) = cursor.fetchone() or (0,)
    return int(found)


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
    with psycopg2.connect(running_site.owner_database_url) as connection, connection.cursor() as cursor:
        cursor.execute(_OF_ANOTHER)
        (number,) = cursor.fetchone() or ("",)
    telephone.goto(f"/listings/{number}/ask/")
    telephone.locator("textarea").fill(f"{RTL} {LONG}")
    telephone.locator("main form button[type=submit]").first.dblclick()
    telephone.wait_for_url(re.compile("/messages/"))
    expect(telephone.locator("ol.messages li").filter(has_text=LONG)).to_have_count(1)
    assert telephone.evaluate("document.documentElement.scrollWidth") == 360
