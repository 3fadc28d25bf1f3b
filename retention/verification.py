"""The search after the last step: does anything still speak of the person, in the map or outside it? (security E7)"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.apps import apps
from django.db import connections
from django.db.backends.utils import CursorWrapper

from datamap.declarations import Holding
from datamap.registry import model_of, registry
from datamap.terms import Category, Erasure, SubjectKey
from datamap.trace import Subject, rows_about

_OTHERS_WORDS: Final = frozenset({Category.FREE_TEXT, Category.PUBLIC_CONTENT, Category.REQUEST})
"""What others wrote may name the person: it is theirs, and a single text is decided upon request (Q14.10)."""

_COLUMNS: Final = """
    SELECT c.relname, a.attname, t.typname
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema()
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    WHERE c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition
      AND t.typname IN ('text', 'varchar', 'bpchar', 'citext', 'json', 'jsonb', 'uuid', '_text', '_varchar', '_uuid')
    ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Remains:
    """Rows that still speak of the person: where, and how many; never what they say."""

    table: str
    column: str
    rows: int


def find_remains(subject: Subject) -> list[Remains]:
    """Search by the map, then all tables of every database, undeclared ones too, for the address and the id.

    Declared keeps, ledgers and the words of others are left out: those stay for a stated reason.
    """
    return [*_by_the_map(subject), *_by_the_database(subject)]


def _by_the_map(subject: Subject) -> Iterator[Remains]:
    for holding in registry().holdings:
        if holding.erasure is not Erasure.DELETE or holding.ledger:
            continue
        if rows := rows_about(holding, subject, owned_only=True).count():
            yield Remains(holding.model, "", rows)


def _by_the_database(subject: Subject) -> Iterator[Remains]:
    exempt, shared = _exempt_columns(), _tables_of_others()
    for connection in connections.all():
        with connection.cursor() as cursor:
            for table, columns in _searched_columns(cursor).items():
                left = [column for column in columns if (table, column) not in exempt]
                words = _words(subject, with_id=table not in shared)
                if left and words:
                    yield from _search(cursor, table, left, words)


def _words(subject: Subject, *, with_id: bool) -> list[str]:
    words = sorted(subject.emails)
    if subject.user_id and with_id:
        words += [str(subject.user_id), subject.user_id.hex]
    return words


def _tables_of_others() -> set[str]:
    """Tables in which somebody else's row may name the account: its number, which leads nowhere now, stays there."""
    return {model_of(item)._meta.db_table for item in registry().holdings if SubjectKey.ALSO in item.about}


def _searched_columns(cursor: CursorWrapper) -> dict[str, list[str]]:
    cursor.execute(_COLUMNS)
    columns: dict[str, list[str]] = {}
    for table, column, _kind in cursor.fetchall():
        columns.setdefault(table, []).append(column)
    return columns


def _exempt_columns() -> set[tuple[str, str]]:
    exempt = set()
    for holding in registry().holdings:
        model = model_of(holding)
        for field in model._meta.concrete_fields:
            if field.column and (holding.ledger or _stays(holding, field.name)):
                exempt.add((model._meta.db_table, field.column))
    return exempt


def _stays(holding: Holding, field: str) -> bool:
    item = holding.personal.get(field)
    return item is not None and (item.on_erasure.verdict is Erasure.KEEP or item.category in _OTHERS_WORDS)


def _search(cursor: CursorWrapper, table: str, columns: list[str], words: list[str]) -> Iterator[Remains]:
    quote = cursor.db.ops.quote_name
    # Bounded, so that a longer address of somebody else is no hit.
    pattern = rf"(^|[^a-z0-9._%+-])({'|'.join(map(re.escape, words))})($|[^a-z0-9_-])"
    counts = ", ".join(f"count(*) FILTER (WHERE lower({quote(column)}::text) ~ %s)" for column in columns)
    # The whole row at once and without the pattern first: nearly every row of a large table ends there.
    row = f"lower(concat_ws(' ', {', '.join(f'{quote(column)}::text' for column in columns)}))"
    cursor.execute(
        f"SELECT {counts} FROM {quote(table)} WHERE {row} LIKE ANY(%s)",  # noqa: S608 - names of the database's own catalog, quoted
        [*[pattern] * len(columns), [f"%{word}%" for word in words]],
    )
    label = _label_of(table)
    for column, rows in zip(columns, cursor.fetchone(), strict=True):
        if rows:
            yield Remains(label, column, rows)


def _label_of(table: str) -> str:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.db_table == table:
            return model._meta.label
    return table
