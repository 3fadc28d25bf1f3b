"""Reads the rows of one table for a copy, in chunks; what is sealed is opened, the keys of a chunk in one query."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

from django.db.models import QuerySet

from vault.fields import UNREADABLE, KeyRing, Sealed, SealedTextField, Unreadable, sealed_fields

CHUNK: Final = 2000


def read_rows(rows: QuerySet[Any], names: Sequence[str], limit: int | None = None) -> Iterator[list[Any]]:
    """The values of these columns, row by row; at most `limit` rows."""
    sealed = {field.attname: field for field in sealed_fields(rows.model) if field.attname in names}
    columns = list(dict.fromkeys([*names, *(field.owner for field in sealed.values())]))
    found = rows.values_list(*columns)
    stream = found.iterator(CHUNK) if limit is None else found[:limit].iterator(CHUNK)
    while chunk := [dict(zip(columns, row, strict=True)) for row in islice(stream, CHUNK)]:
        ring = KeyRing(row[field.owner] for row in chunk for field in sealed.values())
        for row in chunk:
            opened = {name: _opened(field, row, ring) for name, field in sealed.items()}
            yield [opened[name] if name in opened else row[name] for name in names]


def _opened(field: SealedTextField, row: dict[str, Any], ring: KeyRing) -> Any:
    """The text; a sentence in place of one that does not open: a copy must not show a gap as if nothing were there."""
    value = row[field.attname]
    if isinstance(value, Sealed):
        value = field.open(value, owner=row[field.owner], ring=ring)
    return str(UNREADABLE) if isinstance(value, Unreadable) else value
