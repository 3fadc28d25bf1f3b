"""Pictures of numbers: what they tell stands in a table too, and what may not be shown leaves a gap, never a nought."""

from datetime import date

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from datamap.drawing import (
    Figure,
    Label,
    Series,
    Shape,
    days_until,
    draw,
    month_labels,
    months_until,
    share,
    upper_edge,
)

NAMES = [Label("a", "first"), Label("b", "second"), Label("c", "third")]


def figure(*series: Series, shape: Shape = Shape.BARS, striped: frozenset[int] = frozenset()) -> Figure:
    return Figure(
        key="k",
        title="Title",
        about="about",
        unit="rows",
        labelled="name",
        labels=NAMES,
        series=series,
        shape=shape,
        striped=striped,
        striped_are="late",
    )


def shown(item: Figure) -> str:
    return render_to_string("datamap/plot.html", {"plot": draw(item)})


def test_a_bar_reaches_as_far_as_its_value() -> None:
    (panel,) = draw(figure(Series("", [10.0, None, 5.0]))).panels
    full, hidden, half = panel.bars
    assert float(full.height) == 2 * float(half.height) == panel.floor - 14
    assert (hidden.value, float(hidden.height)) == (None, 0)
    assert [float(mark.text) for mark in panel.heights] == [0, 5, 10]
    assert (panel.most, panel.last) == (("first", 10.0), ("third", 5.0))


@pytest.mark.parametrize(("most", "edge"), [(0, 2), (1, 2), (3, 4), (9.5, 10), (10, 10), (11, 20), (130, 200)])
def test_the_upper_edge_is_round_and_its_half_whole(most: float, edge: float) -> None:
    assert upper_edge(most) == edge


def test_a_line_is_broken_where_a_value_is_missing() -> None:
    (panel,) = draw(figure(Series("x", [1, None, 2]), Series("y", [None, 1, 1]), shape=Shape.LINES)).panels
    assert [line.path.count("M") for line in panel.lines] == [2, 1]
    assert [len(line.dots) for line in panel.lines] == [2, 2]


def test_several_series_of_bars_stand_beside_each_other_at_one_height() -> None:
    plot = draw(figure(Series("x", [1, 2, 3]), Series("y", [0, 0, 10]), Series("z", [None, None, None])))
    assert [str(panel.name) for panel in plot.panels] == ["x", "y"]
    assert {float(panel.heights[-1].text) for panel in plot.panels} == {10}
    assert plot.rows[2] == ("third", (3, 10, None))


def test_a_picture_has_a_name_a_description_and_its_table() -> None:
    with translation.override("lv"):
        page = shown(figure(Series("", [1234.5, None, 0]), striped=frozenset({0})))
    assert page.count("<svg") == page.count("</desc>") == page.count("<table>") == 1
    assert 'role="img" aria-labelledby="k-1-t k-1-d"' in page
    assert "1\xa0234,5" in page
    assert page.count("<td>") == 3
    assert "<td>–</td>" in page
    assert 'fill="url(#k-1-stripes)"' in page
    assert "style=" not in page


def test_words_below_a_picture_do_not_meet() -> None:
    labels = [Label("просрочено", "x"), *(Label("7 Дек", "y") for _number in range(14))]
    item = Figure("k", "t", "a", "u", "n", labels=labels, series=[Series("", [1] * 15)])
    (panel,) = draw(item).panels
    first, second, *_others = panel.words
    assert float(first.at) + len(str(first.text)) * 6.5 < float(second.at) - len(str(second.text)) * 6.5 / 2


def test_an_empty_figure_says_so_without_a_picture() -> None:
    page = shown(figure(Series("", [None, None, None])))
    assert "<svg" not in page
    assert "<table>" in page
    assert "<table>" not in render_to_string(
        "datamap/plot.html", {"plot": draw(Figure("k", "t", "a", "u", "n", labels=[], series=[]))}
    )


def test_months_end_with_the_present_one_and_speak_the_readers_language() -> None:
    months = months_until(date(2026, 2, 28), 4)
    assert months == [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]
    with translation.override("lv"):
        assert month_labels(months)[0].full == "2025. g. novembris"
    with translation.override("en"):
        assert month_labels(months)[0].full == "November 2025"


def test_days_end_today_and_none_is_left_out_where_the_clocks_change() -> None:
    assert days_until(date(2026, 3, 30), 3) == [date(2026, 3, 28), date(2026, 3, 29), date(2026, 3, 30)]


@pytest.mark.parametrize(("yes", "no", "told"), [(30, 10, 75.0), (30, 9, None), (9, 30, None), (0, 0, None)])
def test_a_share_is_told_where_enough_stand_on_either_side(yes: int, no: int, told: float | None) -> None:
    assert share(yes, no) == told
