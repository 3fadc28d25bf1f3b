"""Bars drawn on the server: numbers become an SVG picture without a script, with a table behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from datamap.terms import Text

WIDTH: Final = 720
HEIGHT: Final = 140
_SHARE: Final = 0.8


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in the units of the picture; `value` is None where too few people stand behind it to be shown."""

    label: str
    value: float | None
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Plot:
    """One picture: what it shows, in which unit, its bars, and the value at its upper edge."""

    title: Text
    about: Text
    unit: Text
    bars: Sequence[Bar]
    top: float


def plot(title: Text, values: Sequence[tuple[str, float | None]], *, about: Text, unit: Text) -> Plot:
    """The bars of these values from left to right; the largest reaches the upper edge."""
    top = max((value for _label, value in values if value is not None), default=0)
    step = WIDTH / max(len(values), 1)
    bars = []
    for number, (label, value) in enumerate(values):
        height = HEIGHT * (value or 0) / top if top else 0
        x = step * (number + (1 - _SHARE) / 2)
        bars.append(
            Bar(label, value, round(x, 1), round(HEIGHT - height, 1), round(step * _SHARE, 1), round(height, 1))
        )
    return Plot(title, about, unit, bars, top)
