"""What a copy holds, what it leaves out and says so, and that nothing in it runs (Art. 15; security D9, D10)."""

import csv
import json
from dataclasses import replace
from datetime import timedelta
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.db import connection
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from accounts.models import LoginEvent, User
from accounts.terms import LoginKind
from audit import trail
from audit.trail import Actor
from benchmarks.rows import fill
from datamap.catalogue import catalogue
from datamap.declarations import Personal
from datamap.registry import registry
from datamap.sheets import safe_text
from datamap.terms import Category, Source
from datamap.trace import Subject, subject_of_user
from dsar.access import ATTEMPTS, NotWhole, build_package, take_download
from dsar.access_copy.cells import json_value, text_value
from dsar.access_copy.contents import table_for
from dsar.models import Package
from dsar.terms import Outcome
from mailing.models import OutgoingMessage
from tests.dsar.conftest import NOW, File, copy_about, copy_of
from visits.partitions import ensure_days, log_connection

pytestmark = pytest.mark.django_db

LONG = 110_000
NAUGHTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> \U0001f600 \u202e =1+1"


def data_of(copy: ZipFile) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(copy.read("data.json"), parse_constant=pytest.fail)
    return found


def table_of(copy: ZipFile, label: str) -> dict[str, Any]:
    return next(table for table in data_of(copy)["tables"] if table["table"] == label)


def rows_of(copy: ZipFile, label: str) -> list[dict[str, Any]]:
    table = table_of(copy, label)
    names = [column["name"] for column in table["columns"]]
    return [dict(zip(names, row, strict=True)) for row in table["rows"]]


def csv_of(copy: ZipFile, label: str) -> list[list[str]]:
    text = copy.read(f"tables/{label.replace('.', '_').lower()}.csv").decode("utf-8-sig")
    return list(csv.reader(StringIO(text)))


def everything_in(copy: ZipFile) -> str:
    return "\n".join(copy.read(name).decode() for name in copy.namelist())


@pytest.mark.clause("Q16.2", "Q5.1")
def test_a_copy_has_a_page_data_tables_and_a_manifest(person: User) -> None:
    copy = copy_of(person)
    tables = {f"tables/{holding.model.replace('.', '_').lower()}.csv" for holding in registry().holdings}
    assert set(copy.namelist()) == {"README.txt", "index.html", "data.json", "manifest.json", *tables}
    assert copy.testzip() is None


def test_the_manifest_counts_every_table_zeros_included(person: User) -> None:
    copy = copy_of(person)
    manifest = json.loads(copy.read("manifest.json"))
    counts = {item["table"]: item["rows"] for item in manifest["tables"]}
    assert set(counts) == {holding.model for holding in registry().holdings}
    assert counts["accounts.User"] == 1
    assert 0 in counts.values()
    assert all(len(csv_of(copy, label)) == rows + 1 for label, rows in counts.items())
    assert all(len(table["rows"]) == counts[table["table"]] for table in data_of(copy)["tables"])


@pytest.mark.clause("Q16.2")
def test_each_table_says_why_on_which_basis_from_where_and_how_long(person: User) -> None:
    for table in data_of(copy_of(person))["tables"]:
        facts = ("purposes", "basis", "source", "categories", "place", "period")
        assert all(table[name] for name in facts) if table["rows"] else not set(facts) & set(table)


def test_rows_say_when_they_go(person: User) -> None:
    LoginEvent.objects.create(user=person, at=NOW, kind=LoginKind.LOGGED_IN, ip="192.0.2.7")
    (row,) = rows_of(copy_of(person), "accounts.LoginEvent")
    assert row["kept_until"] == "2027-04-11"
    assert row["ip"] == "192.0.2.7"


@pytest.mark.clause("Q16.9", "Q19.1")
@pytest.mark.parametrize("language", ["lv", "en", "ru"])
def test_every_language_names_controller_and_authority(person: User, language: str) -> None:
    with translation.override(language):
        page = copy_of(person).read("index.html").decode()
    site = catalogue()
    assert f'<html lang="{language}">' in page
    for fact in (site.controller.name, site.controller.address, site.authority.address, site.authority.url):
        assert fact in page


@pytest.mark.clause("Q5.7")
def test_a_password_is_described_and_its_hash_never_copied(person: User) -> None:
    copy = copy_of(person)
    assert person.password not in everything_in(copy)
    assert "argon2" not in everything_in(copy)
    reasons = {item["field"]: item for item in table_of(copy, "accounts.User")["not_copied"]}
    assert any(item["reason"] for item in reasons.values())


@pytest.mark.requirement("D10", "I8")
def test_a_namesake_leaves_no_byte_in_my_copy(person: User, other_person: User) -> None:
    other_person.given_name, other_person.family_name = person.given_name, person.family_name
    other_person.save()
    text = everything_in(copy_of(person))
    assert person.email in text
    assert other_person.email not in text
    assert str(other_person.pk) not in text


def test_staff_who_looked_are_not_named(person: User, officer: User) -> None:
    trail.record("viewed", actor=Actor.of(officer), subject=person.pk, reason="work", now=NOW)
    with translation.override("en"):
        copy = copy_of(person)
    (row,) = rows_of(copy, "audit.Entry")
    assert (row["action"], row["reason"], row["at"][:10]) == ("looked at", "work", "2026-11-22")
    assert str(officer.pk) not in everything_in(copy)


@pytest.mark.clause("Q16.1")
def test_somebody_of_whom_nothing_is_held_is_told_so(person: User) -> None:
    nobody, somebody = Subject(emails=frozenset({"nobody@example.lv"})), subject_of_user(person)
    with translation.override("en"):
        no, yes = (data_of(copy_about(subject)) for subject in (nobody, somebody))
    assert no["confirmation"].startswith("No, we process no personal data about you")
    assert (no["row_count"], no["purposes"], no["recipients"]) == (0, [], [])
    assert yes["confirmation"].startswith("Yes, we process personal data about you")


@pytest.mark.requirement("D9")
def test_markup_in_a_value_is_text_in_the_page(person: User) -> None:
    person.given_name = NAUGHTY
    person.save()
    page = copy_of(person).read("index.html").decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in page
    assert "<img" not in page
    assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page


def test_the_page_loads_nothing_from_anywhere(person: User) -> None:
    page = copy_of(person).read("index.html").decode()
    assert "src=" not in page
    assert "<link" not in page
    assert "@import" not in page
    assert "url(" not in page


@pytest.mark.requirement("D9")
@pytest.mark.parametrize("start", ["", " ", "\t", "\r", "\n", "\x00", "\u00a0", "\ufeff", "\u200b", "\u202e", "'"])
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦", "−"])
def test_no_cell_begins_a_formula(start: str, sign: str) -> None:
    cell = safe_text(f"{start}{sign}1+1")
    assert cell.startswith("'")
    assert "\x00" not in cell


@pytest.mark.parametrize("start", ["\t", "\r", "\n", "\x00"])
def test_no_cell_begins_with_a_control(start: str) -> None:
    assert safe_text(f"{start}Anna").startswith("'")


@pytest.mark.parametrize("text", ["Anna", "a=b", "1-2", "", "Ēriks", "http://x", "a@b.lv"])
def test_ordinary_cells_stay_as_they_are(text: str) -> None:
    assert safe_text(text) == text


def test_formulas_in_a_field_are_harmless_in_its_table(person: User) -> None:
    person.display_name = '=HYPERLINK("http://evil","x")'
    person.save()
    head, row = csv_of(copy_of(person), "accounts.User")
    assert [cell for cell in row if "HYPERLINK" in cell] == ["'" + person.display_name]
    assert len(head) == len(row)


@pytest.mark.requirement("D9")
@given(st.text())
def test_whatever_the_text_its_cell_is_inert(text: str) -> None:
    cell = safe_text(text)
    assert cell[:1] not in set("=+-@\t\r\n\x00＝＋－＠")
    assert cell.strip()[:1] not in set("=+-@＝＋－＠")


@pytest.mark.requirement("D10")
def test_a_row_of_somebody_else_shows_what_was_said_and_nothing_about_him(person: User) -> None:
    LoginEvent.objects.create(user=person, at=NOW, kind=LoginKind.LOGGED_IN, ip="192.0.2.7", user_agent="Somebody")
    own = registry().holding(LoginEvent)
    shared = replace(
        own,
        about={"email": "user__display_name", "also": "user"},
        personal={**own.personal, "user_agent": Personal(Category.FREE_TEXT)},
    )
    with translation.override("en"):
        table = table_for(shared, subject_of_user(person))
        (row,) = [dict(zip([column.name for column in table.columns], row, strict=False)) for row in table.rows()]
    assert (row["user_agent"], row["ip"], row["user"]) == ("Somebody", "belongs to another person", "you")


def test_numbers_are_spelt_as_json_knows_them() -> None:
    assert json_value(float("nan")) is None
    assert json_value({"a": (float("inf"), b"\x01")}) == {"a": [None, "01"]}
    assert text_value(NOW) == "2026-11-22T14:00:00+02:00"


def test_a_big_table_is_shown_in_part_and_filed_whole(person: User) -> None:
    rows = [LoginEvent(user=person, at=NOW, kind=LoginKind.LOGGED_IN, ip=f"192.0.2.{n % 250}") for n in range(450)]
    LoginEvent.objects.bulk_create(rows)
    copy = copy_of(person)
    assert len(csv_of(copy, "accounts.LoginEvent")) == 451
    assert len(table_of(copy, "accounts.LoginEvent")["rows"]) == 450
    assert copy.read("index.html").decode().count("192.0.2.") == 200
    assert "tables/accounts_loginevent.csv" in copy.read("index.html").decode()


def test_the_data_fit_their_published_schema(person: User, client: Any) -> None:
    schema = json.loads(client.get("/privacy/schema/access-copy-2.json").content)
    data = data_of(copy_of(person))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(data)
    assert data["$schema"].endswith("/privacy/schema/access-copy-2.json")


def test_the_manifest_of_a_built_copy_is_kept_without_values(package: Package, person: User) -> None:
    assert person.email not in json.dumps(package.manifest)
    assert package.manifest["request"] == package.request.number


def test_the_language_of_the_copy_is_the_persons(file: File, person: User) -> None:
    person.language = "en"
    person.save()
    built = build_package(file().pk, now=NOW)
    assert built is not None
    page = ZipFile(BytesIO(b"".join(take_download(built, now=NOW)))).read("index.html").decode()
    assert '<html lang="en">' in page
    assert "Copy of your personal data" in page


def break_table(name: str) -> None:
    """Puts an empty table without columns before the real one; it goes with the test's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {name} () ON COMMIT DROP")


def test_a_source_that_fails_is_named_and_the_rest_is_there(person: User) -> None:
    LoginEvent.objects.create(user=person, at=NOW, kind=LoginKind.LOGGED_IN, ip="192.0.2.7")
    break_table("accounts_loginevent")
    with translation.override("en"):
        copy = copy_of(person)
    manifest, data = json.loads(copy.read("manifest.json")), data_of(copy)
    assert manifest["failed"] == data["failed"] == ["Log-ins"]
    assert table_of(copy, "accounts.LoginEvent")["failed"]
    assert [item["table"] for item in manifest["tables"] if item["failed"]] == ["accounts.LoginEvent"]
    page = copy.read("index.html").decode()
    assert "These are missing or not whole" in page
    assert person.email in page


def test_a_copy_that_is_not_whole_is_tried_again_and_at_last_given_as_it_is(file: File) -> None:
    case = file()
    break_table("accounts_loginevent")
    for _attempt in range(ATTEMPTS - 1):
        with pytest.raises(NotWhole):
            build_package(case.pk, now=NOW)
    assert build_package(case.pk, now=NOW) is not None
    case.refresh_from_db()
    assert case.outcome == Outcome.PARTLY_FULFILLED


def test_the_manifest_names_every_store_with_its_count(package: Package) -> None:
    stores = {item["store"]: item["records"] for item in package.manifest["stores"]}
    assert set(stores) == {store.code for store in registry().stores}
    assert stores["packages"] == 0
    assert stores["visits.spool"] == 0
    assert stores["browser"] is None


def test_only_purposes_that_are_really_pursued_are_stated(person: User) -> None:
    copy = copy_of(person)
    with_rows = [table for table in data_of(copy)["tables"] if table["rows"]]
    assert set(data_of(copy)["purposes"]) == {purpose for table in with_rows for purpose in table["purposes"]}


@pytest.mark.clause("Q16.2")
def test_what_was_provided_comes_first_and_says_when_it_came(person: User) -> None:
    LoginEvent.objects.create(user=person, at=NOW, kind=LoginKind.LOGGED_IN, ip="192.0.2.7")
    copy = copy_of(person)
    sources = [registry().holding(table["table"]).source for table in data_of(copy)["tables"]]
    assert sources == sorted(sources, key=list(Source).index)
    table = table_of(copy, "accounts.LoginEvent")
    assert (table["first_came_on"], table["last_goes_on"]) == ("2026-11-22", "2027-04-11")


def test_the_page_reads_in_words_and_local_dates(person: User) -> None:
    LoginEvent.objects.create(user=person, at=NOW, kind=LoginKind.LOGGED_IN, ip="192.0.2.7")
    with translation.override("en"):
        page, word = copy_of(person).read("index.html").decode(), str(LoginKind.LOGGED_IN.label)
    assert "22 November 2026" in page
    assert "2026-11-22T" not in page
    assert word in page


@pytest.mark.clause("Q16.2")
def test_mail_is_shown_with_the_name_of_its_carrier_and_purpose(person: User) -> None:
    OutgoingMessage.objects.create(
        to_address=person.email,
        purpose="SERVICE",
        language="lv",
        subject="x",
        created_at=NOW,
        state="sent",
        handed_over_at=NOW,
        handed_to="MAILGUN",
    )
    with translation.override("en"):
        copy = copy_of(person)
    (row,) = rows_of(copy, "mailing.OutgoingMessage")
    assert (row["purpose"], row["handed_to"]) == ("Providing the service", "Mailgun Technologies, Inc.")
    (recipient,) = data_of(copy)["recipients"]
    assert recipient["name"] == "Mailgun Technologies, Inc."
    assert "22 November 2026" in recipient["received"]
    assert data_of(copy)["third_countries"] == [f"{recipient['name']}: United States, {recipient['safeguard']}"]


def test_a_very_long_table_is_whole_in_its_file_and_in_the_data(person: User) -> None:
    ensure_days([NOW.date()])
    with log_connection().cursor() as cursor:
        fill(cursor, rows=LONG, start=NOW, span=timedelta(seconds=1), persons={person.pk: 1})
    copy = copy_of(person)
    table, lines = table_of(copy, "visits.Visit"), csv_of(copy, "visits.Visit")
    assert [table["row_count"], table["rows_given"], len(table["rows"]), len(lines) - 1] == [LONG] * 4
    assert [str(row[0]) for row in table["rows"]] == [line[0] for line in lines[1:]]
