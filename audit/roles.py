"""What the role of the site may do: read and write ordinary tables, only read and add to ledgers (Art. 32)."""

from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.utils import CursorWrapper
from django.db.utils import ProgrammingError

from audit.triggers import FADE, FORGET, FUNCTION, GUARDS, MARK_SEALED, NEWEST_SEAL

# Ledgers are known by their trigger, partitions of a ledger by their parent's; tables of extensions are not ours.
_TABLES: Final = """
SELECT c.relname, c.relkind = 'S',
       EXISTS (SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
               WHERE p.proname = %(function)s
                 AND (t.tgrelid = c.oid OR t.tgrelid IN (SELECT relid FROM pg_partition_ancestors(c.oid)))),
       pg_get_userbyid(c.relowner),
       pg_has_role(current_user, c.relowner, 'USAGE')
FROM pg_class c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'S')
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')
ORDER BY c.relname
"""

_PROTECTION: Final = """
SELECT c.relname,
       (SELECT count(*) FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE t.tgrelid = c.oid AND p.proname = %(function)s AND t.tgname = ANY(%(guards)s)
          AND t.tgenabled IN ('O', 'A')) = cardinality(%(guards)s),
       has_table_privilege(%(role)s, c.oid, 'UPDATE, DELETE, TRUNCATE')
FROM pg_class c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = ANY(%(tables)s)
"""

_LENT: Final = (
    f"{FORGET}(text, bigint)",
    f"{FADE}(text, bigint[])",
    f"{NEWEST_SEAL}(text)",
    f"{MARK_SEALED}(text, text, bigint)",
)


@dataclass(frozen=True, slots=True)
class _Relation:
    name: str
    is_sequence: bool
    is_ledger: bool
    owner: str
    is_ours: bool


def grant_site_role(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Give the site's role exactly its rights on every table and sequence of the schema; safe to repeat.

    Tables that the role owns itself (the visit log makes and drops its own partitions) keep their owner's rights.
    Raises ImproperlyConfigured where a table belongs to somebody whose rights the migrating role does not have.
    """
    connection = connections[using]
    role = settings.DATABASE_SITE_ROLE
    with transaction.atomic(using=using), connection.cursor() as cursor:
        cursor.execute(_TABLES, {"function": FUNCTION})
        relations = [_Relation(*row) for row in cursor.fetchall()]
        foreign = [item for item in relations if item.owner != role]
        if strangers := [f"{item.name} ({item.owner})" for item in foreign if not item.is_ours]:
            raise ImproperlyConfigured(
                f"Rights for {role} cannot be granted on {', '.join(strangers)}: migrate as the owner or its member."
            )
        tables = [item for item in foreign if not item.is_sequence]
        _set(cursor, "TABLE", [t for t in tables if not t.is_ledger], "SELECT, INSERT, UPDATE, DELETE")
        _set(cursor, "TABLE", [t for t in tables if t.is_ledger], "SELECT, INSERT")
        _set(cursor, "SEQUENCE", [item for item in foreign if item.is_sequence], "USAGE, SELECT")
        for function in _LENT:
            cursor.execute("SELECT to_regprocedure(%s)", [function])
            if cursor.fetchone()[0] is not None:  # not before its migration has run
                cursor.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {connection.ops.quote_name(role)}")


def create_site_role(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Create the role where the server has none, without log-in and without any right but to see the schema.

    Raises ImproperlyConfigured with the statement to run where the migrating role may not create roles.
    """
    connection = connections[using]
    role = settings.DATABASE_SITE_ROLE
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if cursor.fetchone() is None:
            _create(cursor, role)
        cursor.execute("SELECT current_schema()")
        schema = cursor.fetchone()[0]
        quote = connection.ops.quote_name
        cursor.execute(f"GRANT USAGE ON SCHEMA {quote(schema)} TO {quote(role)}")


def exposed_tables(tables: list[str], *, using: str = DEFAULT_DB_ALIAS) -> dict[str, str]:
    """Ledger tables whose protection is not in place, each with a sentence that says what is missing."""
    names: dict[str, Any] = {"function": FUNCTION, "role": settings.DATABASE_SITE_ROLE, "tables": tables}
    names["guards"] = list(GUARDS)
    with connections[using].cursor() as cursor:
        cursor.execute(_PROTECTION, names)
        found = {table: (guarded, writable) for table, guarded, writable in cursor.fetchall()}
    sentences = {table: _exposure(*found.get(table, (False, False))) for table in tables}
    return {table: sentence for table, sentence in sentences.items() if sentence}


def _exposure(guarded: bool, writable: bool) -> str:
    if not guarded:
        return "Its triggers are missing or switched off."
    return f"The role {settings.DATABASE_SITE_ROLE} may change it." if writable else ""


def _create(cursor: CursorWrapper, role: str) -> None:
    quoted = cursor.db.ops.quote_name(role)
    try:
        with transaction.atomic(using=cursor.db.alias):
            cursor.execute(f"CREATE ROLE {quoted} NOLOGIN")
    except ProgrammingError as error:
        raise ImproperlyConfigured(
            f"The database has no role {role}, and this user may not create it. Let an administrator run "
            f"CREATE ROLE {quoted} NOLOGIN; and make the site's login a member of it, then migrate again."
        ) from error


def _set(cursor: CursorWrapper, kind: str, relations: list[_Relation], rights: str) -> None:
    if not relations:
        return
    quote = cursor.db.ops.quote_name
    names = ", ".join(quote(item.name) for item in relations)
    role = quote(settings.DATABASE_SITE_ROLE)
    cursor.execute(f"REVOKE ALL ON {kind} {names} FROM {role}")
    cursor.execute(f"GRANT {rights} ON {kind} {names} TO {role}")
