"""A step of staff: who takes it, when, and why."""

from dataclasses import dataclass
from datetime import datetime

from django.db import models

from audit.trail import Actor
from dsar.refusals import ReasonMissing


@dataclass(frozen=True, slots=True)
class Step:
    """Who takes a step, when, and why: the reason is compulsory and goes sealed into the event."""

    by: models.Model
    reason: str
    now: datetime

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ReasonMissing

    @property
    def actor(self) -> Actor:
        return Actor.of(self.by)
