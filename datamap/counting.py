"""Several counts in one question, for pages that show many."""

from typing import Any

from django.db.models import Count, QuerySet, Value


def counted(**rows: QuerySet[Any]) -> dict[str, int]:
    """How many rows each of these has."""
    first, *others = (
        found.order_by().annotate(counted_as=Value(name)).values("counted_as").annotate(number=Count("pk"))
        for name, found in rows.items()
    )
    numbers = first.union(*others, all=True).values_list("counted_as", "number")
    return dict.fromkeys(rows, 0) | dict(numbers)
