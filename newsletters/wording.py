"""The words of a campaign: plain text in paragraphs, with links of this site alone; never evaluated as a template."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from unicodedata import category

from django.conf import settings
from django.utils.translation import gettext as _

from mailing.composing import ForeignLink, Letter, absolute_url, compose
from newsletters.models import Campaign

TEMPLATE: Final = "campaign"
_LINK: Final = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//[^\s<>\"]+|www\.[^\s<>\"]+", re.IGNORECASE)
_END_OF_SENTENCE: Final = ".,;:!?)»”'"
_TURNS_TEXT_ROUND: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class UnfitText(ValueError):
    """A text may not be sent as it stands; says why, in a sentence for the one who wrote it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a line: text, and where it leads if it is a link."""

    text: str
    link: str = ""


def tidy(text: str) -> str:
    """The text with lines ended in one way, or UnfitText for what could deceive the reader or leads elsewhere."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if any(letter in _TURNS_TEXT_ROUND or (category(letter) == "Cc" and letter not in "\n\t") for letter in text):
        raise UnfitText(_("The text contains control characters. Please type it anew, or paste it as plain text."))
    for link in _links(text):
        try:
            absolute_url(link)
        except ForeignLink:
            sentence = _("Only links of this site may stand in a letter. This one leads elsewhere: %(link)s")
            raise UnfitText(sentence % {"link": link[:100]}) from None
    return text


def _links(text: str) -> Iterator[str]:
    for found in _LINK.finditer(text):
        link = found[0].rstrip(_END_OF_SENTENCE)
        yield f"{link}/" if link == settings.SITE_URL else link


def paragraphs_of(text: str) -> list[list[list[Piece]]]:
    """Paragraphs of lines of pieces, as the letter shows them."""
    return [
        [list(_pieces(line)) for line in paragraph.split("\n")]
        for paragraph in re.split(r"\n\s*\n", text)
        if paragraph.strip()
    ]


def _pieces(line: str) -> Iterator[Piece]:
    end = 0
    for found in _LINK.finditer(line):
        link = found[0].rstrip(_END_OF_SENTENCE)
        yield Piece(line[end : found.start()])
        yield Piece(link, link)
        end = found.start() + len(link)
    yield Piece(line[end:])


def context_of(campaign: Campaign, *, language: str, way_out: str, is_test: bool = False) -> dict[str, Any]:
    """What the template of the letter shows; `way_out` is the path under every advertisement."""
    subject, body = campaign.words(language)
    return {
        "heading": subject,
        "text": body,
        "paragraphs": paragraphs_of(body),
        "unsubscribe_url": way_out,
        "is_test": is_test,
    }


def preview(campaign: Campaign, *, language: str, way_out: str) -> Letter:
    """The letter as a recipient of this language would read it."""
    context = context_of(campaign, language=language, way_out=way_out)
    return compose(TEMPLATE, language=language, purpose="MARKETING_EMAIL", context=context)
