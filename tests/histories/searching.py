"""Looks into every table of the database for what must, or must not, be there."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Model

from audit.ledger import ledgers
from datamap.registry import model_of, registry, tables
from retention.models import ErasureRun
from tests.histories.world import Fact


def tables_that_mention(words: set[str]) -> set[str]:
    """The labels of all tables in which one of these words stands in any row, the whole text of which is searched."""
    if not words:
        return set()
    models = list(tables())
    looks = " UNION ALL ".join(
        f"SELECT '{model._meta.label}' WHERE EXISTS (SELECT 1 FROM \"{model._meta.db_table}\" t WHERE t::text ~ %s)"
        for model in models
    )
    with connection.cursor() as cursor:
        cursor.execute(looks, ["|".join(sorted(words))] * len(models))
        return {label for (label,) in cursor.fetchall()}


def tables_that_may_keep_an_id() -> set[str]:
    """Those of the keep list: ledgers, and tables that keep a field of an erased person."""
    return {model_of(item)._meta.label for item in registry().holdings if item.ledger or item.kept}


def stored(facts: Iterable[Fact]) -> set[Model]:
    """Which of these rows the database still holds: one question for each table."""
    by_model: defaultdict[type[Model], list[Any]] = defaultdict(list)
    for fact in facts:
        by_model[type(fact.row)].append(fact.row.pk)
    return {
        row
        for model, keys in by_model.items()
        for row in model._base_manager.filter(pk__in=keys).only(model._meta.pk.name)
    }


def whole_database() -> dict[str, str]:
    """One hash for each declared table, over all of its rows."""
    models = {model._meta.db_table for model in tables()}
    columns = ", ".join(
        f"(SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM \"{name}\" t)" for name in sorted(models)
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}")
        return dict(zip(sorted(models), cursor.fetchone(), strict=True))


def numbers_of_runs_and_ledgers() -> list[list[str]]:
    models: list[type[Model]] = [ErasureRun, *ledgers()]
    return [sorted(map(str, model._base_manager.values_list("pk", flat=True))) for model in models]
