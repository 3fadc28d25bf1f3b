"""Makes ten rows of each one: what a page asks of the database must not grow with what it finds there."""

from collections.abc import Callable
from typing import Any, Final

from django.db import connection, models

from accounts.models import User
from datamap.registry import tables
from tests.database import as_owner

TIMES: Final = 10
Field = models.Field[Any, Any]

_APART: Final = 1_000_000
"""Between the number of a row and those of its copies, which stand before it: the end of a chain stays its end."""


def _as_it_is(field: Field) -> bool:
    return False


def _of_the_copy(field: Field) -> bool:
    """People stay who they are: theirs grows."""
    return isinstance(field, models.ForeignKey) and field.related_model is not User


def tenfold() -> set[str]:
    """Nine copies of every row, beside it under the same parent; where only one can be, under the parent's copies.

    What there can be only once at all stays alone. Returns the tables that grew.
    """
    with as_owner():
        return {
            model._meta.db_table
            for model in tables()
            if _grow(model, under=_as_it_is) or _grow(model, under=_of_the_copy)
        }


def _grow(model: type[models.Model], *, under: Callable[[Field], bool]) -> bool:
    if any(getattr(one, "deferrable", None) for one in model._meta.constraints):
        return False  # PostgreSQL cannot leave out what conflicts with these
    columns = {
        str(field.column): _copied(field)
        if field.unique or under(field)
        else connection.ops.quote_name(str(field.column))
        for field in model._meta.local_concrete_fields
        if not field.generated
    }
    names = ", ".join(map(connection.ops.quote_name, columns))
    statement = (
        f'INSERT INTO "{model._meta.db_table}" ({names}) OVERRIDING SYSTEM VALUE'
        f' SELECT {", ".join(columns.values())} FROM "{model._meta.db_table}", generate_series(1, {TIMES - 1}) AS copy'
        " ON CONFLICT DO NOTHING"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return bool(cursor.rowcount)


def _copied(field: Field) -> str:
    """What stands in a copy: the same for a row and for what leads to it."""
    name = connection.ops.quote_name(str(field.column))
    match field.db_type(connection):
        case "uuid":
            return f"md5({name}::text || copy)::uuid"
        case "bigint" | "integer" | "smallint":
            return f"{name} - copy * {_APART}"
        case _ if isinstance(field, models.CharField | models.TextField):
            return f"left(copy || {name}, {field.max_length or 10_000})"
        case _:
            return name
