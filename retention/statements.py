"""The few statements that take rows away: one per table, however many rows (set-based, never row by row)."""

from typing import Any

from django.db import models
from django.db.models import QuerySet

from datamap.declarations import Holding
from datamap.registry import model_of, registry
from datamap.terms import Erasure
from vault.erasure import destroy_keys_of


class CannotBlank(TypeError):
    """A declaration blanks a field that can hold nothing else than a value."""


def delete_rows(rows: QuerySet[Any]) -> int:
    """Delete these rows, with the data keys that are theirs alone; what refers to them is let go where it may be null.

    Another person's row, or one with a term of its own, that still needs them shows in `check_references`.
    """
    for relation in _referring(rows.model):
        _let_go(relation, rows)
    destroy_keys_of(rows)
    deleted = rows.order_by()._raw_delete(rows.db)  # noqa: SLF001 - one DELETE, no collector
    return int(deleted or 0)  # None where the database need not even be asked


def blank_rows(rows: QuerySet[Any], holding: Holding) -> int:
    """Empty the fields that the declaration blanks or detaches, and leave the others as they are."""
    values = {
        name: empty_value(model_of(holding)._meta.get_field(name))
        for name, item in holding.personal.items()
        if item.on_erasure.verdict in {Erasure.BLANK, Erasure.DETACH}
    }
    return rows.order_by().update(**values)


def empty_value(field: Any) -> Any:
    """What an empty field of this kind holds. Raises CannotBlank where there is no such value."""
    if field.null:
        return None
    if isinstance(field, models.CharField | models.TextField):
        return ""
    if isinstance(field, models.JSONField):
        return {}
    if isinstance(field, models.BinaryField):
        return b""
    raise CannotBlank(f"{field.model._meta.label}.{field.name} cannot be blanked: let it be null")


def _referring(model: type[models.Model]) -> list[models.ManyToOneRel]:
    """The foreign keys, hidden ones too, that point to this table."""
    return [
        relation
        for relation in model._meta.get_fields(include_hidden=True)
        if isinstance(relation, models.ManyToOneRel) and relation.related_model is not model
    ]


def _let_go(relation: models.ManyToOneRel, rows: QuerySet[Any]) -> None:
    child: Any = relation.related_model
    referring = child._base_manager.filter(**{f"{relation.field.name}__in": rows.order_by().values("pk")})
    if relation.on_delete is models.SET_NULL:
        referring.update(**{relation.field.name: None})
    elif child._meta.auto_created or _holds_nobody(child):
        referring._raw_delete(referring.db)  # noqa: SLF001 - the same


def _holds_nobody(model: type[models.Model]) -> bool:
    label = model._meta.label_lower
    return any(item.model.lower() == label for item in registry().not_personal)
