"""What a deleted row leaves on the disk, and for how long: the server is told to clear it away at once (Art. 17, 32).

PostgreSQL hides a deleted row and lets it lie in its file until a vacuum finds it worth the work, which in a large
table may take months. Its statistics keep samples of the values, too. So every table with personal data is vacuumed and
analysed as soon as one row of it is dead, and its indexes with it.
"""

from collections.abc import Sequence
from typing import Any, Final

from django.core.checks import CheckMessage
from django.core.checks import Warning as Remark
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from datamap.registry import model_of, registry

PARAMETERS: Final = {
    "autovacuum_vacuum_threshold": "0",
    "autovacuum_vacuum_scale_factor": "0",
    "autovacuum_analyze_threshold": "0",
    "autovacuum_analyze_scale_factor": "0",
    "vacuum_index_cleanup": "on",
}
SET: Final = f"SET ({', '.join(f'{name} = {value}' for name, value in PARAMETERS.items())})"
"""What `ALTER TABLE` says to a new table; each day of a log of visits is one."""

# How the server as a whole must not be set: it vacuums by itself, begins a new file of its log of changes every so
# often, and removes the old ones instead of writing over them some day.
UNFIT: Final = {"autovacuum": "off", "wal_recycle": "on", "archive_timeout": "0"}

# A table in partitions has no file of its own: its leaves have.
_FILES: Final = """
WITH named AS (SELECT to_regclass(name) AS id FROM unnest(%s) AS name)
SELECT c.oid::regclass::text, COALESCE(c.reloptions, '{}')
FROM pg_class c
WHERE c.relkind = 'r'
  AND (c.oid IN (SELECT id FROM named) OR c.oid IN (SELECT relid FROM named, pg_partition_tree(named.id)))
ORDER BY 1
"""


def settle(*, using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Tell the server so for every declared table and partition that lacks it; returns their names. Safe to repeat.

    Takes no lock that a reader or a writer would notice.
    """
    with connections[using].cursor() as cursor:
        lacking = _lacking(cursor)
        for table in lacking:
            cursor.execute(f"ALTER TABLE {table} {SET}")
    return lacking


def unsettled(*, using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """The declared tables and partitions of which the server's catalogue does not say so."""
    with connections[using].cursor() as cursor:
        return _lacking(cursor)


def check_server(*, databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """W001 where tables wait for `migrate`, W002 where the server itself keeps what was deleted."""
    return [finding for using in databases or () for finding in _findings(connections[using])]


def _findings(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    findings: list[CheckMessage] = []
    if lacking := unsettled(using=connection.alias):
        message = f"Deleted rows may stay for long in the files of {len(lacking)} tables, such as {lacking[0]}."
        findings.append(Remark(message, hint="`manage.py migrate` mends it.", id="datamap.W001"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(UNFIT)])
        told = dict(cursor.fetchall())
    wrong = [f"{name} is {told.get(name)}" for name, unfit in UNFIT.items() if told.get(name, unfit) == unfit]
    if wrong:
        message = f"The database server may keep what was deleted in its log of changes: {', '.join(wrong)}."
        findings.append(Remark(message, hint="See docs/operations.md, What deletion leaves.", id="datamap.W002"))
    return findings


def _lacking(cursor: CursorWrapper) -> list[str]:
    quote = cursor.db.ops.quote_name
    names = [quote(model_of(holding)._meta.db_table) for holding in registry().holdings]
    cursor.execute(_FILES, [names])
    wanted = {f"{name}={value}" for name, value in PARAMETERS.items()}
    return [table for table, options in cursor.fetchall() if not wanted <= set(options)]
