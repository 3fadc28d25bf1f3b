"""Reads letters as their people do: with pictures off, as text or as HTML, in their language."""

import re
from html.parser import HTMLParser
from typing import Final

from django.conf import settings

from mailing.composing import Letter

LOADS: Final = ("<img", "<script", "<style", "<link", "<iframe", "style=", "src=", "srcset=", "background=", "url(")
LEFT_OVER: Final = re.compile(r"%\(\w+\)|{{|}}|{%|%}|\bNone\b|<django|gettext")
WORD: Final = re.compile(r"\w+")


class _Words(HTMLParser):
    """The words of the body, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.links, self.language, self._body = "", list[str](), "", False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag == "html":
            self.language = known.get("lang") or ""
        if tag == "a":
            self.links.append(known.get("href") or "")
        self._body = self._body or tag == "body"
        self.text += " "

    def handle_data(self, data: str) -> None:
        if self._body:
            self.text += data


def complaints(letter: Letter) -> list[str]:
    """What somebody would have against it: none where it is fit to be sent."""
    page = _Words()
    page.feed(letter.html)
    found = [f"loads {sign}" for sign in LOADS if sign in letter.html.lower()]
    found += [f"leads to {link}" for link in page.links if not _is_ours(link)]
    found += [f"left over: {sign}" for sign in LEFT_OVER.findall(f"{letter.subject}\n{letter.text}\n{page.text}")]
    if page.language not in dict(settings.LANGUAGES):
        found.append(f"language {page.language!r}")
    if not letter.subject.strip() or len(letter.subject.splitlines()) > 1:
        found.append(f"subject {letter.subject!r}")
    text, html, linked = (set(WORD.findall(part)) for part in (letter.text, page.text, " ".join(page.links)))
    if html - text:
        found.append(f"only in HTML: {sorted(html - text)}")
    if text - html - linked:
        found.append(f"only as text: {sorted(text - html - linked)}")
    return found


def _is_ours(link: str) -> bool:
    return link.startswith((f"{settings.SITE_URL}/", "mailto:")) or link == settings.SITE_URL
