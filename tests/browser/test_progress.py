"""A figure that moves on an open page without a reload, what is typed beside it, and the size of My privacy."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import psycopg2
import pytest
from playwright.sync_api import Browser, Page, expect

from replay.guard import LINES
from tests.browser.conftest import RunningSite
from tests.browser.walking import log_in
from tests.people import PASSWORD

MOST_BYTES: Final = 60_000

Run = Callable[..., None]


@pytest.fixture
def site_page(browser: Browser, running_site: RunningSite) -> Iterator[Page]:
    context = browser.new_context(base_url=running_site.url, locale="en-GB")
    yield context.new_page()
    context.close()


@pytest.fixture
def run(running_site: RunningSite) -> Run:
    """Changes the database as the owner of its tables, in place of a worker that takes its time."""

    def execute(sql: str, *values: object) -> None:
        with psycopg2.connect(running_site.owner_database_url) as connection, connection.cursor() as cursor:
            cursor.execute(sql, values)

    return execute


def step_up(page: Page) -> None:
    if "/reauthenticate/" in page.url:
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("main form button[type=submit]").first.click()


_HELD: Final = """
CREATE FUNCTION hold_package() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.state := 'building'; NEW.rows_done := 10; NEW.rows_total := 100;
    NEW.lease := gen_random_uuid(); NEW.leased_until := now() + interval '1 hour';
    RETURN NEW;
END $$;
CREATE TRIGGER hold_package BEFORE INSERT ON dsar_package FOR EACH ROW EXECUTE FUNCTION hold_package();
"""
_LET_GO: Final = "DROP TRIGGER hold_package ON dsar_package; DROP FUNCTION hold_package();"
_OF: Final = "WHERE request_id = (SELECT id FROM dsar_subjectrequest WHERE number = %s)"
_MOVED: Final = f"UPDATE dsar_package SET rows_done = %s {_OF}"
_FREE: Final = f"UPDATE dsar_package SET state = 'queued', lease = NULL, leased_until = NULL {_OF}"


@pytest.fixture
def busy(run: Run) -> Iterator[None]:
    """As if another worker had just taken every copy that is asked for, and written ten of a hundred records."""
    run(_HELD)
    yield
    run(_LET_GO)


def ask_for_copy(page: Page) -> str:
    page.goto("/privacy/requests/new/?right=access")
    step_up(page)
    page.locator("main form button[type=submit]").last.click()
    step_up(page)
    expect(page.locator("progress")).to_have_attribute("value", "10", timeout=15_000)
    return page.locator("h1").inner_text().split()[-1]


@pytest.mark.usefixtures("busy")
def test_a_copy_moves_on_without_a_reload_and_typed_text_survives(site_page: Page, run: Run) -> None:
    log_in(site_page, "demo03@example.lv")
    number = ask_for_copy(site_page)
    site_page.goto(f"/privacy/requests/{number}/?write=1")
    bar = site_page.locator("progress")
    expect(bar).to_have_attribute("value", "10")
    site_page.evaluate("window.stayed = true")
    site_page.locator("textarea").first.fill("half a sentence")
    run(_MOVED, 60, number)
    expect(bar).to_have_attribute("value", "60", timeout=15_000)
    expect(site_page.locator("#live-copy")).to_contain_text("atlikuši 40 no 100")
    expect(site_page.locator("p.visually-hidden[role=status]")).to_contain_text("60 %")
    run(_FREE, number)
    expect(site_page.locator("main a[href$='/package/']")).to_be_visible(timeout=90_000)
    expect(bar).to_have_count(0)
    assert site_page.locator("textarea").first.input_value() == "half a sentence"
    assert site_page.evaluate("window.stayed") is True


@pytest.mark.usefixtures("busy")
def test_without_script_the_page_is_loaded_again(browser: Browser, running_site: RunningSite, run: Run) -> None:
    context = browser.new_context(base_url=running_site.url, locale="en-GB", java_script_enabled=False)
    page = context.new_page()
    log_in(page, "demo04@example.lv")
    number = ask_for_copy(page)
    run(_MOVED, 70, number)
    expect(page.locator("progress")).to_have_attribute("value", "70", timeout=15_000)
    context.close()


def test_my_privacy_is_small(site_page: Page) -> None:
    log_in(site_page, "demo01@example.lv")
    line: Any = site_page.context.new_cdp_session(site_page)
    sizes: list[float] = []
    line.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    line.send("Network.enable")
    line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    site_page.goto("/privacy/")
    site_page.wait_for_load_state("networkidle")
    assert len(sizes) >= 3
    assert sum(sizes) < MOST_BYTES


_MARKETING: Final = """
INSERT INTO accounts_user_groups (user_id, group_id)
SELECT u.id, g.id FROM accounts_user u, auth_group g WHERE u.email = 'ieva@qlekta.example' AND g.name = 'marketing'
ON CONFLICT DO NOTHING
"""
_WORDING: Final = (
    "SELECT version FROM consent_textversion WHERE code = 'MARKETING_EMAIL' ORDER BY valid_from DESC LIMIT 1"
)


def list_of(readers: int, wording: str) -> bytes:
    lines = [f"lasitajs{number}@example.lv,2024-05-31,newsletter_form,{wording}" for number in range(readers)]
    return "\n".join(["email,consented_at,how,wording", *lines, "broken", "👩‍🌾,,,", "مريم@example.lv,,,"]).encode()


def test_a_list_is_taken_over_before_ones_eyes_and_two_presses_are_one(
    site_page: Page, running_site: RunningSite, run: Run
) -> None:
    run(_MARKETING)
    with psycopg2.connect(running_site.owner_database_url) as connection, connection.cursor() as cursor:
        cursor.execute(_WORDING)
        (wording,) = cursor.fetchone() or ("",)
    log_in(site_page, "ieva@qlekta.example")
    site_page.goto("/admin/newsletters/campaign/import/")
    step_up(site_page)
    lists = site_page.locator("a[href*='/campaign/import/'][href$='/']").filter(has_text=":")
    before = lists.count()
    content = list_of(1_000, wording)
    site_page.locator("[name=file]").set_input_files({"name": "list.csv", "mimeType": "text/csv", "buffer": content})
    site_page.locator("#content input[type=submit]").dblclick()
    expect(site_page.locator("#live-list progress")).to_be_visible(timeout=15_000)
    site_page.evaluate("window.stayed = true")
    expect(site_page.locator("#live-list")).to_contain_text("no 1003")
    expect(site_page.locator("#live-list[data-again]")).to_have_count(0, timeout=120_000)
    assert site_page.evaluate("window.stayed") is True
    expect(site_page.locator("#live-list dd").first).to_have_text("1000")
    expect(site_page.locator("#live-refused li")).to_have_count(3)
    site_page.set_viewport_size({"width": 360, "height": 800})
    assert site_page.evaluate("document.documentElement.scrollWidth") == 360
    site_page.goto("/admin/newsletters/campaign/import/")
    expect(lists).to_have_count(before + 1)


class Rewound:
    """A database that was set back by some lines of its journal, as a restore leaves it; the site is closed."""

    def __init__(self, running_site: RunningSite, cursor: Any) -> None:
        self.marker, self._cursor = running_site.mail.parent / "restored.json", cursor
        self.marker.write_text("{}")
        cursor.execute("SELECT journal::text FROM replay_journalhead")
        journal = Path(running_site.environment["JOURNAL_DIR"]) / cursor.fetchone()[0]
        files = sorted(journal.glob("*.jsonl"))
        self._lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
        cursor.execute("CREATE TABLE kept_entries AS SELECT * FROM replay_journalentry")

    def leave(self, left: int) -> None:
        """So many lines are unknown to the database."""
        if not json.loads(self.marker.read_text()):  # as the replay writes it when it begins
            self.marker.write_text(json.dumps({LINES: left}))
        known, unknown = self._lines[: len(self._lines) - left], self._lines[len(self._lines) - left :]
        head = known[-1]
        self._cursor.execute(
            "INSERT INTO replay_journalentry SELECT * FROM kept_entries ON CONFLICT DO NOTHING;"
            "DELETE FROM replay_journalentry WHERE id::text = ANY(%s);"
            "UPDATE replay_journalhead SET position = %s, line_hash = %s",
            [[line["id"] for line in unknown], head["n"], head["hash"]],
        )

    def open(self) -> None:
        self.leave(0)
        self._cursor.execute("DROP TABLE kept_entries")
        self.marker.unlink()


@pytest.fixture
def rewound(running_site: RunningSite) -> Iterator[Rewound]:
    connection = psycopg2.connect(running_site.owner_database_url)
    connection.autocommit = True
    set_back = Rewound(running_site, connection.cursor())
    yield set_back
    if set_back.marker.exists():
        set_back.open()
    connection.close()


def test_the_closed_site_says_how_far_the_replay_is_and_opens_by_itself(
    browser: Browser, running_site: RunningSite, rewound: Rewound
) -> None:
    rewound.leave(24)  # so many the demo alone has written
    context = browser.new_context(base_url=running_site.url, locale="lv", viewport={"width": 360, "height": 800})
    page = context.new_page()
    page.wait_for_timeout(2_500)  # each process looks at most every two seconds
    answer = page.goto("/")
    assert answer is not None
    assert (answer.status, answer.headers["cache-control"]) == (503, "no-store")
    page.evaluate("window.stayed = true")
    expect(page.locator("#live-replay")).to_contain_text("Atlikuši 24 lēmumi no 24", timeout=15_000)
    rewound.leave(6)
    expect(page.locator("progress")).to_have_attribute("value", "75", timeout=20_000)
    expect(page.locator("#live-replay")).to_contain_text("Atlikuši 6 lēmumi no 24")
    assert page.evaluate("window.stayed") is True
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    rewound.open()
    expect(page.locator("#live-replay")).to_have_count(0, timeout=20_000)
    expect(page.locator("header")).to_be_visible()
    context.close()
