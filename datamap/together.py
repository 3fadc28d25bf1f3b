"""Rows of several tables in one question, for pages that show a little of each."""

import json
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.db.models import QuerySet


def together(*questions: QuerySet[Any]) -> list[list[Any]]:
    """The rows of each in its order, as `list` would give them: whole rows of one database, nothing joined to them."""
    if not questions:
        return []
    parts, values = list[str](), list[Any]()
    for rows in questions:
        try:
            sql, given = rows.query.sql_with_params()
        except EmptyResultSet:
            parts.append("NULL")
        else:
            parts.append(f"(SELECT json_agg(part)::text FROM ({sql}) part)")  # noqa: S608 - Django wrote it, values apart
            values += given
    with connections[questions[0].db].cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", values)
        found = cursor.fetchone()
    return [_rows(rows, text) for rows, text in zip(questions, found, strict=True)]


def _rows(question: QuerySet[Any], text: str | None) -> list[Any]:
    fields = question.model._meta.concrete_fields
    names = [field.attname for field in fields]
    rows = json.loads(text, parse_float=Decimal) if text else []
    values = ([_value(field, row[field.column]) for field in fields] for row in rows)
    return [question.model.from_db(question.db, names, list(row)) for row in values]


def _value(field: models.Field[Any, Any], value: Any) -> Any:
    """What the driver would have given, from what PostgreSQL writes into JSON."""
    if value is None or isinstance(field, models.JSONField):
        return value
    if field.get_internal_type() == "BinaryField":
        value = memoryview(bytes.fromhex(value.removeprefix("\\x")))
    convert = getattr(field, "from_db_value", None)
    return convert(value, None, None) if convert else field.to_python(value)
