"""The facts of the one controller this site belongs to, behind one setting, so that no app below the roof knows them.

`DATAMAP_CATALOGUE` names a module with CONTROLLER, SUPERVISORY_AUTHORITY and the tuples PURPOSES, PERIODS, RECIPIENTS,
JOINT_CONTROLLERS and ACTS.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from importlib import import_module

from django.conf import settings

from datamap import acts
from datamap.acts import Act
from datamap.declarations import Controller, Holding, JointControllers, Purpose, Recipient, SupervisoryAuthority
from datamap.periods import Elapsed, Period
from datamap.terms import Text


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Purposes, periods and recipients by code; the controller and the authority."""

    controller: Controller
    authority: SupervisoryAuthority
    purposes: dict[str, Purpose]
    periods: dict[str, Period]
    recipients: dict[str, Recipient]
    joint_controllers: tuple[JointControllers, ...] = ()
    acts: dict[str, Act] = field(default_factory=dict)


@cache
def catalogue() -> Catalogue:
    """The catalogue of this site."""
    module = import_module(settings.DATAMAP_CATALOGUE)
    return Catalogue(
        controller=module.CONTROLLER,
        authority=module.SUPERVISORY_AUTHORITY,
        purposes={item.code: item for item in module.PURPOSES},
        periods={item.code: item for item in module.PERIODS},
        recipients={item.code: item for item in module.RECIPIENTS},
        joint_controllers=tuple(module.JOINT_CONTROLLERS),
        acts={item.name: item for item in module.ACTS},
    )


def purpose_words(code: str) -> Text:
    """What a purpose is called where staff read its code; one that the catalogue no longer has stays a code."""
    known = catalogue().purposes.get(code)
    return known.label if known else code


def period(code: str) -> Period:
    """The period with this code; KeyError where the catalogue has none."""
    return catalogue().periods[code]


def end_of(holding: Holding) -> Callable[[datetime], datetime | None]:
    """When a row must be gone, by the moment that its table declares: its end itself, or what its term counts from."""
    return (lambda end: end) if holding.ends else period(holding.period).ends_at


def cited(text: str) -> str:
    """The text with the acts that it cites spelt out in the active language."""
    return acts.cited(text, catalogue().acts)


def length_of(code: str) -> timedelta:
    """The length of a period that is counted in elapsed time. Raises TypeError for any other."""
    return _elapsed(code).length


def latest_due_start(code: str, now: datetime) -> datetime:
    """What started at or before this instant is due at `now`. Raises TypeError as `length_of` does."""
    return _elapsed(code).latest_due_start(now)


def _elapsed(code: str) -> Elapsed:
    term = period(code).term
    if not isinstance(term, Elapsed):
        raise TypeError(f"The period {code} is not counted in elapsed time.")
    return term
