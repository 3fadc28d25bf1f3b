"""What is new between two versions of a text, paragraph by paragraph and word by word (policy clause 20, Q20.1)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

from consent.models import TextVersion
from consent.placeholders import filled

_PARAGRAPH: Final = re.compile(r"\n{2,}")
_WORD: Final = re.compile(r"\s+|\w+|[^\w\s]")
_ALIKE: Final = 0.4
"""From this share of common words on, two paragraphs are one that was changed; below, one went and one came."""


class Kind(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a paragraph that stayed, came or went."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of either version, or one of both whose words differ."""

    kind: Kind
    pieces: tuple[Piece, ...]


def differences(old: TextVersion, new: TextVersion) -> list[Paragraph]:
    """Both texts as one, in the order of the new one: what went stands where it stood."""
    return list(_paragraphs(_split(old), _split(new)))


def _split(text: TextVersion) -> list[str]:
    return [part.strip().lstrip("#").strip() for part in [text.title, *_PARAGRAPH.split(filled(text.body))]]


def _paragraphs(old: Sequence[str], new: Sequence[str]) -> Iterator[Paragraph]:
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (_whole(Kind.SAME, text) for text in new[c:d])
        else:
            yield from _replaced(list(old[a:b]), new[c:d])


def _replaced(old: list[str], new: Sequence[str]) -> Iterator[Paragraph]:
    """Each new paragraph beside the next old one that it resembles; what is left of the old ones went."""
    for text in new:
        before = next((index for index, other in enumerate(old) if _resembles(other, text)), None)
        if before is None:
            yield _whole(Kind.ADDED, text)
            continue
        yield from (_whole(Kind.REMOVED, gone) for gone in old[:before])
        yield Paragraph(Kind.CHANGED, tuple(_words(old[before], text)))
        del old[: before + 1]
    yield from (_whole(Kind.REMOVED, gone) for gone in old)


def _resembles(old: str, new: str) -> bool:
    return SequenceMatcher(None, _WORD.findall(old), _WORD.findall(new), autojunk=False).ratio() >= _ALIKE


def _words(old: str, new: str) -> Iterator[Piece]:
    before, after = _WORD.findall(old), _WORD.findall(new)
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece(Kind.SAME, "".join(after[c:d]))
            continue
        if a != b:
            yield Piece(Kind.REMOVED, "".join(before[a:b]))
        if c != d:
            yield Piece(Kind.ADDED, "".join(after[c:d]))


def _whole(kind: Kind, text: str) -> Paragraph:
    return Paragraph(kind, (Piece(kind, text),))
