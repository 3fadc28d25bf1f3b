"""Reads a list of subscribers of an earlier system, line by line: every broken line is named, none is guessed (K12)."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final
from unicodedata import category

from django.conf import settings
from django.utils.translation import gettext as _

from consent.terms import Method
from datamap.periods import RIGA
from mailing.composing import InvalidAddress, checked_address

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


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one line, in a sentence that does not repeat what stands there."""

    line: int
    sentence: str


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


class BrokenList(ValueError):
    """The list has faults, and nothing of it was taken over."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{len(faults)} broken lines")
        self.faults = faults


class _Broken(ValueError):
    """One line is broken; the text is the sentence."""


def read(data: bytes, *, now: datetime) -> list[Entry]:
    """The lines of a list. Raises BrokenList with all faults at once."""
    if len(data) > LARGEST:
        raise BrokenList([Fault(1, _("The file may have at most 10 MB."))])
    lines = [(number, line) for number, line in enumerate(data.split(b"\n"), start=1) if line.strip()]
    if not lines:
        raise BrokenList([Fault(1, _("The file is empty."))])
    try:
        columns, delimiter = _header(lines[0][1])
    except _Broken as broken:
        raise BrokenList([Fault(lines[0][0], str(broken))]) from None
    return _entries(lines[1:], columns, delimiter, now=now)


def _entries(lines: list[tuple[int, bytes]], columns: list[str], delimiter: str, *, now: datetime) -> list[Entry]:
    entries, faults, first_seen = [], [], dict[str, int]()
    for number, line in lines:
        try:
            cells = _cells(line, delimiter)
            if len(cells) != len(columns):
                counts = {"found": len(cells), "wanted": len(columns)}
                raise _Broken(_("The line has %(found)s cells, the first line has %(wanted)s.") % counts)  # noqa: TRY301
            entry = _entry(number, dict(zip(columns, cells, strict=True)), now=now)
            if (before := first_seen.setdefault(entry.address, number)) != number:
                raise _Broken(_("The address stands in line %(line)s already.") % {"line": before})  # noqa: TRY301
        except _Broken as broken:
            faults.append(Fault(number, str(broken)))
        else:
            entries.append(entry)
    if faults:
        raise BrokenList(faults)
    return entries


def _header(line: bytes) -> tuple[list[str], str]:
    delimiter = ";" if b";" in line else ","
    columns = [name.lower() for name in _cells(line.removeprefix(b"\xef\xbb\xbf"), delimiter)]
    if "email" not in columns or len(set(columns)) != len(columns) or set(columns) - set(COLUMNS):
        names = {"columns": ", ".join(COLUMNS)}
        raise _Broken(_("The first line must name the columns: %(columns)s. Only “email” is always needed.") % names)
    return columns, delimiter


def _cells(line: bytes, delimiter: str) -> list[str]:
    """The cells of one line; a cell never reaches into the next line, so that one broken quote spoils one line."""
    try:
        text = line.rstrip(b"\r").decode()
    except UnicodeDecodeError:
        raise _Broken(_("The line is not in UTF-8.")) from None
    if any(category(letter) in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"} for letter in text):
        raise _Broken(_("The line contains control characters."))
    try:
        (cells,) = csv.reader([text], delimiter=delimiter, strict=True)
    except (csv.Error, ValueError):
        raise _Broken(_("The quotation marks of the line do not match.")) from None
    cells = [cell.strip() for cell in cells]
    if any(len(cell) > _LONGEST_CELL for cell in cells):
        raise _Broken(_("A cell of the line is too long."))
    if any(cell.startswith(_FORMULA) for cell in cells):
        raise _Broken(_("A cell begins like a formula of a spreadsheet."))
    return cells


def _entry(line: int, cells: Mapping[str, str], *, now: datetime) -> Entry:
    try:
        address = checked_address(cells["email"])
    except InvalidAddress:
        raise _Broken(_("This is not the address of one mailbox.")) from None
    language = cells.get("language", "") or settings.LANGUAGE_CODE
    if language not in dict(settings.LANGUAGES):
        raise _Broken(_("The language must be lv, en or ru."))
    how, wording = cells.get("how", ""), cells.get("wording", "")
    if how and how not in WAYS:
        raise _Broken(_("How the person consented must be one of: %(ways)s.") % {"ways": ", ".join(sorted(WAYS))})
    if wording and not _WORDING.fullmatch(wording):
        raise _Broken(_("The wording must be its version or its hash."))
    return Entry(line, address, language, _moment(cells.get("consented_at", ""), now=now), how, wording)


def _moment(text: str, *, now: datetime) -> datetime | None:
    """The time in ISO 8601, in Riga where it names no zone; a day alone is its beginning."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise _Broken(_("The time of the consent must be written like 2024-05-31 or 2024-05-31T14:30.")) from None
    found = found if found.tzinfo else found.replace(tzinfo=RIGA)
    if not datetime.combine(date(2000, 1, 1), time(), tzinfo=UTC) < found <= now:
        raise _Broken(_("The time of the consent lies in the future, or before the year 2000."))
    return found.astimezone(UTC)


def chunks(entries: list[Entry], size: int = 500) -> Iterator[list[Entry]]:
    """The entries in parts for which one query each is enough."""
    for start in range(0, len(entries), size):
        yield entries[start : start + size]
