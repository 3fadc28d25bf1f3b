"""Where a page leads to another site, that site learns neither from where nor gets a hold of the window (clause 15)."""

import re
from html.parser import HTMLParser

import pytest
from django.test import Client

PAGES = ("/", "/privacy/", "/privacy/policy/", "/privacy/notice/", "/cookies/")


class Links(HTMLParser):
    """The attributes of all links of a page that lead to another site."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        if tag == "a" and re.match(r"(https?:)?//", held.get("href") or ""):
            self.found.append(held)


def opens_safely(link: dict[str, str | None]) -> bool:
    """A new window is given to nobody; who may not be told is not told, by the link too where we wrote it."""
    return "target" not in link and bool({"noreferrer", "nofollow"} & set((link.get("rel") or "").split()))


@pytest.mark.clause("Q15.8")
@pytest.mark.usefixtures("published_texts")
def test_a_link_to_another_site_tells_it_nothing_and_gives_it_no_window(client: Client) -> None:
    links = []
    for page in PAGES:
        answer = client.get(page)
        assert answer.status_code == 200, page
        assert answer.headers["Referrer-Policy"] == "same-origin"
        links += Links(answer.content.decode()).found
    assert len(links) > 5
    assert [link for link in links if not opens_safely(link)] == []


@pytest.mark.parametrize("link", ['href="https://x.example"', 'target="_blank" rel="noreferrer" href="//x.example"'])
def test_a_link_that_would_is_found(link: str) -> None:
    (found,) = Links(f"<a {link}>").found
    assert not opens_safely(found)
