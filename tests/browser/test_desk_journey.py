"""An officer takes requests to their end by pressing what the desk offers, and the person reads the answers."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import RunningSite
from tests.browser.rules import TELEPHONE, faults
from tests.browser.walking import log_in
from tests.people import PASSWORD

_WORDS = "Lūdzu, labojiet manu vārdu: esmu Anete."
_ANSWER = "Jūsu vārdu izlabojām, tagad tas ir Anete."


@contextmanager
def somebody(browser: Browser, site: RunningSite, email: str) -> Iterator[Page]:
    context = browser.new_context(base_url=site.url, locale="lv-LV", viewport=TELEPHONE)
    page = context.new_page()
    log_in(page, email)
    yield page
    context.close()


@pytest.fixture
def person(browser: Browser, running_site: RunningSite) -> Iterator[Page]:
    with somebody(browser, running_site, "demo07@example.lv") as page:
        yield page


@pytest.fixture
def officer(browser: Browser, running_site: RunningSite) -> Iterator[Page]:
    with somebody(browser, running_site, "ieva@qlekta.example") as page:
        yield page


@pytest.fixture
def second(browser: Browser, running_site: RunningSite) -> Iterator[Page]:
    with somebody(browser, running_site, "peteris@qlekta.example") as page:
        yield page


def ask(page: Page, right: str, words: str) -> str:
    """Files a request as a person does; its number."""
    page.goto(f"/privacy/requests/new/?right={right}")
    page.locator("main textarea").first.fill(words)
    page.locator("main form[method=post] button[type=submit]").last.click()
    page.wait_for_url(re.compile(r"/privacy/requests/[A-Z]+-"))
    return page.url.rstrip("/").rpartition("/")[2]


def prove(page: Page) -> None:
    """To the step that a press leads to; gives the password again where a grave one asks for it."""
    page.wait_for_url(re.compile("reauthenticate|/steps/"))
    if "reauthenticate" in page.url:
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("form:has([name=password]) [type=submit]").first.click()
        page.wait_for_url(re.compile("^[^?]*/steps/"))


def take(page: Page, number: str, name: str, **said: str) -> None:
    """From the queue to the case, to a step, and through it; what the page looks like is held against the rules."""
    page.goto("/admin/dsar/subjectrequest/")
    page.locator("#find-words").fill(number)
    page.locator(".desk-find button").click()
    if page.get_by_role("link", name=number).count():
        page.get_by_role("link", name=number).first.click()
    page.locator(f".steps a[href$='/steps/{name}/']").click()
    prove(page)
    assert faults(page) == [], name
    for field, value in {"reason": "Izskatīts.", **said}.items():
        box = page.locator(f"#content [name={field}]")
        if box.evaluate("field => field.matches('select')"):
            box.select_option(value)
        else:
            box.fill(value)
    page.locator("#content .submit-row input[type=submit]").click()
    expect(page.locator(".messagelist .success")).to_contain_text(number)


def test_a_correction_goes_from_the_queue_to_its_end_and_the_person_reads_the_answer(
    person: Page, officer: Page
) -> None:
    number = ask(person, "rectification", _WORDS)
    take(officer, number, "take-over")
    first = officer.locator("section.next .steps a").first
    expect(first).to_have_attribute("href", re.compile("/steps/correct/$"))
    first.click()
    prove(officer)
    name = officer.locator("#content [name=key] option[value$='|given_name']").first.get_attribute("value") or ""
    take(officer, number, "correct", key=name, value="Anete")
    take(officer, number, "answer", answer=_ANSWER)
    expect(officer.locator("section.next .steps")).to_have_count(0)
    assert faults(officer) == [], "a closed case"
    person.goto(f"/privacy/requests/{number}/")
    expect(person.locator("main")).to_contain_text(_ANSWER)
    assert faults(person) == [], "an answered request"
    person.goto("/account/")
    expect(person.locator("[name=given_name]")).to_have_value("Anete")


def test_a_refusal_needs_two_and_the_person_reads_why(person: Page, officer: Page, second: Page) -> None:
    number = ask(person, "objection", "Iebilstu.")
    take(officer, number, "propose-refusal", why="process_unfounded", answer="Šim iebildumam nav pamata.")
    expect(officer.locator(".steps a[href$='/steps/approve-refusal/']")).to_have_count(0)
    take(second, number, "approve-refusal")
    assert faults(second) == [], "a refused case"
    person.goto(f"/privacy/requests/{number}/")
    expect(person.locator("main")).to_contain_text("Šim iebildumam nav pamata.")
    assert faults(person) == [], "a refused request"
