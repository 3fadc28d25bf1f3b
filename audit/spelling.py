"""Reads the rows of a ledger in their canonical spelling, as fast as COPY streams them, while the server reads on.

What is spelled here must equal `canonical_json(row.content())`; where it does not, verification asks the row itself.
"""

import json
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from json.encoder import encode_basestring
from operator import attrgetter, itemgetter
from typing import Final

from django.db import connections, models

from audit.rows import CommittedRow, content_fields
from datamap.canonical import canonical_json

Take = Callable[[bytes, tuple[bytes, ...]], object]
"""Gets the canonical content of a row, and its proof as the model names it (`PROOF`): the salt first, the id last."""

_CHUNK: Final = 5000
_TEXTS: Final = frozenset({"CharField", "TextField"})
_AS_JSON: Final = "to_json({0})::text"
# How the server spells what is not plain text. An instant is RFC 3339 in UTC: six digits of a second, or none.
_SPELLINGS: Final = {
    **dict.fromkeys((*_TEXTS, "UUIDField", "DateField", "BooleanField"), _AS_JSON),
    "DateTimeField": (
        r"""replace(to_char({0} AT TIME ZONE 'UTC', '\"YYYY-MM-DD"T"HH24:MI:SS.US"Z"\"'), '.000000Z', 'Z')"""
    ),
    "JSONField": "{0}::text",
    **dict.fromkeys(("SmallIntegerField", "PositiveSmallIntegerField", "IntegerField"), "{0}::text"),
    **dict.fromkeys(("PositiveIntegerField", "BigIntegerField", "PositiveBigIntegerField"), "{0}::text"),
}
_BACKSLASH: Final = ord("\\")
_HARD: Final = bytes([ord('"'), *range(32)])
_ESCAPED: Final = re.compile(rb"\\(.)", re.DOTALL)
# A NULL comes as \N; where there should be none it becomes what no text can contain.
_ESCAPES: Final = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v", b"N": b"\0"}
_decoded: Final = json.JSONDecoder().raw_decode


def read_all(model: type[CommittedRow], take: Take, *, using: str) -> None:
    """Hand all rows to `take` in the order in which they are verified, each as fast as its content allows."""
    if model.content is CommittedRow.content:
        read_spelled(model, content_fields(model), take, using=using)
    else:
        read_spelled_by_themselves(model, take, using=using)


def read_spelled(model: type[CommittedRow], fields: Iterable[models.Field], take: Take, *, using: str) -> None:
    """Hand all rows to `take`; `fields` are those that the commitment covers."""
    chosen = sorted(fields, key=attrgetter("attname"))
    if any(field.get_internal_type() not in _SPELLINGS for field in chosen) or chosen[0].attname in model.ADDED_LATER:
        read_spelled_by_themselves(model, take, using=using)
        return
    columns = [_column(model, field) for field in chosen]
    table, order = connections[using].ops.quote_name(model._meta.db_table), ", ".join(model.READ_BY)
    query = f"COPY (SELECT {', '.join([*columns, *model.PROOF])} FROM {table} ORDER BY {order}) TO STDOUT"  # noqa: S608 - names of our models
    with connections[using].cursor() as cursor:
        cursor.copy_expert(query, _Reader(model, chosen, take))


def read_spelled_by_themselves(model: type[CommittedRow], take: Take, *, using: str) -> None:
    """The same through one object a row: for content that only Python knows."""
    for row in model._base_manager.using(using).order_by(*model.READ_BY).iterator(_CHUNK):
        take(canonical_json(row.content()), tuple([text.encode() for text in row.proof()]))


class _Reader:
    """The file that COPY writes to: one line a row, all of it bytes, since nearly every text stands for itself."""

    def __init__(self, model: type[CommittedRow], fields: list[models.Field], take: Take) -> None:
        places = ",".join(_place(model, field) for field in fields).replace(",%b", "%b")
        self._template = f"{{{places}}}".encode()
        self._texts = [index for index, field in enumerate(fields) if _is_text(model, field)]
        self._spellers = [(index, spell) for index, field in enumerate(fields) if (spell := _speller(model, field))]
        # Two hashes more, so that there are several texts to get and a tuple comes.
        self._get_texts = itemgetter(*self._texts, -3, -2)
        self._get_content, self._get_proof = itemgetter(*range(len(fields))), itemgetter(*range(-len(model.PROOF), 0))
        self._take = take

    def write(self, line: bytes) -> None:
        values = line.split(b"\t")
        written = b"".join(self._get_texts(values))
        if _BACKSLASH in line or len(written.translate(None, _HARD)) != len(written):
            self._escape(values)
        for index, spell in self._spellers:
            values[index] = spell(values[index])
        self._take(self._template % self._get_content(values), self._get_proof(values))

    def _escape(self, values: list[bytes]) -> None:
        values[:] = [_ESCAPED.sub(_unescape, value) for value in values]
        for index in self._texts:
            values[index] = encode_basestring(values[index].decode())[1:-1].encode()


def _unescape(found: re.Match[bytes]) -> bytes:
    return _ESCAPES.get(found[1], found[1])


def _is_text(model: type[CommittedRow], field: models.Field) -> bool:
    """Text that comes as it is and may have to be escaped; all else comes from the server as JSON."""
    return field.get_internal_type() in _TEXTS and not field.null and field.attname not in model.ADDED_LATER


def _column(model: type[CommittedRow], field: models.Field) -> str:
    column = f'"{field.column}"'
    if _is_text(model, field):
        return column
    return f"coalesce({_SPELLINGS[field.get_internal_type()].format(column)}, 'null')"


def _place(model: type[CommittedRow], field: models.Field) -> str:
    """Where the value goes; a field that was added later brings its name along, or nothing."""
    if field.attname in model.ADDED_LATER:
        return "%b"
    return f'"{field.attname}":"%b"' if _is_text(model, field) else f'"{field.attname}":%b'


def _speller(model: type[CommittedRow], field: models.Field) -> Callable[[bytes], bytes] | None:
    """What is left to do for Python."""
    spell = _document if field.get_internal_type() == "JSONField" else None
    return _added_later(field, spell or bytes) if field.attname in model.ADDED_LATER else spell


def _added_later(field: models.Field, spell: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    default, name = canonical_json(field.get_default()), canonical_json(field.attname)

    def spell_or_leave_out(value: bytes) -> bytes:
        spelled = spell(value)
        return b"" if spelled == default else b",%b:%b" % (name, spelled)

    return spell_or_leave_out


# The same few field names, counts and codes stand in most rows.
@lru_cache(maxsize=4096)
def _document(text: bytes) -> bytes:
    return canonical_json(_decoded(text.decode())[0])
