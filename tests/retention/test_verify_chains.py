"""`verify_chains` says which row is broken and fails: also for a cut end, a forged head, a report without signature."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from audit.ledger import append, chain, commit, ledgers
from audit.models import Entry
from audit.trail import Actor, record
from retention import heads, reports
from retention.heads import head_of, publish_heads
from retention.models import PublishedHead, SweepRun
from retention.sweeps import sweep_all
from tests.database import as_owner
from tests.retention.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.clause("Q15.6"), pytest.mark.requirement("L4")]


@pytest.fixture(autouse=True)
def _own_directory(settings: Any, tmp_path: Any) -> None:
    settings.VAR_DIR = tmp_path


@pytest.fixture
def entries(db: None) -> list[Entry]:
    return [record(f"act-{number}", actor=Actor.system("test"), now=NOW) for number in range(6)]


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("verify_chains", *arguments, stdout=out)
    return out.getvalue()


def finding(ledger: str) -> dict[str, Any]:
    """What the failing command says about one ledger."""
    out = StringIO()
    with pytest.raises(SystemExit, match="1"):
        call_command("verify_chains", "--json", stdout=out)
    line: dict[str, Any] = next(line for line in json.loads(out.getvalue()) if line["ledger"] == ledger)
    return line


def tamper(statement: str) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_whole_chains_pass_and_every_ledger_is_named(entries: list[Entry]) -> None:
    sweep_all(now=NOW, apply=True)
    publish_heads(now=NOW)
    assert "audit.Entry: 6 rows, whole." in run().splitlines()
    assert {line["ledger"] for line in json.loads(run("--json"))} == {model._meta.label for model in ledgers()}


def test_a_broken_row_is_named_and_fails_the_command(entries: list[Entry]) -> None:
    tamper(f"UPDATE audit_entry SET action = 'edited' WHERE id = {entries[1].pk}")
    line = finding("audit.Entry")
    assert (line["ok"], line["rows"], line["broken_at"]) == (False, 1, entries[1].pk)


def test_a_guard_that_is_off_fails_the_command(entries: list[Entry]) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_append_only")
    assert "triggers are missing" in finding("audit.Entry")["reason"]


def test_a_cut_end_is_found_although_the_chain_is_whole(entries: list[Entry]) -> None:
    publish_heads(now=NOW)
    tamper(f"DELETE FROM audit_entry WHERE id > {entries[3].pk}")
    line = finding("audit.Entry")
    assert (line["rows"], line["broken_at"]) == (4, entries[5].pk)
    assert "the end was cut off" in line["reason"]


def test_a_cut_end_is_found_also_after_the_ledger_grew_again_and_a_new_head_was_published(
    entries: list[Entry],
) -> None:
    publish_heads(now=NOW)
    tamper(f"DELETE FROM audit_entry WHERE id > {entries[3].pk}")
    for _ in range(3):
        record("later", actor=Actor.system("test"), now=NOW)
    publish_heads(now=NOW + timedelta(days=1))
    assert finding("audit.Entry")["broken_at"] == entries[5].pk


def test_a_ledger_that_was_written_anew_as_a_whole_is_found(entries: list[Entry]) -> None:
    publish_heads(now=NOW)
    row = entries[-1]
    row.action = "rewritten"
    row.commitment = commit(bytes(row.salt), row.content())
    row_hash = chain(row.previous_hash, row.commitment)
    with as_owner():
        Entry.objects.filter(pk=row.pk).update(action=row.action, commitment=row.commitment, row_hash=row_hash)
    line = finding("audit.Entry")
    assert (line["broken_at"], "has another hash now" in line["reason"]) == (row.pk, True)


def test_a_head_with_a_wrong_signature_is_named(entries: list[Entry]) -> None:
    document = publish_heads(now=NOW).document
    forged = append(PublishedHead(at=NOW, document={**document, "at": "2020-01-01T00:00:00Z"}))
    line = finding("retention.PublishedHead")
    assert line["broken_at"] == forged.pk
    assert "do not carry our signature" in line["reason"]


def test_statements_that_the_database_lost_are_found_from_the_file(entries: list[Entry]) -> None:
    publish_heads(now=NOW)
    tamper("TRUNCATE retention_publishedhead, audit_entry")
    assert "lost 1 statements" in finding("retention.PublishedHead")["reason"]
    assert finding("audit.Entry")["broken_at"] == entries[-1].pk


def test_a_line_of_the_file_that_somebody_edited_is_found(entries: list[Entry]) -> None:
    publish_heads(now=NOW)
    heads.path().write_bytes(heads.path().read_bytes().replace(b'"rows":6', b'"rows":5'))
    reason = finding("retention.PublishedHead")["reason"]
    assert "Line 1 of the file of heads does not carry our signature." in reason
    assert "lacks 1 statements" in reason


def test_the_file_is_private_and_gets_what_a_killed_process_left_out(entries: list[Entry]) -> None:
    publish_heads(now=NOW)
    heads.path().unlink()
    publish_heads(now=NOW + timedelta(days=1))
    assert heads.file_documents() == [row.document for row in PublishedHead.objects.order_by("id")]
    assert heads.path().stat().st_mode & 0o777 == 0o600
    assert heads.write_file() == 0


def test_a_head_counts_every_row_that_the_ledger_ever_had(entries: list[Entry]) -> None:
    head = head_of(Entry)
    assert (head.rows, head.last_id, head.row_hash) == (6, entries[-1].pk, entries[-1].row_hash)
    assert (head_of(PublishedHead).rows, head_of(PublishedHead).last_id) == (0, 0)


@pytest.mark.clause("Q5.11")
def test_every_report_of_a_sweep_is_signed_and_a_forged_one_is_named() -> None:
    for report in sweep_all(now=NOW, apply=True):
        assert reports.is_verified(SweepRun.objects.get(pk=report.pk))
    genuine = SweepRun.objects.latest("id")
    forged = SweepRun(
        **{field.attname: getattr(genuine, field.attname) for field in SweepRun._meta.concrete_fields[5:]}
    )
    forged.at, forged.deleted = genuine.at, 7
    append(forged)
    line = finding("retention.SweepRun")
    assert (line["broken_at"], "does not carry our signature" in line["reason"]) == (forged.pk, True)
