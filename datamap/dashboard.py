"""The register of figures for staff: each app declares its own in `plots.py`, found at start; a page draws them all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, PermissionsMixin

from datamap.drawing import Figure
from datamap.terms import Text

Viewer = AbstractBaseUser | AnonymousUser


class Figures(Protocol):
    """Makes the figures of one board from totals; never with a value of a person in them."""

    def __call__(self, *, now: datetime) -> Iterable[Figure]: ...


@dataclass(frozen=True, slots=True)
class Board:
    """The figures of one app under one heading, for who has the permission; boards stand in the order of `place`."""

    key: str
    heading: Text
    permission: str
    place: int
    figures: Figures


_boards: dict[str, Board] = {}


def board(key: str, heading: Text, *, permission: str, place: int) -> Callable[[Figures], Figures]:
    """Registers the decorated function; a key has one function, another one raises ValueError."""

    def register(figures: Figures) -> Figures:
        if key in _boards:
            raise ValueError(f"There is a board {key!r} already.")
        _boards[key] = Board(key, heading, permission, place, figures)
        return figures

    return register


def boards_for(user: Viewer) -> list[Board]:
    """The boards that this member of the staff may see, in their order."""
    if not isinstance(user, PermissionsMixin):
        return []
    return sorted((item for item in _boards.values() if user.has_perm(item.permission)), key=lambda item: item.place)
