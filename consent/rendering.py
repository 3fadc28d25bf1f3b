"""Published texts as pages show them: the policy as sections, a consent as one paragraph."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language

from consent.models import TextVersion
from consent.placeholders import filled
from consent.queries import ConsentStatus
from consent.texts import current_masters, current_text, in_language

_HEADING: Final = re.compile(r"(##+) (?:(?P<number>[0-9.]+?)\.? )?(?P<title>.+)")
_NUMBERED: Final = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)+)\. ")


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph or list. `level` 2 or 3 for headings, 0 otherwise; `anchor` is the clause's number."""

    level: int = 0
    number: str = ""
    text: str = ""
    items: tuple[str, ...] = ()

    @property
    def anchor(self) -> str:
        return f"clause-{self.number.replace('.', '-')}" if self.number else ""


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one consent as they are shown, and the hash by which the proof names them."""

    code: str
    title: str
    text: str
    sha256: str
    language: str
    version: str = ""

    @property
    def label(self) -> str:
        """The words beside a box, marked with their language where the page has another one."""
        if self.language == get_language():
            return self.text
        return format_html('<span lang="{}">{}</span>', self.language, self.text)


def wording(code: str, *, language: str, now: datetime | None = None) -> Wording:
    """The words of a consent in force, in the language asked for. Raises NotPublishedError."""
    return _wording(current_text(code, language=language, on=(now or timezone.now()).date()))


def wordings(codes: Collection[str], *, language: str, now: datetime | None = None) -> dict[str, Wording]:
    """The same for several consents at once, in their order, without those that were never published."""
    masters = current_masters(codes, on=(now or timezone.now()).date())
    return {code: _wording(in_language(masters[code], language)) for code in codes if code in masters}


def _wording(text: TextVersion) -> Wording:
    return Wording(text.code, text.title, filled(text.body), text.sha256, text.language, text.version)


def shown_before(status: ConsentStatus, today: Wording) -> Wording | None:
    """The words that stood there when it was decided; None where they are those of today, in whatever language."""
    event = status.event
    if event is None or not event.text_sha256:
        return None
    shown = TextVersion.objects.filter(code=event.purpose, sha256=event.text_sha256).first()
    if shown is None or shown.version == today.version:
        return None
    return _wording(shown)


def blocks(text: TextVersion) -> Iterator[Block]:
    """The parts of a text in their order."""
    for part in re.split(r"\n{2,}", filled(text.body)):
        yield _block(part.strip())


def contents(text: TextVersion) -> list[Block]:
    """The headings of the first rank, for the table of contents."""
    return [block for block in blocks(text) if block.level == 2]


def _block(part: str) -> Block:
    if heading := _HEADING.fullmatch(part):
        return Block(len(heading[1]), heading["number"] or "", heading["title"])
    lines = part.split("\n")
    if all(line.startswith("- ") for line in lines):
        return Block(items=tuple(line[2:].strip() for line in lines))
    numbered = _NUMBERED.match(part)
    return Block(number=numbered["number"], text=part[numbered.end() :]) if numbered else Block(text=part)
