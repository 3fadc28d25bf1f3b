"""Reads the rows of a ledger in their canonical spelling, as fast as COPY streams them, while the server reads on.

What is spelled here must equal `canonical_json(row.content())`; where it does not, verification asks the row itself.
"""

import json
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from json.encoder import encode_basestring
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from django.db import connections, models

from datamap.canonical import canonical_json

if TYPE_CHECKING:
    from audit.ledger import LedgerRow

Spelled = tuple[int, str, str, str, bytes, bytes]
"""Id, hash of the row before, commitment, hash, salt, canonical content."""
Take = Callable[[Spelled], object]

_CHUNK: Final = 5000
_TEXT: Final = "{0}"
_AS_TEXT: Final = "coalesce(({0})::text, 'null')"
_AS_JSON: Final = "coalesce(to_json({0})::text, 'null')"
_IN_UTC: Final = "{0} AT TIME ZONE 'UTC'"
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_decoded: Final = json.JSONDecoder().raw_decode


def read_spelled(model: "type[LedgerRow]", fields: Iterable[models.Field], take: Take, *, using: str) -> None:
    """Hand all rows to `take` in the order of their ids; `fields` are those that the commitment covers."""
    chosen = sorted(fields, key=attrgetter("attname"))
    if any(field.get_internal_type() not in _SPELLINGS for field in chosen) or chosen[0].attname in model.ADDED_LATER:
        read_spelled_by_themselves(model, take, using=using)
        return
    columns = [_column(field) for field in chosen]
    chain = ["id", "previous_hash", "commitment", "row_hash", "encode(salt, 'hex')"]
    table = connections[using].ops.quote_name(model._meta.db_table)
    query = f"COPY (SELECT {', '.join([*chain, *columns])} FROM {table} ORDER BY id) TO STDOUT"  # noqa: S608 - names of our models
    with connections[using].cursor() as cursor:
        cursor.copy_expert(query, _Reader(model, chosen, take))


def read_spelled_by_themselves(model: "type[LedgerRow]", take: Take, *, using: str) -> None:
    """The same through one object a row: for content that only Python knows."""
    for row in model._base_manager.using(using).order_by("id").iterator(_CHUNK):
        content = canonical_json(row.content())
        take((row.id, row.previous_hash, row.commitment, row.row_hash, bytes(row.salt), content))


class _Reader:
    """The file that COPY writes to: one line a row."""

    def __init__(self, model: "type[LedgerRow]", fields: list[models.Field], take: Take) -> None:
        self._template = "{" + ",".join(_place(model, field) for field in fields).replace(",%s", "%s") + "}"
        self._spellers = [_speller(model, field) for field in fields]
        self._take = take

    def write(self, line: bytes) -> None:
        values = line[:-1].decode().split("\t")
        if b"\\" in line:
            values = [_ESCAPED.sub(_unescape, value) for value in values]
        id_, previous, commitment, own, salt, *content = values
        spelled = tuple([spell(value) for spell, value in zip(self._spellers, content, strict=True)])
        self._take((int(id_), previous, commitment, own, bytes.fromhex(salt), (self._template % spelled).encode()))


def _unescape(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[1], found[1])


def _column(field: models.Field) -> str:
    column = f'"{field.column}"'
    kind = field.get_internal_type()
    if kind == "DateTimeField":
        column = _IN_UTC.format(column)
    plain, nullable, _ = _SPELLINGS[kind]
    return (nullable if field.null else plain).format(column)


def _place(model: "type[LedgerRow]", field: models.Field) -> str:
    """Where the value goes; a field that was added later brings its name along, or nothing."""
    return "%s" if field.attname in model.ADDED_LATER else f'"{field.attname}":%s'


def _speller(model: "type[LedgerRow]", field: models.Field) -> Callable[[str], str]:
    kind = field.get_internal_type()
    spell: Callable[[str], str] = _SPELLINGS[kind][2]
    if field.null and kind in _QUOTED_BY_POSTGRES:
        spell = str
    if field.attname in model.ADDED_LATER:
        return _added_later(field, spell)
    return spell


def _added_later(field: models.Field, spell: Callable[[str], str]) -> Callable[[str], str]:
    default = canonical_json(field.get_default()).decode()

    def spell_or_leave_out(value: str) -> str:
        spelled = spell(value)
        return "" if spelled == default else f',"{field.attname}":{spelled}'

    return spell_or_leave_out


def _instant(text: str) -> str:
    """RFC 3339 in UTC as Python writes it: six digits of a second, or none."""
    if text == "null":
        return text
    day, _, time = text.partition(" ")
    second, _, fraction = time.partition(".")
    return f'"{day}T{second}.{fraction:0<6}Z"' if fraction else f'"{day}T{second}Z"'


# The same few field names, counts and codes stand in most rows.
@lru_cache(maxsize=4096)
def _document(text: str) -> str:
    if text in {"{}", "null"}:
        return text
    return canonical_json(_decoded(text)[0]).decode()


def _bare(text: str) -> str:
    return f'"{text}"'


_QUOTED_BY_POSTGRES: Final = frozenset({"CharField", "TextField", "UUIDField", "DateField"})
# How a column is selected where it cannot be null, where it can, and how Python spells what comes.
_SPELLINGS: Final[dict[str, tuple[str, str, Any]]] = {
    "CharField": (_TEXT, _AS_JSON, encode_basestring),
    "TextField": (_TEXT, _AS_JSON, encode_basestring),
    "UUIDField": (_TEXT, _AS_JSON, _bare),
    "DateField": (_AS_TEXT, _AS_JSON, _bare),
    "DateTimeField": (_TEXT, _AS_TEXT, _instant),
    "JSONField": (_TEXT, _AS_TEXT, _document),
    **dict.fromkeys(
        (
            "BooleanField",
            "SmallIntegerField",
            "PositiveSmallIntegerField",
            "IntegerField",
            "PositiveIntegerField",
            "BigIntegerField",
            "PositiveBigIntegerField",
        ),
        (_AS_TEXT, _AS_TEXT, str),
    ),
}
