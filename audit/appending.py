"""Adds a row to its ledger in one round trip: writers behind the end of a chain wait as briefly as possible."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction

if TYPE_CHECKING:
    from audit.rows import CommittedRow, LeafRow, LedgerRow

    Row = TypeVar("Row", bound=LedgerRow)
    Leaf = TypeVar("Leaf", bound=LeafRow)

GENESIS: Final = "0" * 64
# What the transaction has written before is checked against the rows it refers to now, not at its commit: an erasure
# holds the account and then waits for this ledger, so nobody may hold the ledger and then wait for the account.
CHECKED: Final = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"
LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
# Spelled out, because the models are made of this module and cannot be imported here.
FORGOTTEN: Final = "SELECT last_hash FROM audit_forgetting WHERE ledger = %s ORDER BY id DESC LIMIT 1"
_HASHED: Final = "encode(sha256('\\x01'::bytea || decode(before.hash, 'hex') || decode(%s, 'hex')), 'hex')"
_COMES_BY_ITSELF: Final = frozenset({"previous_hash", "row_hash", "seal"})
_CHAINED: Final = ("previous_hash", "row_hash")
# Exactly these types: what only equals one of them (a True for a 1) is written otherwise.
_PLAIN: Final[dict[str, type]] = {
    "CharField": str,
    "TextField": str,
    "UUIDField": UUID,
    "DateField": date,
    "DateTimeField": datetime,
    "BooleanField": bool,
    "SmallIntegerField": int,
    "PositiveSmallIntegerField": int,
    "IntegerField": int,
    "PositiveIntegerField": int,
    "BigIntegerField": int,
    "PositiveBigIntegerField": int,
}


def add_to_end(row: "Row", *, using: str) -> "Row":
    """Lock the ledger, find what the row follows, hash and insert it: one round trip, whether it is empty or not.

    Two statements all the same: one alone would look with the eyes it had before it waited for the lock. Outside of a
    transaction the two are one. The hash is `audit.ledger.chain`, computed by the server.
    """
    connection = connections[using]
    given = _given_fields(type(row))
    values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in given]
    meta = row._meta
    with transaction.mark_for_rollback_on_error(using=using), connection.cursor() as cursor:
        cursor.execute(
            _statement(type(row), using),
            [lock_name(type(row)), *values, row.commitment, meta.label, GENESIS],
        )
        row.pk, row.previous_hash, row.row_hash = cursor.fetchone()
    row._state.adding, row._state.db = False, using
    return row


def check_references(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Have the database check the foreign keys now, not at commit, where no savepoint could catch it.

    For what deletes, and before several rows are appended that are judged together. Raises IntegrityError when
    something still refers to a row that is gone.
    """
    with connections[using].cursor() as cursor:
        cursor.execute(CHECKED)


def add_leaf(row: "Leaf", *, using: str) -> "Leaf":
    """Insert it, waiting for nobody: what it belongs to is decided by the seal that comes later."""
    connection = connections[using]
    fields = _given_fields(type(row))
    values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
    with transaction.mark_for_rollback_on_error(using=using), connection.cursor() as cursor:
        cursor.execute(_insertion(type(row), using), values)
        (row.pk,) = cursor.fetchone()
    row._state.adding, row._state.db = False, using
    return row


def is_read_as_written(row: "CommittedRow", fields: Iterable[models.Field]) -> bool:
    """True where the database gives every value back exactly as it stands in the row; False where that must be seen."""
    return all(_is_plain(field, getattr(row, field.attname)) for field in fields)


def lock_name(model: "type[CommittedRow]") -> str:
    """What the writers of a ledger queue for."""
    return f"ledger:{model._meta.db_table}"


def _is_plain(field: models.Field, value: Any) -> bool:
    if value is None:
        return True
    if field.get_internal_type() == "JSONField":
        return _is_plain_json(value)
    return type(value) is _PLAIN.get(field.get_internal_type()) or _is_choice(field, value)


def _is_choice(field: models.Field, value: Any) -> bool:
    return field.get_internal_type() == "CharField" and isinstance(value, models.TextChoices)


def _is_plain_json(value: Any) -> bool:
    """Text, whole numbers, truth values, and lists and objects of them; floats may come back in another spelling."""
    if isinstance(value, dict):
        return all(type(key) is str and _is_plain_json(item) for key, item in value.items())
    if isinstance(value, list):
        return all(map(_is_plain_json, value))
    return value is None or type(value) in {str, int, bool}


@cache
def _given_fields(model: "type[CommittedRow]") -> tuple[models.Field, ...]:
    """The fields whose values the row brings along."""
    return tuple(
        field for field in model._meta.concrete_fields if not field.primary_key and field.name not in _COMES_BY_ITSELF
    )


@cache
def _insertion(model: "type[LeafRow]", using: str) -> str:
    quote = connections[using].ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in _given_fields(model))
    values = ", ".join(["%s"] * len(_given_fields(model)))
    return f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({values}) RETURNING id"  # noqa: S608 - names of our models


@cache
def _statement(model: "type[LedgerRow]", using: str) -> str:
    quote = connections[using].ops.quote_name
    table = quote(model._meta.db_table)
    columns = [quote(str(field.column)) for field in _given_fields(model)]
    values = ", ".join(["%s"] * len(columns))
    end = f"SELECT coalesce((SELECT row_hash FROM {table} ORDER BY id DESC LIMIT 1), ({FORGOTTEN}), %s) AS hash"  # noqa: S608 - names of our models
    checked = f"{CHECKED}; " if model.is_judged_alone else ""
    return (
        f"{checked}{LOCK}; INSERT INTO {table} ({', '.join([*columns, *_CHAINED])}) "  # noqa: S608 - the same
        f"SELECT {values}, before.hash, {_HASHED} FROM ({end}) AS before RETURNING id, previous_hash, row_hash"
    )
