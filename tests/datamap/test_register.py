"""The register and the notice come from the declarations, and from nothing else (Art. 13, 30)."""

import csv
import io
import json
from dataclasses import replace

import pytest
from django.core.management import call_command

from datamap import notice as notice_module
from datamap.catalogue import catalogue
from datamap.notice import notice
from datamap.register import register_entries, version_of
from datamap.registry import registry
from datamap.terms import RIGHTS_BY_BASIS, LawfulBasis, Right


@pytest.mark.clause("Q0.1")
def test_the_register_names_the_controller_from_one_setting() -> None:
    (controller,) = {entry.controller for entry in register_entries()}
    assert controller.startswith("SIA Qlekta, 40203224217, ")


def test_the_register_has_an_entry_for_every_declared_table() -> None:
    tables = {entry.table for entry in register_entries() if not entry.table.startswith("cookies: ")}
    assert tables == {holding.model for holding in registry().holdings}


def test_no_entry_of_the_register_has_a_gap() -> None:
    gaps = {
        entry.table
        for entry in register_entries()
        if not all(
            (
                entry.activity,
                entry.purposes,
                entry.lawful_basis,
                entry.categories,
                entry.source,
                entry.erased_after,
                entry.rights,
                entry.subjects,
                entry.limits,
                entry.measures,
                entry.representative,
                entry.officer,
                entry.owner,
                entry.reviewed_on,
            )
        )
    }
    assert gaps == set()


@pytest.mark.clause("Q7.3")
def test_a_legal_obligation_names_its_act() -> None:
    nameless = [
        item.code
        for item in catalogue().purposes.values()
        if item.basis is LawfulBasis.LEGAL_OBLIGATION and not item.act
    ]
    assert nameless == []


@pytest.mark.clause("Q7.14")
@pytest.mark.clause("Q5.18")
def test_every_legitimate_interest_has_its_balancing_test() -> None:
    unbalanced = [
        item.code
        for item in catalogue().purposes.values()
        if item.basis is LawfulBasis.LEGITIMATE_INTERESTS and item.balancing is None
    ]
    assert unbalanced == []


def test_rights_follow_the_basis() -> None:
    assert Right.WITHDRAWAL in RIGHTS_BY_BASIS[LawfulBasis.CONSENT]
    assert Right.PORTABILITY not in RIGHTS_BY_BASIS[LawfulBasis.LEGITIMATE_INTERESTS]
    assert Right.OBJECTION in RIGHTS_BY_BASIS[LawfulBasis.LEGITIMATE_INTERESTS]
    assert Right.ERASURE not in RIGHTS_BY_BASIS[LawfulBasis.LEGAL_OBLIGATION]


def test_the_version_of_a_rule_follows_its_meaning() -> None:
    holding = registry().holding("accounts.LoginEvent")
    assert version_of(holding) == version_of(replace(holding))
    assert version_of(holding) != version_of(replace(holding, purposes=("SERVICE",)))


@pytest.mark.clause("Q0.2")
def test_a_newly_declared_table_appears_in_the_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    holding = replace(registry().holding("accounts.LoginEvent"), label="A brand new table")
    assert "A brand new table" not in labels()
    more = replace(registry(), holdings=(*registry().holdings, holding))
    monkeypatch.setattr(notice_module, "registry", lambda: more)
    assert "A brand new table" in labels()


def labels() -> set[str]:
    return {str(row.label) for purpose in notice().purposes for row in purpose.rows}


def test_the_map_prints_every_field_in_three_forms(capsys: pytest.CaptureFixture[str]) -> None:
    fields = {(holding.model, name) for holding in registry().holdings for name in holding.personal}
    call_command("datamap", "--format", "json")
    found = json.loads(capsys.readouterr().out)
    assert {(row["table"], row["field"]) for row in found["fields"]} == fields
    call_command("datamap", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {(row["table"], row["field"]) for row in rows} == fields
    call_command("datamap")
    assert "accounts.User" in capsys.readouterr().out


@pytest.mark.parametrize("form", ["json", "csv", "html"])
def test_the_register_is_written_in_three_forms(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("export_register", "--format", form, "--language", "en")
    text = capsys.readouterr().out
    assert all(holding.model in text for holding in registry().holdings)
