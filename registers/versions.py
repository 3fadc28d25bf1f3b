"""Dated versions of the Art. 30 record: kept when it changes, read as of a day, compared between two days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models.functions import TruncDate
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.ledger import append, lock
from datamap.canonical import canonical_json
from datamap.periods import RIGA
from datamap.register import COLUMNS, register_as_data
from datamap.terms import Text
from registers.models import RegisterVersion
from registers.refusals import RegisterRefused

MASTER: Final = "lv"
"""The language whose wording decides whether the register has changed."""


def keep_version(*, now: datetime) -> RegisterVersion | None:
    """Write the register down if it says something else than its last version; None where it does not."""
    document = _document()
    digest = sha256(canonical_json(document[MASTER])).hexdigest()
    with transaction.atomic():
        lock(RegisterVersion)
        last = RegisterVersion.objects.first()
        if last is not None and last.digest == digest:
            return None
        count = len(document[MASTER]["activities"])
        return append(RegisterVersion(at=now, digest=digest, activities=count, document=document))


def _document() -> dict[str, Any]:
    found = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            data = register_as_data()
            activities = [
                {name: list(value) if isinstance(value, tuple) else value for name, value in item.items()}
                for item in data["activities"]
            ]
            found[language] = {**data, "activities": activities}
    return found


def version_on(day: date) -> RegisterVersion:
    """The version in force at the end of a day in Riga. Raises RegisterRefused where none was kept by then."""
    found = RegisterVersion.objects.alias(day=TruncDate("at", tzinfo=RIGA)).filter(day__lte=day).first()
    if found is None:
        raise RegisterRefused(_("No version of the register was kept on %(day)s or before.") % {"day": day.isoformat()})
    return found


def as_read(version: RegisterVersion) -> dict[str, Any]:
    """The register of a version in the active language."""
    language = translation.get_language() or MASTER
    read: dict[str, Any] = version.document.get(language.partition("-")[0]) or version.document[MASTER]
    return read


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """One column of one activity that says something else; `gone` and `new` are the parts that differ."""

    name: str
    label: Text
    gone: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one activity: added, removed, or changed in some columns."""

    kind: str
    table: str
    activity: str
    columns: tuple[ColumnChange, ...] = ()

    @property
    def label(self) -> Text:
        return KINDS[self.kind]


KINDS: Final[dict[str, Text]] = {
    "added": gettext_lazy("added"),
    "removed": gettext_lazy("removed"),
    "changed": gettext_lazy("changed"),
}


def difference(before: RegisterVersion, after: RegisterVersion) -> list[Change]:
    """What changed from one version to another, in the active language and the order of the register."""
    old, new = (_by_table(version) for version in (before, after))
    return [
        *(Change("removed", table, item["activity"]) for table, item in old.items() if table not in new),
        *(Change("added", table, item["activity"]) for table, item in new.items() if table not in old),
        *(
            Change("changed", table, item["activity"], columns)
            for table, item in new.items()
            if table in old and (columns := tuple(_columns(old[table], item)))
        ),
    ]


def _by_table(version: RegisterVersion) -> dict[str, dict[str, Any]]:
    return {item["table"]: item for item in as_read(version)["activities"]}


def _columns(old: dict[str, Any], new: dict[str, Any]) -> Iterator[ColumnChange]:
    """A column that one of the versions did not have yet counts as empty there."""
    for name in {**COLUMNS, **old, **new}:
        before, after = _parts(old.get(name)), _parts(new.get(name))
        if before != after:
            gone = tuple(part for part in before if part not in after)
            fresh = tuple(part for part in after if part not in before)
            # Only the order differs: show both as they are.
            yield (
                ColumnChange(name, COLUMNS.get(name, name), gone or before, fresh or after)
                if not (gone or fresh)
                else ColumnChange(name, COLUMNS.get(name, name), gone, fresh)
            )


def _parts(value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(value)
    return (value,) if value else ()
