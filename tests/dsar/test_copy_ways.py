"""A table that the database writes into a copy itself reads byte for byte like one that Python spells."""

import csv
import io
import json
from collections.abc import Callable
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from datamap.registry import registry
from datamap.trace import subject_of_user
from dsar.access_copy import served, spelt
from dsar.access_copy.cells import csv_texts, json_texts
from dsar.access_copy.contents import Table, table_for
from dsar.access_copy.portions import Found, Portion, Take
from tests.dsar.conftest import NOW
from visits.models import Visit
from visits.partitions import ensure_days

STARTS = ["", " ", "\t", "\r", "\n", " \r\n", "\x01", "\x1f", "\x85", "\u00a0", "\u1680", "\u200b", "\u3000", "\ufeff"]
SIGNS = [*"=+-@'", *"＝＋－＠﹢﹣﹦﹫−", "a", '"', "ā", ""]
TEXTS = [
    *(f"{start}{sign}{rest}" for start, sign, rest in product(STARTS, SIGNS, ["1+1", ', =x "y"'])),
    *(
        "\\",
        "\\n",
        "\\.",
        "a\\b",
        "\x7f",
        "a\x00b"[:1],
        "\x08\x0c",
        "</script>",
        "\U0001f600",
        '""',
        ",",
        "a\nb",
        "a\r",
    ),
]
SEASONS = [timedelta(days=0), timedelta(days=-130), timedelta(days=-30, microseconds=320000)]

Pass = Callable[[Table, Take], None]


CONTROLS = {*map(chr, range(32)), "\x7f"} - {"\t", "\r", "\n"}


@pytest.fixture(params=[True, False], ids=["controls", "no controls"])
def visits(person: User, request: pytest.FixtureRequest) -> Table:
    """Visits with every text that is dangerous or strange, around both changes of the clock.

    One row with a control makes the database's way look at every row, hence also a table without any.
    """
    ensure_days([(NOW + season).date() for season in SEASONS])
    common = {"kind": "page", "user_id": person.pk, "platform": "desktop", "status": 200, "response_ms": 1}
    Visit.objects.bulk_create(
        Visit(at=NOW + SEASONS[number % 3], path=text, search=text[::-1], ip="2001:db8::1", **common)
        for number, text in enumerate(TEXTS)
        if request.param or not CONTROLS & set(text)
    )
    Visit.objects.create(at=NOW, path="/", **common)
    return table_for(registry().holding(Visit), subject_of_user(person))


def visits_path(table: Table) -> int:
    return [column.name for column in table.columns].index("path")


def passed(pass_rows: Pass, table: Table) -> tuple[bytes, bytes, Found]:
    """The CSV lines, the JSON arrays and what was learnt."""
    portions: list[Portion] = []
    pass_rows(table, portions.append)
    found = Found()
    for portion in portions:
        found.learn(portion)
    return b"".join(item.csv for item in portions), b",\n".join(item.json() for item in portions), found


@pytest.mark.django_db
@pytest.mark.requirement("D9")
@pytest.mark.parametrize("language", ["lv", "en"])
def test_both_ways_write_the_same_bytes(visits: Table, language: str) -> None:
    with translation.override(language):
        assert served.is_served(visits)
        lines, arrays, found = passed(served.pass_rows, visits)
        assert (lines, arrays, found) == passed(spelt.pass_rows, visits)
    assert found.rows == visits.count > len(TEXTS) / 2
    rows = list(csv.reader(io.StringIO(lines.decode(), newline="")))
    assert all(cell[:1] not in "=+-@\t\r\n＝＋－＠" for row in rows for cell in row if cell)
    paths = {row[visits_path(visits)] for row in json.loads(b"[%b]" % arrays)}
    assert paths == set(Visit.objects.values_list("path", flat=True))


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["\r=1+1", "a\rb", "\r", "a\\", '"', "\x1a", "=1", "a\nb", "a"])
def test_one_strange_row_among_others_leaves_them_as_they_are(person: User, text: str) -> None:
    ensure_days([NOW.date()])
    common = {"at": NOW, "kind": "page", "user_id": person.pk, "platform": "desktop", "status": 200, "response_ms": 1}
    Visit.objects.bulk_create(Visit(path=path, **common) for path in ("/", "/a", text, "/b", "/c"))
    table = table_for(registry().holding(Visit), subject_of_user(person))
    assert passed(served.pass_rows, table) == passed(spelt.pass_rows, table)


@pytest.mark.django_db
@pytest.mark.parametrize("rare", ["-1", "a\nb", " =1", "\\"])
def test_long_tables_pass_in_portions_without_loss(person: User, rare: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "_PORTION", 2000)  # some ten rows, of which a sign begins each second or third
    ensure_days([NOW.date()])
    common = {"at": NOW, "kind": "page", "user_id": person.pk, "platform": "desktop", "status": 200, "response_ms": 1}
    texts = [rare if number == 150 else f"{'=+@'[number % 5 :][:1]}{number}" for number in range(200)]
    Visit.objects.bulk_create(Visit(path=text, **common) for text in texts)
    table = table_for(registry().holding(Visit), subject_of_user(person))
    lines, arrays, found = passed(served.pass_rows, table)
    assert (lines, arrays, found) == passed(spelt.pass_rows, table)
    assert [row[visits_path(table)] for row in json.loads(b"[%b]" % arrays)] == texts
    assert lines.count(b"\"'=") >= 39


@pytest.mark.django_db
def test_the_days_are_learnt_on_the_way(visits: Table) -> None:
    _lines, _arrays, found = passed(served.pass_rows, visits)
    assert found.came == (date(2026, 7, 15), date(2026, 11, 22))
    assert found.goes == (date(2026, 12, 2), date(2027, 4, 11))


@pytest.mark.django_db
def test_the_database_reads_instants_in_utc_again_afterwards(visits: Table) -> None:
    passed(served.pass_rows, visits)
    last = Visit.objects.latest("at")
    assert (last.at, last.at.utcoffset()) == (NOW, timedelta(0))


@pytest.mark.django_db
def test_a_table_that_needs_python_is_not_left_to_the_database(person: User) -> None:
    tables = {holding.model: table_for(holding, subject_of_user(person)) for holding in registry().holdings}
    assert not served.is_served(tables["accounts.User"])


@given(st.lists(st.text() | st.integers() | st.floats() | st.none() | st.booleans() | st.datetimes() | st.uuids()))
def test_a_column_is_spelt_as_its_cells_are(values: list[Any]) -> None:
    cells = next(csv.reader([",".join(csv_texts(values))]), [])
    assert len(cells) == len(values) or values == [None]
    assert len(json.loads(f"[{','.join(json_texts(values))}]")) == len(values)
