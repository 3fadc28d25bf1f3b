"""Numbers as pictures: bars and lines in SVG, drawn on the server without a script, each with its table behind it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from math import ceil, floor, log10
from typing import Final

from django.utils.formats import date_format

from datamap.periods import RIGA
from datamap.terms import Text

WIDE: Final = (340, 170)
SMALL: Final = (170, 110)
"""A picture alone, and one of several beside each other: letters have the same size in both."""
FEWEST: Final = 10
"""Fewer people than this on either side, and nobody is told the share."""
_LEFT: Final = 34
_RIGHT: Final = 10
_ABOVE: Final = 14
_BELOW: Final = 20
_SHARE: Final = 0.8
_BROAD: Final = 4
_APART: Final = 56
_LETTER: Final = 6.5
"""So much room a word below the picture takes at least, and each of its letters."""


class Shape(Enum):
    """How values are drawn: bars of several series stand in pictures beside each other, lines in one."""

    BARS = "bars"
    LINES = "lines"


@dataclass(frozen=True, slots=True)
class Label:
    """What a value belongs to: as it fits below the picture, and in full for the table."""

    short: str
    full: str


@dataclass(frozen=True, slots=True)
class Series:
    """Values under one name, one for each label; None where too few people stand behind one to be shown. A limit is
    dotted, and no value of ours."""

    name: Text
    values: Sequence[float | None]
    is_limit: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """What is to be drawn. `striped` are the labels that need somebody and `striped_are` says why; `top` fixes the
    upper edge, and `one_scale` gives all pictures the same; `rows_at` names the page with the rows behind the numbers.
    """

    key: str
    title: Text
    about: Text
    unit: Text
    labelled: Text
    labels: Sequence[Label]
    series: Sequence[Series]
    shape: Shape = Shape.BARS
    striped: frozenset[int] = frozenset()
    striped_are: Text = ""
    top: float | None = None
    one_scale: bool = True
    rows_at: str = ""

    @property
    def is_broad(self) -> bool:
        """So many pictures beside each other that they take the whole width of a page."""
        return self.shape is Shape.BARS and len(self.series) > _BROAD


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in the units of its picture; the numbers are written for SVG, not for a reader."""

    label: str
    value: float | None
    x: str
    y: str
    width: str
    height: str
    middle: str
    is_striped: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its dots; it is broken where a value is missing."""

    name: Text
    path: str
    dots: Sequence[tuple[str, str]]
    is_limit: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A number at the left edge, or a word below."""

    text: float | str
    at: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture; `most` and `last` are what its description tells to who does not see it."""

    name: Text
    size: tuple[int, int]
    floor: int
    bars: Sequence[Bar]
    lines: Sequence[Line]
    heights: Sequence[Mark]
    words: Sequence[Mark]
    most: tuple[str, float] | None
    last: tuple[str, float] | None


@dataclass(frozen=True, slots=True)
class Plot:
    """A figure with its pictures and the rows of its table."""

    figure: Figure
    panels: Sequence[Panel]
    rows: Sequence[tuple[str, Sequence[float | None]]]


def draw(figure: Figure) -> Plot:
    """The pictures of a figure; none where no value may be shown."""
    shown = [series for series in figure.series if any(value is not None for value in series.values)]
    edge = figure.top or _edge_of(shown)
    if figure.shape is Shape.LINES:
        panels = [_lines(figure, shown, edge)] if shown else []
    else:
        size = WIDE if len(figure.series) == 1 else SMALL
        panels = [_bars(figure, one, size, edge if figure.one_scale else _edge_of([one])) for one in shown]
    values = zip(*(series.values for series in figure.series), strict=True)
    rows = [(label.full, row) for label, row in zip(figure.labels, values, strict=True)] if figure.series else []
    return Plot(figure, panels, rows)


def _edge_of(shown: Sequence[Series]) -> float:
    return upper_edge(max((value for series in shown for value in series.values if value is not None), default=0))


def upper_edge(most: float) -> float:
    """The next even and round number, so that half of it is one as well."""
    if most <= 2:
        return 2
    unit: int = 10 ** floor(log10(most))
    return next(step * unit for step in (1, 2, 4, 6, 8, 10, 20) if step * unit >= most and step * unit > 1)


def share(yes: int, no: int) -> float | None:
    """How many of a hundred said yes; None where fewer than FEWEST said either: with the share both would be known."""
    return None if min(yes, no) < FEWEST else round(100 * yes / (yes + no), 1)


def days_until(today: date, count: int) -> list[date]:
    """So many days, `today` the last."""
    return [date.fromordinal(number) for number in range(today.toordinal() - count + 1, today.toordinal() + 1)]


def months_until(today: date, count: int = 12) -> list[date]:
    """The first days of so many months, the month of `today` the last."""
    newest = today.year * 12 + today.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(newest - count + 1, newest + 1)]


def first_moment(month: date) -> datetime:
    """When a month begins in Latvia."""
    return datetime(month.year, month.month, 1, tzinfo=RIGA)


def month_labels(months: Iterable[date]) -> list[Label]:
    """Months in the words of the reader's language."""
    return [Label(date_format(month, "M y"), date_format(month, "YEAR_MONTH_FORMAT")) for month in months]


def day_label(day: date) -> Label:
    """A day in the same words."""
    return Label(date_format(day, "j M"), date_format(day, "DATE_FORMAT"))


def _bars(figure: Figure, series: Series, size: tuple[int, int], edge: float) -> Panel:
    step = _step(size, len(series.values))
    bars = []
    for number, (label, value) in enumerate(zip(figure.labels, series.values, strict=True)):
        x, y = _LEFT + step * (number + (1 - _SHARE) / 2), _height(size, value or 0, edge)
        middle, height = x + step * _SHARE / 2, _floor(size) - y
        bars.append(
            Bar(
                label.full,
                value,
                x=f"{x:.1f}",
                y=f"{y:.1f}",
                width=f"{step * _SHARE:.1f}",
                height=f"{height:.1f}",
                middle=f"{middle:.1f}",
                is_striped=number in figure.striped,
            )
        )
    return _panel(figure, [series], size, edge, bars=bars)


def _lines(figure: Figure, shown: Sequence[Series], edge: float) -> Panel:
    lines = [Line(series.name, *_drawn(series, edge), is_limit=series.is_limit) for series in shown]
    return _panel(figure, shown, WIDE, edge, lines=lines)


def _drawn(series: Series, edge: float) -> tuple[str, list[tuple[str, str]]]:
    step = _step(WIDE, len(series.values))
    path, dots, pen = [], [], "M"
    for number, value in enumerate(series.values):
        if value is None:
            pen = "M"
            continue
        x, y = f"{_LEFT + step * (number + 0.5):.1f}", f"{_height(WIDE, value, edge):.1f}"
        path.append(f"{pen}{x} {y}")
        dots.append((x, y))
        pen = "L"
    return " ".join(path), dots


def _panel(
    figure: Figure,
    shown: Sequence[Series],
    size: tuple[int, int],
    edge: float,
    *,
    bars: Sequence[Bar] = (),
    lines: Sequence[Line] = (),
) -> Panel:
    told = [
        (label.full, value) for label, value in zip(figure.labels, shown[0].values, strict=True) if value is not None
    ]
    return Panel(
        name=shown[0].name,
        size=size,
        floor=_floor(size),
        bars=bars,
        lines=lines,
        heights=[Mark(value, f"{_height(size, value, edge):.1f}") for value in (0, edge / 2, edge)],
        words=list(_words(figure, size)),
        most=max(told, key=lambda item: item[1], default=None),
        last=told[-1] if told else None,
    )


def _words(figure: Figure, size: tuple[int, int]) -> Iterator[Mark]:
    """As many words as have room, evenly."""
    count = len(figure.labels)
    step = _step(size, count)
    longest = max((len(label.short) for label in figure.labels), default=0)
    every = max(ceil(max(_APART, longest * _LETTER) / step), 1)
    for number in range(0, count, every):
        anchor = "start" if number == 0 and every > 1 else "middle"
        x = _LEFT if anchor == "start" else _LEFT + step * (number + 0.5)
        if x + _APART / 2 <= size[0] + _RIGHT or count == 1:
            yield Mark(figure.labels[number].short, f"{x:.1f}", anchor)


def _step(size: tuple[int, int], count: int) -> float:
    return (size[0] - _LEFT - _RIGHT) / max(count, 1)


def _floor(size: tuple[int, int]) -> int:
    return size[1] - _BELOW


def _height(size: tuple[int, int], value: float, edge: float) -> float:
    return _floor(size) - (_floor(size) - _ABOVE) * min(value / edge, 1)
