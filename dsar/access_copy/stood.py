"""Rows that went since the receipt of a request, out of its snapshot, as they stood then (clauses.md D12)."""

import base64
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, islice
from typing import Any, Final
from uuid import UUID

from django.db.models import Q
from django.utils.duration import duration_iso_string
from django.utils.translation import gettext as _

from datamap.periods import RIGA
from datamap.registry import model_of
from datamap.trace import Subject, rows_about
from dsar.access_copy import spelt
from dsar.access_copy.cells import json_value
from dsar.access_copy.contents import Column, Table
from dsar.access_copy.portions import Portion
from dsar.access_copy.rows import CHUNK, Values
from dsar.models import Snapshot, SubjectRequest
from vault.files import read_sealed
from vault.keys import VaultError

log = logging.getLogger(__name__)

STOOD_ON: Final = "as_it_stood_on"
_OWN: Final = ""
_DAY: Final = " "
"""Names that no column has: whether a row is the person's own, and the day on which it stood so."""


class SnapshotUnreadable(Exception):
    """The file of a snapshot does not open: the answer is not whole."""


@dataclass(frozen=True, slots=True)
class AsItStood:
    """What was set aside for a request; `day` is the one on which it was."""

    snapshot: Snapshot
    subject: Subject
    day: date

    def portions(self, table: Table) -> Iterator[Portion]:
        """The rows of this table that are there no more, spelt for a copy; the last cell says since when they stand so.

        Raises SnapshotUnreadable.
        """
        columns = table.columns
        for is_own, day, chunk in self._gone(table, columns):
            spellings = table.spellings(is_own=is_own)
            shown = [spell(values) for spell, values in zip(spellings, chunk, strict=True)]
            mark = _("deleted on time; as it stood on %(day)s") % {"day": day}
            yield spelt.portion(table, [*shown, [mark] * len(chunk[0])])

    def records(self, table: Table, columns: dict[str, str]) -> Iterator[dict[str, Any]]:
        """The person's own rows among them for a program: field -> value, and the day. Raises SnapshotUnreadable."""
        by_attname = {column.attname: column for column in table.columns}
        for is_own, day, chunk in self._gone(table, tuple(by_attname[name] for name in columns.values())):
            for row in zip(*chunk, strict=True):
                if is_own:
                    record = {name: json_value(value) for name, value in zip(columns, row, strict=True)}
                    yield {**record, STOOD_ON: day}

    def _gone(self, table: Table, columns: tuple[Column, ...]) -> Iterator[tuple[bool, str, list[Values]]]:
        if not self.snapshot.manifest.get(table.holding.model) or not columns:
            return
        fields = {field.attname: field for field in model_of(table.holding)._meta.concrete_fields}
        for is_own, day, rows in _by_chunks(self._rows_of(table)):
            gone = self._without_living(table, rows)
            if gone:
                yield (
                    is_own,
                    day,
                    [
                        [_value(fields[column.attname], row[column.attname], column) for row in gone]
                        for column in columns
                    ],
                )

    def _without_living(self, table: Table, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        key = model_of(table.holding)._meta.pk
        keys = [key.to_python(row["pk"]) for row in rows]
        living = rows_about(table.holding, self.subject).filter(_among(table, rows), pk__in=keys).order_by()
        alive = set(living.values_list("pk", flat=True))
        return [row for row, pk in zip(rows, keys, strict=True) if pk not in alive]

    def _rows_of(self, table: Table) -> Iterator[dict[str, Any]]:
        """The rows of one table as they were written, by name; nothing where the snapshot speaks of somebody else."""
        lines = _lines(self.snapshot)
        if not _is_of(json.loads(next(lines)), self.subject):
            log.error("snapshot %s is about somebody else: left out", self.snapshot.pk)
            return
        known: dict[str, Any] = dict.fromkeys(column.attname for column in table.columns)
        for head, (is_own, pk, *values) in _rows_in(lines, table.holding.model):
            stood = {_OWN: is_own, _DAY: head.get("day", self.day.isoformat())}
            yield {**known, **dict(zip(head["columns"], values, strict=True)), "pk": pk, **stood}


def stood_for(case: SubjectRequest | None, subject: Subject) -> AsItStood | None:
    """What was set aside for this request; None where nothing was."""
    taken = Snapshot.objects.filter(case=case, taken_at__isnull=False).first() if case else None
    if taken is None or taken.taken_at is None:
        return None
    return AsItStood(taken, subject, taken.taken_at.astimezone(RIGA).date())


def rows_of_file(snapshot: Snapshot) -> Iterator[bytes]:
    """A snapshot line by line: the person, then each table's head and its rows. Raises SnapshotUnreadable."""
    return _lines(snapshot)


def kept_columns(table: Table) -> dict[str, Column]:
    """What of a table is set aside: what the person may read, and no more."""
    return {column.attname: column for column in table.columns}


def packed(subject: Subject) -> dict[str, Any]:
    """The person as the first line of a snapshot names her."""
    return {
        "user": subject.user_id,
        "emails": sorted(subject.emails),
        "phones": sorted(subject.phones),
        "visitors": sorted(subject.visitors),
    }


def spoken_of(snapshot: Snapshot, subject: Subject) -> bool:
    """Whether a snapshot is about this person; False also where it does not open."""
    try:
        return _is_of(json.loads(next(_lines(snapshot))), subject)
    except SnapshotUnreadable:
        return False


def as_line(value: Any) -> bytes:
    """One line of a snapshot."""
    return json.dumps(value, ensure_ascii=False, default=_plain).encode() + b"\n"


def _is_of(keys: dict[str, Any], subject: Subject) -> bool:
    """The same account; or no account, and only addresses and numbers that were shown to be this person's."""
    if keys["user"] is not None:
        return subject.user_id is not None and UUID(keys["user"]) == subject.user_id
    known = (("emails", subject.emails), ("phones", subject.phones), ("visitors", subject.visitors))
    return all(set(keys[name]) <= values for name, values in known)


def _lines(snapshot: Snapshot) -> Iterator[bytes]:
    rest = b""
    try:
        for frame in read_sealed(snapshot.key_owner, snapshot.file_name, context=snapshot.context):
            *whole, rest = (rest + frame).split(b"\n")
            yield from whole
    except (VaultError, OSError) as trouble:
        raise SnapshotUnreadable(snapshot.pk) from trouble


def _rows_in(lines: Iterator[bytes], model: str) -> Iterator[tuple[dict[str, Any], list[Any]]]:
    """The rows of one table, each with the head it stands under: a renewed snapshot has several of each table."""
    head: dict[str, Any] = {}
    for line in lines:
        if line.startswith(b"{"):
            head = json.loads(line)
        elif head["table"] == model:
            yield head, json.loads(line)


def _by_chunks(rows: Iterator[dict[str, Any]]) -> Iterator[tuple[bool, str, list[dict[str, Any]]]]:
    for (is_own, day), group in groupby(rows, key=lambda row: (bool(row[_OWN]), row[_DAY])):
        while chunk := list(islice(group, CHUNK)):
            yield is_own, day, chunk


def _among(table: Table, rows: list[dict[str, Any]]) -> Q:
    """The time in which these rows began, in a log with partitions: its clock never changes, and no other day is
    looked into."""
    clock = table.holding.clock
    if not (table.holding.purge_with and clock) or table.holding.ends:
        return Q()
    times = [datetime.fromisoformat(row[clock]) for row in rows if row.get(clock)]
    return Q(**{f"{clock}__range": (min(times), max(times))}) if times else Q()


def _value(field: Any, value: Any, column: Column) -> Any:
    return value if column.is_described else field.to_python(value)


def _plain(value: Any) -> Any:
    match value:
        case date():
            return value.isoformat()
        case timedelta():
            return duration_iso_string(value)
        case bytes() | memoryview():
            return base64.b64encode(bytes(value)).decode()
        case set() | frozenset() | tuple():
            return list(value)
        case _:
            return str(value)
