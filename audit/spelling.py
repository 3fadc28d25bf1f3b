"""Reads the rows of a ledger in their canonical spelling, as fast as a stream allows: PostgreSQL spells, Python hashes.

What is spelled here must equal `canonical_json(row.content())`; where it does not, verification asks the row itself.
"""

import json
from collections.abc import Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from django.db import connections, models

from datamap.canonical import canonical_json

if TYPE_CHECKING:
    from audit.ledger import LedgerRow

_CHUNK: Final = 5000
_AS_JSON: Final = "to_json({0})::text"
_AS_IS: Final = "{0}::text"
# RFC 3339 in UTC as Python writes it: no fraction where there is none.
_INSTANT: Final = (
    """'"' || to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')"""
    """ || CASE WHEN date_trunc('second', {0}) = {0} THEN '' ELSE to_char({0}, '.US') END || 'Z"'"""
)
_SPELLINGS: Final = {
    "CharField": _AS_JSON,
    "TextField": _AS_JSON,
    "UUIDField": _AS_JSON,
    "DateField": _AS_JSON,
    "DateTimeField": _INSTANT,
    "BooleanField": _AS_IS,
    "SmallIntegerField": _AS_IS,
    "PositiveSmallIntegerField": _AS_IS,
    "IntegerField": _AS_IS,
    "PositiveIntegerField": _AS_IS,
    "BigIntegerField": _AS_IS,
    "PositiveBigIntegerField": _AS_IS,
}

_END: Final = "'}'"

Spelled = tuple[int, str, str, str, bytes, bytes]
"""Id, hash of the row before, commitment, hash, salt, canonical content."""


def spelled_rows(model: "type[LedgerRow]", fields: list[models.Field], *, using: str) -> Iterator[Spelled]:
    """All rows in the order of their ids, streamed; `fields` are those that the commitment covers."""
    if any(field.get_internal_type() not in {*_SPELLINGS, "JSONField"} for field in fields):
        return rows_spelled_by_themselves(model, using=using)
    return _rows_spelled_by_postgres(_query(model, fields, using), using)


def rows_spelled_by_themselves(model: "type[LedgerRow]", *, using: str) -> Iterator[Spelled]:
    """The same through one object a row: for content that only Python knows."""
    for row in model._base_manager.using(using).order_by("id").iterator(_CHUNK):
        content = canonical_json(row.content())
        yield row.id, row.previous_hash, row.commitment, row.row_hash, bytes(row.salt), content


def _rows_spelled_by_postgres(query: str, using: str) -> Iterator[Spelled]:
    with connections[using].chunked_cursor() as cursor:
        cursor.execute(query)
        while chunk := cursor.fetchmany(_CHUNK):
            for id_, previous, commitment, own, salt, *parts in chunk:
                parts[1::2] = map(_canonical, parts[1::2])
                yield id_, previous, commitment, own, bytes.fromhex(salt), "".join(parts).encode()


def _canonical(document: str | None) -> str:
    if document is None or document == "{}":
        return document or "null"
    return canonical_json(json.loads(document)).decode()


def _query(model: "type[LedgerRow]", fields: list[models.Field], using: str) -> str:
    """Select the chain, then the content in parts: ready text and JSON documents still to be put in order, in turn."""
    quote = connections[using].ops.quote_name
    parts, ready = [], []
    for number, field in enumerate(sorted(fields, key=attrgetter("attname"))):
        ready.append(f"""'{"," if number else "{"}"{field.attname}":'""")
        column = quote(str(field.column))
        if field.get_internal_type() == "JSONField":
            parts += [f"concat({', '.join(ready)})", f"{column}::text"]
            ready = []
        else:
            ready.append(f"coalesce({_SPELLINGS[field.get_internal_type()].format(column)}, 'null')")
    parts.append(f"concat({', '.join([*ready, _END])})")
    chain = "id, previous_hash, commitment, row_hash, encode(salt, 'hex')"
    return f"SELECT {chain}, {', '.join(parts)} FROM {quote(model._meta.db_table)} ORDER BY id"  # noqa: S608 - names of our models
