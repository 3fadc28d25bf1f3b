"""How old the backups are that lie beside the site, so that one that outlives its term is noticed (T20)."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.conf import settings

NAME: Final = "qlekta-%Y%m%dT%H%M%SZ.backup"
"""As `bin/backup` names them: by the time that they were made at."""


def oldest() -> datetime | None:
    """When the oldest backup in `var/backups` was made; of other directories the site knows nothing."""
    made = [_made_at(path.name) for path in (Path(settings.VAR_DIR) / "backups").glob("*.backup")]
    return min(filter(None, made), default=None)


def _made_at(name: str) -> datetime | None:
    try:
        return datetime.strptime(name, NAME).replace(tzinfo=UTC)
    except ValueError:
        return None
