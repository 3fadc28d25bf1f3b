"""What lies between two people, as one of them sees it: an order or a conversation."""

from collections.abc import Iterable
from typing import Protocol, TypeVar
from uuid import UUID

from accounts.models import User


class Side(Protocol):
    """The row of one of the two."""

    user_id: UUID


Row = TypeVar("Row", bound=Side)


def sides_of(rows: Iterable[Row], person: User) -> tuple[Row, Row | None] | None:
    """The person's own row, and that of the other one, who may have left; None where it is not hers."""
    sides = list(rows)
    mine = next((side for side in sides if side.user_id == person.pk), None)
    if mine is None:
        return None
    return mine, next((side for side in sides if side is not mine), None)
