"""Rows that must not go and rows that must not be used, asked of the apps that know it (Art. 17(3), 18).

Apps that delete stand below and beside the one that keeps the holds: they ask here, and a `privacy.py` answers with
`KEEPERS` (what time may not end) and `CONCEALERS` (what stands still), dotted paths of `() -> (holding) -> Q`: who is
asked looks once, and tells then of one table after the other.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import reduce
from operator import or_
from typing import Any, Final

from django.db import connection, models
from django.db.models import Count, Q, QuerySet
from django.utils.module_loading import import_string

from datamap.catalogue import catalogue
from datamap.declarations import Holding
from datamap.once import forget, once
from datamap.registry import model_of, registry

Tells = Callable[[Holding], Q]
"""Says of each table which of its rows stand still."""

_TURN: Final = (0x514C, 0x5354)
"""The two numbers under which PostgreSQL knows that somebody deletes, or decides what must not be deleted."""


def deciding() -> None:
    """Wait until nobody deletes, and let nobody begin before this transaction ends: what it decides to keep is there.

    Take it before any row lock, so that nobody waits in a circle.
    """
    _take("pg_advisory_xact_lock")


def deleting() -> None:
    """Wait until nobody decides, and let nobody before this transaction ends: what was asked about a row still holds
    when the row goes. Any number may delete at once. Ask `kept_back` after it."""
    _take("pg_advisory_xact_lock_shared")


@contextmanager
def deleting_by_parts() -> Iterator[None]:
    """The same for a deletion that cannot run in one transaction; inside of one it lasts until that ends.

    Asked of the database in which decisions stand, also for rows that lie in another one.
    """
    if connection.in_atomic_block:
        _take("pg_advisory_xact_lock_shared")
        yield
        return
    _take("pg_advisory_lock_shared")
    try:
        yield
    finally:
        _take("pg_advisory_unlock_shared")


def _take(function: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", _TURN)
    forget()  # whoever waited here asks anew: others have decided meanwhile


def kept_back(holding: Holding) -> Q:
    """The rows of a table that time may not delete now; an empty condition where there are none.

    A row that another one hangs on stays with it, because the deletion of the one would take the other.
    """
    return _kept_with_children(holding, once("keepers", lambda: _asked(registry().keepers)))


def _kept_with_children(holding: Holding, kept_of: Tells) -> Q:
    condition = kept_of(holding)
    for child, field in _hanging_on(model_of(holding)):
        if kept := _kept_with_children(child, kept_of):
            condition |= Q(pk__in=model_of(child)._base_manager.filter(kept).order_by().values(field))
    return condition


def without_kept(rows: QuerySet[Any], holding: Holding) -> QuerySet[Any]:
    """These rows but for those that time may not delete now."""
    kept = kept_back(holding)
    return rows.exclude(kept) if kept else rows


def due_and_held(due: QuerySet[Any], holding: Holding) -> tuple[int, int]:
    """How many rows are due, and how many of them time may not delete now: counted in one statement, because another
    purge takes rows away between two."""
    if not (kept := kept_back(holding)):
        return due.count(), 0
    counts = {"due": Count("pk", distinct=True), "held": Count("pk", filter=kept, distinct=True)}
    found = due.order_by().aggregate(**counts)
    return found["due"], found["held"]


def concealed(holding: Holding) -> Q:
    """The rows of restricted people; an empty condition where there are none, and for what the GDPR itself demands:
    the proof of what was done with their data does not vanish from those who watch over it."""
    if holding.ledger or is_accountability(holding):
        return Q()
    tells: Tells = once("concealers", lambda: _asked(registry().concealers))
    return tells(holding)


def without_restricted(rows: QuerySet[Any], holding: Holding | None = None) -> QuerySet[Any]:
    """These rows but for those of restricted people: for every list, export, statistic, campaign and job."""
    try:
        found = holding or registry().holding(rows.model)
    except KeyError:
        return rows
    hidden = concealed(found)
    return rows.exclude(hidden) if hidden else rows


def is_accountability(holding: Holding) -> bool:
    """True for what is held only because the GDPR itself asks for it: the file of a request, the trail."""
    purposes = catalogue().purposes
    return all(purposes[code].act.startswith("GDPR") for code in holding.purposes)


def _asked(paths: tuple[str, ...]) -> Tells:
    answers: list[Tells] = [import_string(path)() for path in paths]
    return lambda holding: reduce(or_, (answer(holding) for answer in answers), Q())


def _hanging_on(model: type[models.Model]) -> list[tuple[Holding, str]]:
    """The declared tables, and their fields, whose rows go with a row of this one."""
    return [
        (holding, field.name)
        for holding in registry().holdings
        if model_of(holding) is not model
        for field in model_of(holding)._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and field.related_model is model
        and field.remote_field.on_delete is not models.SET_NULL
    ]
