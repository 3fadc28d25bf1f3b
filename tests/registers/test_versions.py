"""The Art. 30 record in dated versions: kept when it changes, read as of a day, compared between two days."""

import csv
import io
import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from datamap import register
from datamap.catalogue import catalogue
from datamap.register import COLUMNS, RegisterEntry, register_as_data, register_entries
from datamap.registry import registry
from registers.models import RegisterVersion
from registers.reading import as_csv
from registers.refusals import RegisterRefused
from registers.versions import difference, keep_version, version_on
from registers.watch import watch
from tests.registers.conftest import NOW, desk

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log-ins are held for a second purpose, and a new table appears."""
    old = registry().holding("accounts.LoginEvent")
    new = replace(old, model="accounts.Profile", label="A brand new table")
    holdings = [item for item in registry().holdings if item.model not in {old.model, new.model}]
    holdings += [replace(old, purposes=("SECURITY", "STABILITY")), new]
    monkeypatch.setattr(register, "registry", lambda: replace(registry(), holdings=tuple(holdings)))


def test_every_column_of_the_law_is_there_and_named() -> None:
    assert list(COLUMNS) == list(RegisterEntry.__dataclass_fields__)
    required = {"controller", "joint_controllers", "representative", "officer", "purposes", "subjects", "categories"}
    assert required | {"recipients", "transfers", "limits", "measures", "lawful_basis", "contracts"} <= set(COLUMNS)


def test_a_transfer_names_country_and_safeguard() -> None:
    (mail,) = [entry for entry in register_entries() if entry.table == "mailing.OutgoingMessage"]
    assert mail.transfers == (
        f"{catalogue().recipients['MAILGUN'].name}: US, standard contractual clauses – Art. 46(2)(c) GDPR",
    )
    assert mail.contracts
    assert "people with an account" in mail.subjects


def test_a_legitimate_interest_names_its_test_in_the_register() -> None:
    (visits,) = [entry for entry in register_entries() if entry.table == "visits.Visit"]
    assert len(visits.balancing) == 2
    assert "2027-05-10" in visits.balancing[0]


def test_a_version_is_kept_once_until_something_changes(changed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert keep_version(now=NOW) is not None
    assert keep_version(now=NOW + DAY) is None
    monkeypatch.undo()
    assert keep_version(now=NOW + 2 * DAY) is not None
    assert RegisterVersion.objects.count() == 2


def test_the_round_of_the_scheduler_keeps_the_version_too() -> None:
    watch(now=NOW)
    watch(now=NOW + DAY)
    assert RegisterVersion.objects.count() == 1


def test_a_kept_version_cannot_be_changed() -> None:
    version = keep_version(now=NOW)
    assert version is not None
    with pytest.raises(DatabaseError), transaction.atomic():
        version.delete()


def test_the_version_of_a_day_is_the_one_in_force_at_its_end() -> None:
    version = keep_version(now=NOW)
    assert version_on(date(2026, 11, 22)) == version == version_on(date.max)
    with pytest.raises(RegisterRefused, match="2026-11-21"):
        version_on(date(2026, 11, 21))


def two_versions(monkeypatch: pytest.MonkeyPatch, changed_later: Any) -> list[Any]:
    before = keep_version(now=NOW)
    changed_later()
    after = keep_version(now=NOW + DAY)
    assert before is not None
    assert after is not None
    return difference(before, after)


def test_the_difference_names_what_was_added_removed_and_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    old = registry().holding("accounts.LoginEvent")
    rest = tuple(item for item in registry().holdings if item.model not in {old.model, "vault.DataKey"})
    more = replace(registry(), holdings=(*rest, replace(old, purposes=("STABILITY",), period="ACCOUNT")))

    changes = two_versions(monkeypatch, lambda: monkeypatch.setattr(register, "registry", lambda: more))
    assert {(item.kind, item.table) for item in changes} == {("removed", "vault.DataKey"), ("changed", old.model)}
    (change,) = [item for item in changes if item.kind == "changed"]
    columns = {column.name: column for column in change.columns}
    assert columns["purposes"].new == ("Stability and functionality",)
    assert columns["erased_after"].new == ("as long as you have an account",)
    assert {"version", "limits", "balancing"} <= set(columns)


def test_the_command_writes_the_difference_in_three_forms(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fewer = replace(registry(), holdings=registry().holdings[1:])
    two_versions(monkeypatch, lambda: monkeypatch.setattr(register, "registry", lambda: fewer))
    for form in ("json", "csv", "html"):
        call_command("export_register", "--diff", "2026-11-22", "2026-11-23", "--format", form, "--language", "en")
        text = capsys.readouterr().out
        assert registry().holdings[0].model in text
        assert "removed" in text
        assert text.count(registry().holdings[5].model) == 0


def test_the_command_writes_the_register_of_a_day(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("keep_register", "--json")
    assert json.loads(capsys.readouterr().out)["register"]
    call_command("export_register", "--on", "9999-12-31", "--language", "ru")
    assert len(json.loads(capsys.readouterr().out)["activities"]) == len(register_entries())


@pytest.mark.parametrize("days", [["2020-01-01", "2020-01-02"], ["yesterday", "today"]])
def test_the_command_refuses_days_it_cannot_compare(days: list[str]) -> None:
    with pytest.raises((CommandError, SystemExit)):
        call_command("export_register", "--diff", *days)


def test_no_cell_of_the_sheet_begins_a_formula() -> None:
    data = register_as_data()
    data["activities"][0]["activity"] = "=HYPERLINK(1)"
    rows = list(csv.DictReader(io.StringIO(as_csv(data))))
    assert rows[0]["activity"] == "'=HYPERLINK(1)"


def test_staff_read_a_version_and_compare_two_days(first: User, monkeypatch: pytest.MonkeyPatch) -> None:
    fewer = replace(registry(), holdings=registry().holdings[1:])
    two_versions(monkeypatch, lambda: monkeypatch.setattr(register, "registry", lambda: fewer))
    browser, name = desk(first), "admin:registers_registerversion"
    page = browser.get(reverse(f"{name}_change", args=[RegisterVersion.objects.first().pk]))  # type: ignore[union-attr]
    assert "Categories of people" in page.content.decode()
    compared = browser.get(reverse(f"{name}_compare"), {"before": "2026-11-22", "after": "2026-11-23"})
    assert f"{registry().holdings[0].label} – removed" in compared.content.decode()
    refused = browser.get(reverse(f"{name}_compare"), {"before": "2019-01-01", "after": "2026-11-23"})
    assert refused.status_code == 400
    assert "No version of the register was kept" in refused.content.decode()


@pytest.mark.parametrize(("form", "begins"), [("json", '{\n  "'), ("csv", "activity,"), ("html", "<!doctype html>")])
def test_staff_save_a_version_as_the_file_that_the_command_writes(form: str, begins: str, first: User) -> None:
    version = keep_version(now=NOW)
    assert version is not None
    browser = desk(first)
    page = browser.get(reverse("admin:registers_registerversion_change", args=[version.pk])).content.decode()
    address = reverse("admin:registers_registerversion_export", args=[version.pk, form])
    assert address in page
    saved = browser.get(address)
    assert saved.headers["Content-Disposition"].endswith(f'.{form}"')
    assert saved.content.decode().lower().startswith(begins.lower())
    assert browser.get(address.replace(f"/{form}/", "/exe/")).status_code == 404
    assert Client().get(address).status_code == 302
