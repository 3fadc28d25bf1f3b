"""Reads a list of subscribers of an earlier system: a broken line is named and none is guessed (K12)."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from io import BytesIO
from itertools import islice
from typing import Final, Self
from unicodedata import category

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from consent.terms import Method
from datamap.periods import RIGA
from datamap.terms import Text
from mailing.composing import InvalidAddress, checked_address
from newsletters.terms import Reason

LARGEST: Final = 10 * 1024 * 1024
COLUMNS: Final = ("email", "language", "consented_at", "how", "wording")
WAYS: Final = frozenset(
    {
        Method.SIGNUP_FORM,
        Method.CONSENTS_PAGE,
        Method.ACCOUNT,
        Method.PAPER,
        Method.EMAIL,
        Method.NEWSLETTER_FORM,
    }
)
"""How somebody can have consented; that a list says so is one of the three things that a consent needs here."""

_FORMULA: Final = ("=", "+", "-", "@")
_WORDING: Final = re.compile(r"[0-9a-zA-Z._-]{1,64}")
_LONGEST_CELL: Final = 320
_LONGEST_LINE: Final = 2_000
_UTF_8_SIGN: Final = b"\xef\xbb\xbf"
_UTF_16_SIGNS: Final = (b"\xff\xfe", b"\xfe\xff")
_OTHER_SIGNS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b", b"{\\rtf")
"""How workbooks, documents and packed files begin."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one line, with the numbers or words that its sentence needs."""

    line: int
    reason: Reason
    facts: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: the address, and what the list knows of the consent; None and empty where it knows nothing."""

    line: int
    address: str
    language: str
    consented_at: datetime | None
    how: str
    wording: str

    @property
    def has_evidence(self) -> bool:
        """When, how and to which words: less proves nothing (Art. 7(1))."""
        return bool(self.consented_at and self.how and self.wording)


class UnfitFile(ValueError):
    """Nothing of this file can be read as a list; says what to do, in the language of the page."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class _Broken(ValueError):
    """One line is broken."""

    def __init__(self, reason: Reason, **facts: str | int) -> None:
        super().__init__(reason.value)
        self.reason, self.facts = reason, facts


@dataclass(frozen=True, slots=True)
class OldList:
    """A list whose first line names its columns; how many lines follow is counted, what stands there is not looked at
    yet."""

    data: bytes
    columns: tuple[str, ...]
    delimiter: str
    count: int

    @classmethod
    def of(cls, data: bytes) -> Self:
        """The list in a file. Raises UnfitFile."""
        if len(data) > LARGEST:
            raise UnfitFile(_("The file may have at most 10 MB."))
        number, first = next(_lines(data), (0, b""))
        if not number:
            raise UnfitFile(_("The file is empty."))
        if data.startswith(_UTF_16_SIGNS):
            raise UnfitFile(_("The file is not in UTF-8. Open it in a spreadsheet and save it as “CSV UTF-8”."))
        if data.startswith(_OTHER_SIGNS) or b"\0" in first:
            raise UnfitFile(_("This is not a CSV file. Open it in a spreadsheet and save it as “CSV UTF-8”."))
        columns, delimiter = _header(first)
        count = sum(1 for _line in _lines(data)) - 1
        if not count:
            raise UnfitFile(_("The first line is there, but no line with an address follows."))
        return cls(data, columns, delimiter, count)

    def read(self, *, now: datetime) -> Iterator[Entry | Fault]:
        """Each line that is not empty, in the order of the list."""
        first_seen: dict[str, int] = {}
        for number, line in islice(_lines(self.data), 1, None):
            try:
                entry = self._entry(number, line, now=now)
                if (before := first_seen.setdefault(entry.address, number)) != number:
                    raise _Broken(Reason.DOUBLE, line=before)  # noqa: TRY301 - said like any other fault
            except _Broken as broken:
                yield Fault(number, broken.reason, broken.facts)
            else:
                yield entry

    def _entry(self, number: int, line: bytes, *, now: datetime) -> Entry:
        cells = _cells(line, self.delimiter)
        if len(cells) != len(self.columns):
            raise _Broken(Reason.CELLS, found=len(cells), wanted=len(self.columns))
        return _entry(number, dict(zip(self.columns, cells, strict=True)), now=now)


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines that are not empty, with their numbers in the file."""
    return ((number, line) for number, line in enumerate(BytesIO(data), start=1) if line.strip())


def _header(line: bytes) -> tuple[tuple[str, ...], str]:
    delimiter = ";" if b";" in line else ","
    try:
        columns = [name.lower() for name in _cells(line.removeprefix(_UTF_8_SIGN), delimiter)]
    except _Broken:
        columns = []
    if "email" not in columns or len(set(columns)) != len(columns) or set(columns) - set(COLUMNS):
        raise UnfitFile(_("The first line must name the columns, as shown above. Only “email” is always needed."))
    return tuple(columns), delimiter


def _cells(line: bytes, delimiter: str) -> list[str]:
    """The cells of one line; a cell never reaches into the next line, so that one broken quote spoils one line."""
    if len(line) > _LONGEST_LINE:
        raise _Broken(Reason.LONG_LINE)
    try:
        text = line.rstrip(b"\r\n").decode()
    except UnicodeDecodeError:
        raise _Broken(Reason.ENCODING) from None
    if any(category(letter) in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"} for letter in text):
        raise _Broken(Reason.CONTROL)
    try:
        (cells,) = csv.reader([text], delimiter=delimiter, strict=True)
    except (csv.Error, ValueError):
        raise _Broken(Reason.QUOTES) from None
    cells = [cell.strip() for cell in cells]
    if any(len(cell) > _LONGEST_CELL for cell in cells):
        raise _Broken(Reason.LONG_CELL)
    if any(cell.startswith(_FORMULA) for cell in cells):
        raise _Broken(Reason.FORMULA)
    return cells


def _entry(line: int, cells: Mapping[str, str], *, now: datetime) -> Entry:
    try:
        address = checked_address(cells["email"])
    except InvalidAddress:
        raise _Broken(Reason.ADDRESS) from None
    language = cells.get("language", "") or settings.LANGUAGE_CODE
    if language not in dict(settings.LANGUAGES):
        raise _Broken(Reason.LANGUAGE)
    how, wording = cells.get("how", ""), cells.get("wording", "")
    if how and how not in WAYS:
        raise _Broken(Reason.WAY, ways=", ".join(sorted(WAYS)))
    if wording and not _WORDING.fullmatch(wording):
        raise _Broken(Reason.WORDING)
    return Entry(line, address, language, _moment(cells.get("consented_at", ""), now=now), how, wording)


def _moment(text: str, *, now: datetime) -> datetime | None:
    """The time in ISO 8601, in Riga where it names no zone; a day alone is its beginning."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise _Broken(Reason.TIME) from None
    found = found if found.tzinfo else found.replace(tzinfo=RIGA)
    if not datetime.combine(date(2000, 1, 1), time(), tzinfo=UTC) < found <= now:
        raise _Broken(Reason.TIME_BEYOND)
    return found.astimezone(UTC)
