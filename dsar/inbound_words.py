"""What a mail asks for and in which language, told from its words; they route it, and decide nothing (D3; Q19.3)."""

import re
import unicodedata
from typing import Final

from datamap.terms import Right

_NUMBER: Final = re.compile(r"\bQP-\d{4}-\d{6,9}-[A-Z]{2}\b")
_LATVIAN: Final = re.compile(r"[āčēģīķļņšūž]|\b(?:lūdzu|labdien|mani|manus|datus|dati|jūs|paldies|par|ir|un)\b")
_ENGLISH: Final = re.compile(r"\b(?:the|please|dear|hello|my|you|your|data|thanks|and|is|of|to)\b")
_CYRILLIC: Final = re.compile(r"[а-яё]")
_QUOTED: Final = re.compile(r"^\s*>.*$", re.MULTILINE)

_WORDS: Final[dict[Right, tuple[str, ...]]] = {
    Right.ACCESS: ("copy of my", "access to my", "right of access", "piekļuv", "kopiju", "доступ к", "копию"),
    Right.ERASURE: (
        "erase",
        "erasure",
        "delete my",
        "to be forgotten",
        "dzēst",
        "dzēsiet",
        "удалит",
        "удален",
        "стереть",
    ),
    Right.RECTIFICATION: ("rectif", "correct my", "inaccurate", "izlabo", "labot", "исправ"),
    Right.RESTRICTION: ("restrict", "ierobežo", "огранич"),
    Right.PORTABILITY: ("portab", "pārnesam", "переносимост"),
    Right.WITHDRAWAL: ("withdraw my consent", "atsaucu piekrišanu", "atsaukt piekrišanu", "отзываю согласие"),
    Right.OBJECTION: ("object to", "iebilst", "возража"),
    Right.COMPLAINT: ("complain", "sūdz", "жалоб"),
}


def folded(text: str) -> str:
    """One spelling of a text for comparison: compatible characters as one, without case."""
    return unicodedata.normalize("NFKC", text).casefold()


def right_in(subject: str, text: str) -> Right:
    """The one right that the words name; a general question where they name none or several: staff decide then."""
    words = folded(f"{subject}\n{_QUOTED.sub('', text)}")
    named = [right for right, stems in _WORDS.items() if any(stem in words for stem in stems)]
    return named[0] if len(named) == 1 else Right.GENERAL


def language_of(subject: str, text: str) -> str:
    """The language that most words belong to; Latvian where nothing tells."""
    words = folded(f"{subject}\n{_QUOTED.sub('', text)}")[:20_000]
    letters = sum(map(str.isalpha, words))
    if letters and len(_CYRILLIC.findall(words)) * 2 > letters:
        return "ru"
    return "en" if len(_ENGLISH.findall(words)) > len(_LATVIAN.findall(words)) else "lv"


def number_in(subject: str) -> str:
    """The number of a request in a subject; empty without one."""
    found = _NUMBER.search(unicodedata.normalize("NFKC", subject).upper())
    return found[0] if found else ""
