"""Plants a unique canary in every declared personal field of a person, in every table that the data map knows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.db import models
from django.utils.module_loading import import_string

from audit.ledger import CommittedRow, append
from datamap.declarations import Holding, Via
from datamap.registry import model_of, registry
from datamap.terms import SubjectKey
from datamap.trace import Subject

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(days=1)
LATER = NOW + timedelta(days=400)
SHORTEST = 12
"""A field shorter than this cannot hold a canary that is unlike everything else."""

Where = tuple[str, str]
"""Table and field, for example ("accounts.Profile", "street")."""


@dataclass
class Planted:
    """What was planted for one person: the canary of each field, and one row of each table."""

    user: Any
    number: int
    canaries: dict[Where, str] = field(default_factory=dict)
    rows: dict[str, models.Model] = field(default_factory=dict)

    @property
    def subject(self) -> Subject:
        return Subject(user_id=self.user.pk, emails=frozenset({self.user.email}))


class Planter:
    """Makes one row of every declared table for one person; `special` says what constraints of a table ask for."""

    def __init__(self, user: Any, number: int, special: dict[str, Any]) -> None:
        self.planted = Planted(user, number)
        self.special = special

    def plant_everywhere(self) -> Planted:
        for holding in registry().holdings:
            self.plant(holding)
        return self.planted

    def plant(self, holding: Holding) -> models.Model:
        if holding.model in self.planted.rows:
            return self.planted.rows[holding.model]
        made = self.special.get(holding.model)
        if callable(made):
            row = made(self)
        elif model_of(holding) is get_user_model():
            row = self._plant_user(holding)
        else:
            model = model_of(holding)
            fields = [item for item in model._meta.concrete_fields if not self._is_given(item)]
            row = model(**{item.name: self.value(holding, item) for item in fields})
            row = append(row) if isinstance(row, CommittedRow) else self._saved(row)
        self.planted.rows[holding.model] = row
        return row

    def _saved(self, row: models.Model) -> models.Model:
        existing = type(row)._base_manager.filter(pk=row.pk).first() if row.pk else None
        row.save(force_insert=existing is None)
        return row

    def _plant_user(self, holding: Holding) -> models.Model:
        user = self.planted.user
        for item in user._meta.concrete_fields:
            if item.name in holding.personal and self._takes_canary(item) and item.name not in {"email", "password"}:
                setattr(user, item.name, self.canary(holding, item))
        user.save()
        self.planted.canaries[(holding.model, "email")] = user.email
        return user

    @staticmethod
    def _is_given(item: Any) -> bool:
        """True for what the database fills by itself."""
        return isinstance(item, models.AutoField) or item.has_db_default()

    def value(self, holding: Holding, item: Any) -> Any:
        """The value for one field: what the table asks for, the way to the person, a canary, or something harmless."""
        special = self.special.get(holding.model, {})
        if item.name in special:
            found = special[item.name]
            return found(self) if callable(found) else found
        if item.is_relation:
            return self._related(item)
        for kind, way in holding.ways:
            if _path(way) == item.name and (keys := self._keys(kind)):
                return self._way(way, keys)
        if item.name in holding.personal and self._takes_canary(item):
            return self.canary(holding, item)
        return _harmless(item)

    def _related(self, item: Any) -> Any:
        if item.related_model is get_user_model():
            return self.planted.user
        if item.related_model is item.model and item.null:
            return None  # a row that names another of its own kind
        try:
            return self.plant(registry().holding(item.related_model))
        except KeyError:
            return item.related_model._base_manager.first()

    def _keys(self, kind: str) -> frozenset[Any]:
        """The keys of this kind; a second owner (`also`) is nobody here."""
        return frozenset() if kind == SubjectKey.ALSO else self.planted.subject.keys(SubjectKey(kind))

    @staticmethod
    def _way(way: str | Via, keys: frozenset[Any]) -> Any:
        (value,) = import_string(way.by)(keys) if isinstance(way, Via) else keys
        return value

    @staticmethod
    def _takes_canary(item: Any) -> bool:
        if item.choices or not isinstance(
            item, models.CharField | models.TextField | models.GenericIPAddressField | models.JSONField
        ):
            return False
        return item.max_length is None or item.max_length >= SHORTEST

    def canary(self, holding: Holding, item: Any) -> Any:
        """A value that stands nowhere else, in the shape that the field asks for; asked again it is the same."""
        index = len(self.planted.canaries) + 1
        where = (holding.model, item.name)
        if where in self.planted.canaries:
            found = self.planted.canaries[where]
        elif isinstance(item, models.GenericIPAddressField):
            found = f"2001:db8:{self.planted.number}::{index:x}"
        elif isinstance(item, models.EmailField):
            found = f"kanarija{self.planted.number}x{index}@example.lv"
        else:
            found = f"knr{self.planted.number}x{index:03}q"
        self.planted.canaries[where] = found
        return {"planted": found} if isinstance(item, models.JSONField) else found


def _path(way: str | Via) -> str:
    return way.path if isinstance(way, Via) else way


_HARMLESS: dict[type[models.Field], Callable[[], Any]] = {
    models.DateTimeField: lambda: NOW,
    models.DateField: NOW.date,
    models.BooleanField: lambda: False,
    models.UUIDField: uuid4,
    models.BinaryField: bytes,
    models.JSONField: dict,
    models.IntegerField: lambda: 1,
    models.DecimalField: lambda: Decimal(1),
}
"""What a field gets that says nothing; the first class that fits counts, a moment is also a date."""


def _harmless(item: Any) -> Any:
    if item.has_default():
        return item.get_default()
    if item.null:
        return None
    if item.blank and isinstance(item, models.CharField):
        return ""
    if item.choices:
        return item.choices[0][0]
    make = next((make for kind, make in _HARMLESS.items() if isinstance(item, kind)), None)
    return make() if make else "x" * min(item.max_length or 8, 8)
