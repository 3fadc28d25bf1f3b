"""Hands a message that turns out to ask about personal data to whoever keeps requests, as of its arrival (Art. 12(3)).

Messages reach one wing and requests are kept in the other: a `privacy.py` answers with `REQUEST_TAKERS`, dotted paths
of `(Heard, *, by, now) -> str`, which open the request and give its number.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import models
from django.utils.module_loading import import_string

from datamap.registry import registry
from datamap.terms import Text


class Heard(StrEnum):
    """By which way a message reached us."""

    FORM = "form"
    SPOKEN = "spoken"
    MESSENGER = "messenger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plea:
    """A message in the person's own words, and when and how it arrived.

    `user` is the account that wrote it while logged in; otherwise `address` is where an answer can go, empty where none
    is known.
    """

    text: str
    language: str
    arrived_at: datetime
    heard: Heard
    user: models.Model | None = None
    address: str = ""


class NotTaken(Exception):
    """Nobody opened a request; `message` says why to the member of the staff."""

    def __init__(self, message: Text) -> None:
        super().__init__(message)
        self.message = message


def hand_on(plea: Plea, *, by: Any, now: datetime) -> str:
    """The number of the request that was opened, due from the arrival of the message. Raises NotTaken."""
    (path,) = registry().request_takers
    number: str = import_string(path)(plea, by=by, now=now)
    return number
