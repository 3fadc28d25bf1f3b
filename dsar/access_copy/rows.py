"""Reads the rows of one table for a copy, in chunks; what is sealed is opened, the keys of a chunk in one query."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from django.db.models import QuerySet, TextField, UUIDField
from django.db.models.functions import Cast

from vault.fields import UNREADABLE, KeyRing, Sealed, SealedTextField, Unreadable, sealed_fields

CHUNK: Final = 2000

Values = Sequence[Any]
"""What one column holds in a chunk of rows."""


def read_chunks(rows: QuerySet[Any], names: Sequence[str], limit: int | None = None) -> Iterator[list[Values]]:
    """The values of these columns, chunk by chunk and in it column by column; at most `limit` rows."""
    sealed = [field for field in sealed_fields(rows.model) if field.attname in names]
    owners = [field.owner for field in sealed]
    columns = list(dict.fromkeys([*names, *owners]))
    found = iter(rows.values_list(*_sources(rows, columns, owners))[:limit].iterator(CHUNK))
    while chunk := list(islice(found, CHUNK)):
        held: dict[str, Values] = dict(zip(columns, zip(*chunk, strict=True), strict=True))
        ring = KeyRing(owner for name in owners for owner in held[name])
        for field in sealed:
            pairs = zip(held[field.attname], held[field.owner], strict=True)
            held[field.attname] = [_opened(field, value, owner, ring) for value, owner in pairs]
        yield [held[name] for name in names]


def _sources(rows: QuerySet[Any], columns: Iterable[str], owners: Iterable[str]) -> list[str | Cast]:
    """The database writes the digits of a UUID faster than they are made an object and back; owners of keys are."""
    uuids = {field.attname for field in rows.model._meta.concrete_fields if isinstance(field, UUIDField)}
    return [Cast(name, TextField()) if name in uuids.difference(owners) else name for name in columns]


def _opened(field: SealedTextField, value: Any, owner: Any, ring: KeyRing) -> Any:
    """The text; a sentence in place of one that does not open: a copy must not show a gap as if nothing were there."""
    if isinstance(value, Sealed):
        value = field.open(value, owner=owner, ring=ring)
    return str(UNREADABLE) if isinstance(value, Unreadable) else value
