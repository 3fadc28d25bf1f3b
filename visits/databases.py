"""Where the visit log lies: with everything else, or in a database of its own that VISITS_DATABASE_URL names.

Only the rows of visitors move. What is counted of them stays with everything else: it has no term and names nobody.
"""

from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS, connections, models

ALIAS: Final = "visits"
_APP: Final = "visits"
_MOVED: Final = frozenset({"visit", "pageuse"})


def is_apart() -> bool:
    """Whether the log has a database of its own."""
    return ALIAS in connections


def log_alias() -> str:
    """The alias of the database that holds the log."""
    return ALIAS if is_apart() else DEFAULT_DB_ALIAS


class VisitsRouter:
    """Sends the two tables of the log, and nothing else, to their database."""

    def db_for_read(self, model: type[models.Model], **_hints: Any) -> str | None:
        """The log's database for its tables; no opinion about others."""
        meta = model._meta
        return ALIAS if meta.app_label == _APP and meta.model_name in _MOVED and is_apart() else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **_hints: Any) -> bool | None:
        """The log's tables are made in its database only, and no other table there."""
        if not is_apart():
            return None
        return (app_label == _APP and model_name in _MOVED) == (db == ALIAS)
