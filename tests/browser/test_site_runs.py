"""The browser reaches the real site, speaks to nobody else, and finds nothing to complain of."""

from urllib.parse import urlsplit

from playwright.sync_api import Page

from tests.browser.conftest import RunningSite


def test_the_first_page_opens_without_a_complaint_or_another_origin(page: Page, running_site: RunningSite) -> None:
    complaints: list[str] = []
    asked: set[str] = set()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
    answer = page.goto(f"{running_site.url}/")
    assert answer is not None
    assert answer.status == 200
    assert "Qlekta" in page.title()
    assert complaints == []
    assert asked == {urlsplit(running_site.url).netloc}
