"""The rows of the site for a copy that testing may use: nobody's name, address, words or keys are in it (clause 7.2,
Art. 4(5), 25).

What a field holds says its declaration in the data map, so a field that is declared tomorrow is covered tomorrow. One
random key, thrown away at the end, makes equal values equal pseudonyms: rows still lead to each other. Days, amounts
and states stay as they are, which is what such a copy is for, and why it is still personal data (recital 26).
"""

import secrets
from typing import Any, BinaryIO, Final

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.backends.utils import CursorWrapper
from django.db.migrations.recorder import MigrationRecorder

from datamap.declarations import Personal
from datamap.registry import registry, tables
from datamap.terms import Category
from outbox.models import Effect
from replay.models import JournalEntry, JournalHead

_KEY: Final = "qlekta.pseudonym_key"
_LENGTH: Final = 16  # of a pseudonym in place of words; no two of a million values share one
_LONGEST: Final = 1000

_UUID: Final = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"

# The tags of dollar quoting keep what is written below as it is; each function lives as long as the connection.
_FUNCTIONS: Final = (
    f"""
    pseudonym(value text) RETURNS text AS $$
        SELECT encode(sha256(convert_to(current_setting('{_KEY}') || value, 'UTF8')), 'hex')
    $$""",
    """
    of_uuid(value uuid) RETURNS uuid AS $$
        SELECT left(pg_temp.pseudonym(value::text), 32)::uuid
    $$""",
    f"""
    of_key(value text) RETURNS text AS $$
        SELECT CASE WHEN value ~ '{_UUID}' THEN pg_temp.of_uuid(value::uuid)::text ELSE value END
    $$""",
    f"""
    of_text(value text, longest int) RETURNS text AS $$
        SELECT CASE
            WHEN value = '' THEN ''
            WHEN value ~ '{_UUID}' THEN pg_temp.of_key(value)
            WHEN value ~ '^[0-9a-f]{{32,64}}$' THEN left(pg_temp.pseudonym(value), length(value))
            WHEN value LIKE '%@%' AND longest >= 40 THEN left(pg_temp.pseudonym(value), {_LENGTH}) || '@example.invalid'
            ELSE left(pg_temp.pseudonym(value), least(longest, {_LENGTH}))
        END
    $$""",
    """
    of_network(value inet) RETURNS inet AS $$
        SELECT ('2001:db8' || regexp_replace(left(pg_temp.pseudonym(host(value)), 24), '(....)', ':\\1', 'g'))::inet
    $$""",
    """
    of_json(value jsonb) RETURNS jsonb AS $$
        SELECT CASE jsonb_typeof(value)
            WHEN 'string' THEN to_jsonb(pg_temp.of_text(value #>> '{}', 1000))
            WHEN 'array' THEN
                (SELECT coalesce(jsonb_agg(pg_temp.of_json(item)), '[]') FROM jsonb_array_elements(value) AS e (item))
            WHEN 'object' THEN
                (SELECT coalesce(jsonb_object_agg(k, pg_temp.of_json(v)), '{}') FROM jsonb_each(value) AS e (k, v))
            ELSE value
        END
    $$""",
)

_TEXTS: Final = {"CharField", "TextField", "SlugField"}
_DAYS: Final = {"DateField", "DateTimeField", "TimeField", "DurationField"}
_COUNTS: Final = {
    *("BooleanField", "DecimalField", "IntegerField", "BigIntegerField", "AutoField", "BigAutoField"),
    *("PositiveIntegerField", "PositiveSmallIntegerField", "PositiveBigIntegerField", "SmallIntegerField"),
}
_IN_PLACE: Final = {
    "GenericIPAddressField": "pg_temp.of_network({})",
    "JSONField": "pg_temp.of_json({})",
    # Sealed bytes, and an index of words: nothing of them can be kept.
    "BinaryField": "substring({} FOR 0)",
    "SearchVectorField": "NULL::tsvector",
}


_LEFT_OUT: Final = {JournalEntry, JournalHead, Effect}
"""The journal belongs to the site that wrote it; and a copy must not charge or write to anybody."""


def write_rows(out: BinaryIO, *, using: str = DEFAULT_DB_ALIAS) -> dict[str, int]:
    """Write the rows of every table of one database as PostgreSQL's COPY blocks, all as of one moment.

    To be called outside a transaction, with the privileges of the owner of the tables. They go into tables that have
    neither keys nor triggers yet. Returns label of the model -> number of rows.
    """
    written = {}
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT set_config(%s, %s, true)", [_KEY, secrets.token_hex(32)])
        cursor.execute("SET LOCAL check_function_bodies = off")  # one of them calls itself
        for function in _FUNCTIONS:
            cursor.execute(f"CREATE OR REPLACE FUNCTION pg_temp.{function} LANGUAGE sql STABLE STRICT")
        existing = set(connections[using].introspection.table_names(cursor))
        every: list[type[models.Model]] = [*tables(), MigrationRecorder.Migration]
        for model in every:
            if model._meta.db_table in existing and model not in _LEFT_OUT:
                written[model._meta.label] = _write_table(out, model, cursor)
    return written


def _write_table(out: BinaryIO, model: type[models.Model], cursor: CursorWrapper) -> int:
    name = cursor.db.ops.quote_name
    table = name(model._meta.db_table)
    fields = {name(field.column): field for field in model._meta.local_concrete_fields}
    values = ", ".join(f"{in_place_of(column, field)} AS {column}" for column, field in fields.items())
    out.write(f"COPY public.{table} ({', '.join(fields)}) FROM stdin;\n".encode())
    cursor.copy_expert(f"COPY (SELECT {values} FROM {table}) TO STDOUT", out)  # noqa: S608 - quoted names of ours
    rows: int = cursor.rowcount
    out.write(b"\\.\n\n")
    for sequence in cursor.db.introspection.get_sequences(cursor, model._meta.db_table):
        cursor.execute(f"SELECT last_value FROM {name(sequence['name'])}")  # noqa: S608 - the same
        out.write(f"SELECT setval('public.{name(sequence['name'])}', {cursor.fetchone()[0]});\n\n".encode())
    return rows


def in_place_of(column: str, field: models.Field[Any, Any]) -> str:
    """What stands in the copy in place of a column, as SQL; KeyError for a kind of field that nobody thought of."""
    target = field
    while isinstance(target, models.ForeignKey):  # a key may be made of another
        target = target.target_field
    kind, personal = target.get_internal_type(), _declared(field)
    if kind == "UUIDField":
        return f"pg_temp.of_uuid({column})"
    if personal is None:
        return f"pg_temp.of_key({column})" if kind in _TEXTS else column
    if _says_nothing(kind, field, personal):
        return column
    if kind in _TEXTS:
        return f"pg_temp.of_text({column}, {target.max_length or _LONGEST})"
    return _IN_PLACE[kind].format(column)


def _says_nothing(kind: str, field: models.Field[Any, Any], personal: Personal) -> bool:
    """Days, amounts and codes are what tests are about, and none of them alone is about somebody."""
    is_code = bool(field.choices or personal.words) or personal.category is Category.LANGUAGE
    return is_code or kind in _DAYS | _COUNTS


def _declared(field: models.Field[Any, Any]) -> Personal | None:
    try:
        return registry().holding(field.model).personal.get(field.name)
    except KeyError:
        return None
