"""Finds the rows that speak of a person, by account, e-mail, telephone and visitor key (Art. 4(1))."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import BooleanField, F, Func, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.module_loading import import_string

from datamap.declarations import Holding, Via, Way
from datamap.registry import model_of, registry
from datamap.terms import SubjectKey


@dataclass(frozen=True, slots=True)
class Subject:
    """The keys under which one person is known.

    Only verified addresses belong here: a name or an IP never leads to a person.
    """

    user_id: UUID | None = None
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    visitors: frozenset[str] = frozenset()

    @property
    def is_somebody(self) -> bool:
        """False where no key is known at all."""
        return any(self.keys(kind) for kind in SubjectKey)

    def keys(self, kind: SubjectKey) -> frozenset[Any]:
        """The known values of one kind of key; empty where none is known."""
        match kind:
            case SubjectKey.USER | SubjectKey.ALSO:
                return frozenset() if self.user_id is None else frozenset({self.user_id})
            case SubjectKey.EMAIL:
                return self.emails
            case SubjectKey.PHONE:
                return self.phones
            case SubjectKey.VISITOR:
                return self.visitors


@dataclass(frozen=True, slots=True)
class People(Subject):
    """Many accounts at once, for statements that take a set; only `keys` speaks of them, `user_id` is nobody's."""

    user_ids: frozenset[UUID] = frozenset()

    def keys(self, kind: SubjectKey) -> frozenset[Any]:
        """The accounts; no address is theirs until it was confirmed, so none leads to other people's rows."""
        return self.user_ids if kind in {SubjectKey.USER, SubjectKey.ALSO} else frozenset()


def normalise_email(address: str) -> str:
    """The one spelling of an address under which rows are stored and found."""
    return address.strip().lower()


def subject_of_user(user: models.Model) -> Subject:
    """The person behind an account: its id, its address, and the further verified keys that the apps declare.

    `SUBJECT_KEYS` names functions `(users) -> Iterable[tuple[SubjectKey, str]]`.
    """
    return Subject(user_id=user.pk, **keys_of_users([user]))


def keys_of_users(users: Collection[models.Model]) -> dict[str, frozenset[str]]:
    """All keys but the ids of these accounts together, by the name they have in a `Subject`."""
    email_field = get_user_model().get_email_field_name()
    found: set[tuple[SubjectKey, str]] = {(SubjectKey.EMAIL, getattr(user, email_field)) for user in users}
    for path in registry().subject_keys:
        found.update(import_string(path)(users))
    return {
        "emails": _values(found, SubjectKey.EMAIL),
        "phones": _values(found, SubjectKey.PHONE),
        "visitors": _values(found, SubjectKey.VISITOR),
    }


def _values(found: Iterable[tuple[SubjectKey, str]], kind: SubjectKey) -> frozenset[str]:
    values = {value for key, value in found if key == kind and value}
    return frozenset(normalise_email(v) if kind == SubjectKey.EMAIL else v for v in values)


def rows_about(holding: Holding, subject: Subject, *, owned_only: bool = False) -> QuerySet[Any]:
    """The rows of one table that speak of the person, in the order of their keys.

    With `owned_only` the rows are left out that merely lie in the person's mailbox too (`also`): those are shown in
    the copy, but erasing one person must not take another person's rows.
    """
    return _rows(holding, rows_condition(holding, subject, owned_only=owned_only)).order_by("pk")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a page tells one person about herself: the rows of each table, in no order, with few questions.

    The ways that lead through other tables are part of the statement. An erasure does not read so: it finds its rows
    before it takes any.
    """

    subject: Subject
    _conditions: dict[str, Q] = field(default_factory=dict)

    def rows(self, holding: Holding) -> QuerySet[Any]:
        """The rows of one table that speak of the person."""
        if holding.model not in self._conditions:
            self._conditions[holding.model] = rows_condition(holding, self.subject, nested=True)
        return _rows(holding, self._conditions[holding.model]).order_by()


def _rows(holding: Holding, condition: Q) -> QuerySet[Any]:
    manager = model_of(holding)._base_manager
    return manager.filter(condition) if condition else manager.none()


def rows_condition(holding: Holding, subject: Subject, *, owned_only: bool = False, nested: bool = False) -> Q:
    """The same as a condition; empty where no way of the table leads to this person."""
    condition = Q()
    for name, way in holding.ways:
        kind = SubjectKey(name)
        if owned_only and kind is SubjectKey.ALSO:
            continue
        if values := subject.keys(kind):
            condition |= _condition(way, values, using=model_of(holding)._base_manager.db if nested else "")
    return condition


def numbers_of(holding: Holding, kind: SubjectKey, values: Iterable[Any]) -> QuerySet[Any, str]:
    """The keys, as text, of the rows of a table to which keys of one kind lead."""
    manager = model_of(holding)._base_manager
    condition = Q()
    for name, way in holding.ways:
        if name == kind:
            condition |= _condition(way, frozenset(values), using=manager.db)
    rows = manager.filter(condition) if condition else manager.none()
    return rows.order_by().values_list(Cast("pk", TextField()), flat=True)


def _condition(way: Way, values: frozenset[Any], *, using: str) -> Q:
    # In no order: to sort a thousand accounts for each of fifty tables takes longer than to find their rows.
    if not isinstance(way, Via):
        return Q(**{f"{way}__in": list(values)})
    found = import_string(way.by)(values)
    if not way.beside:
        return _among(way.path, found, using=using)
    condition = Q()
    for name, numbers in found.items():
        condition |= Q(**{way.beside: name}) & _among(way.path, numbers, using=using)
    return condition


class _IsAmong(Func):
    """Whether a column holds one value of an array.

    PostgreSQL asks an array once and then looks into an index; for IN it would read the whole table wherever another
    way to the person stands beside it.
    """

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()


def _among(path: str, found: Iterable[Any], *, using: str) -> Q:
    """One of what a translation found; a query in the database `using` becomes a part of the statement."""
    if isinstance(found, QuerySet) and found.db == using and not found.query.is_empty():
        return Q(_IsAmong(F(path), ArraySubquery(found.order_by())))
    return Q(**{f"{path}__in": list(found)})
