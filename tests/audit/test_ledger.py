"""The chain holds under many writers and shows every tampering (L3, L4, L5)."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from audit.ledger import GENESIS, ChainReport, LedgerRow, append, chain, commit, content_fields, verify
from audit.models import Entry
from audit.spelling import read_spelled
from audit.trail import Actor, record
from datamap.canonical import canonical_json
from tests.audit.conftest import ANNA, START
from tests.database import as_owner

pytestmark = pytest.mark.django_db


def tamper(*statements: str) -> ChainReport:
    """Run statements as the owner with the triggers off, then verify."""
    with as_owner(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    return verify(Entry)


@pytest.mark.requirement("L3")
def test_hashes_are_what_the_specification_says(entries: list[Entry]) -> None:
    first, second = Entry.objects.all()[:2]
    leaf = sha256(b"\0" + bytes(second.salt) + canonical_json(second.content())).hexdigest()
    assert (first.previous_hash, second.previous_hash, second.commitment) == (GENESIS, first.row_hash, leaf)
    assert second.row_hash == sha256(b"\1" + bytes.fromhex(first.row_hash) + bytes.fromhex(leaf)).hexdigest()
    assert len({bytes(row.salt) for row in entries}) == len(entries)


def test_an_untouched_chain_and_an_empty_one_are_whole(entries: list[Entry]) -> None:
    assert verify(Entry) == ChainReport(Entry, rows=6)
    assert tamper("TRUNCATE audit_entry") == ChainReport(Entry, rows=0)


@pytest.mark.clause("Q15.6")
@pytest.mark.requirement("L4")
def test_an_edited_value_is_found(entries: list[Entry]) -> None:
    report = tamper(f"UPDATE audit_entry SET reason = 'no case' WHERE id = {entries[2].pk}")
    assert (report.rows, report.broken_at) == (2, entries[2].pk)
    assert report.reason == f"Row {entries[2].pk} was altered: its content no longer gives its commitment."


@pytest.mark.requirement("L4")
def test_a_removed_row_is_found(entries: list[Entry]) -> None:
    report = tamper(f"DELETE FROM audit_entry WHERE id = {entries[3].pk}")
    assert report.broken_at == entries[4].pk
    assert report.reason.startswith(f"Row {entries[4].pk} does not follow row {entries[2].pk}: a row was removed")


@pytest.mark.requirement("L4")
def test_a_removed_beginning_is_found(entries: list[Entry]) -> None:
    report = tamper(f"DELETE FROM audit_entry WHERE id = {entries[0].pk}")
    assert report.reason.startswith(f"Row {entries[1].pk} does not follow the beginning")


@pytest.mark.requirement("L4")
def test_two_rows_that_changed_places_are_found(entries: list[Entry]) -> None:
    one, two = entries[1].pk, entries[2].pk
    report = tamper(
        f"UPDATE audit_entry SET id = -1 WHERE id = {one}",
        f"UPDATE audit_entry SET id = {one} WHERE id = {two}",
        f"UPDATE audit_entry SET id = {two} WHERE id = -1",
    )
    assert report.broken_at == one


@pytest.mark.requirement("L4")
def test_an_edited_hash_is_found(entries: list[Entry]) -> None:
    report = tamper(f"UPDATE audit_entry SET row_hash = repeat('a', 64) WHERE id = {entries[5].pk}")
    assert report.reason == f"Row {entries[5].pk} was altered: its hash does not follow from its commitment."


@pytest.mark.requirement("L4")
def test_a_hash_that_is_none_is_found(entries: list[Entry]) -> None:
    report = tamper(
        "ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_is_chained",
        f"UPDATE audit_entry SET row_hash = 'no hash' WHERE id = {entries[2].pk}",
        f"UPDATE audit_entry SET previous_hash = 'no hash' WHERE id = {entries[3].pk}",
    )
    assert (report.rows, report.broken_at) == (2, entries[2].pk)


@pytest.mark.requirement("L4")
def test_a_text_that_became_null_is_found_although_copy_spells_it_as_a_letter() -> None:
    row = append(Entry(at=START, action="a", actor_kind="system", actor_id="t", reason="N"))
    assert tamper("ALTER TABLE audit_entry ALTER reason DROP NOT NULL").is_whole
    report = tamper(f"UPDATE audit_entry SET reason = NULL WHERE id = {row.pk}")
    assert report.broken_at == row.pk


@pytest.mark.requirement("L4")
def test_an_inserted_row_is_found(entries: list[Entry]) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("UPDATE audit_entry SET id = id + 1 WHERE id > %s", [entries[5].pk - 1])
        forged = Entry.objects.get(pk=entries[0].pk)
        forged.pk, forged.reason = entries[5].pk, "forged"
        forged.previous_hash, forged.commitment = entries[4].row_hash, commit(bytes(forged.salt), forged.content())
        forged.row_hash = chain(forged.previous_hash, forged.commitment)
        cursor.execute("ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_previous_hash_key")
        forged.save(force_insert=True)
    report = verify(Entry)
    assert (report.rows, report.broken_at) == (6, entries[5].pk + 1)


@pytest.mark.requirement("L4")
def test_a_value_edited_with_its_own_hashes_breaks_the_next_row(entries: list[Entry]) -> None:
    row = Entry.objects.get(pk=entries[1].pk)
    row.reason = "no case"
    row.commitment = commit(bytes(row.salt), row.content())
    with as_owner():
        Entry.objects.filter(pk=row.pk).update(
            reason=row.reason, commitment=row.commitment, row_hash=chain(row.previous_hash, row.commitment)
        )
    assert verify(Entry).broken_at == entries[2].pk


def test_a_blanked_row_is_a_finding_unless_its_ledger_allows_it(
    entries: list[Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    report = tamper(f"UPDATE audit_entry SET salt = '', reason = '' WHERE id = {entries[2].pk}")
    assert report.reason == f"Row {entries[2].pk} was altered: its salt is gone."
    monkeypatch.setattr(Entry, "CONTENT_MAY_GO", True)
    assert verify(Entry) == ChainReport(Entry, rows=6, hashes_only=1)
    tampered = tamper(f"UPDATE audit_entry SET commitment = repeat('b', 64) WHERE id = {entries[2].pk}")
    assert tampered.broken_at == entries[2].pk


def test_content_that_the_database_spells_differently_is_refused() -> None:
    row = Entry(at=START, action="a", actor_kind="system", actor_id="t", details={"share": 1e30})
    with pytest.raises(ValueError, match="spells this content differently"):
        append(row)
    assert not Entry.objects.exists()


def test_what_postgresql_spells_is_what_python_spells() -> None:
    hard = '"\\ / \n\r\t\b\f \x01\x1f\x7f \u2028 Šķūnis 😀 {}'
    details = {"z": [1, {"ā": None, "a": True}], "longer key": hard, "a": "", "Z": -7}
    for subject, at in ((ANNA, START), (None, START.replace(microsecond=120))):
        append(
            Entry(at=at, action="a", actor_kind="system", actor_id=hard, subject=subject, reason=hard, details=details)
        )
    spelled: list[bytes] = []
    read_spelled(Entry, content_fields(Entry), lambda content, _proof: spelled.append(content), using="default")
    assert spelled == [canonical_json(row.content()) for row in Entry.objects.all()]


def test_a_field_that_came_later_leaves_the_older_rows_whole(
    entries: list[Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = {name: value for name, value in entries[0].content().items() if name not in {"object_id", "subject"}}
    monkeypatch.setattr(Entry, "ADDED_LATER", frozenset({"object_id", "subject"}))
    older = Entry(**{**plain, "reason": "from before"})
    assert set(older.content()) == set(plain)
    append(older)
    append(Entry(**plain, object_id="7", subject=ANNA))
    read: list[bytes] = []
    read_spelled(Entry, content_fields(Entry), lambda content, _proof: read.append(content), using="default")
    assert read[-2:] == [canonical_json(row.content()) for row in Entry.objects.all()[6:]]
    assert b"object_id" not in read[-2]
    assert b"object_id" in read[-1]


def test_a_row_without_a_chain_is_refused(entries: list[Entry]) -> None:
    with pytest.raises(IntegrityError, match="audit_entry_is_chained"), transaction.atomic():
        Entry.objects.create(at=START, action="a", actor_kind="system", actor_id="t", salt=b"")


def test_two_rows_cannot_follow_the_same_row(entries: list[Entry]) -> None:
    twin = Entry.objects.get(pk=entries[3].pk)
    twin.pk = None
    with pytest.raises(IntegrityError, match="previous_hash"), transaction.atomic():
        twin.save(force_insert=True)


def test_an_override_of_the_content_is_verified_through_the_rows(
    entries: list[Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    def content(row: Entry) -> dict[str, Any]:
        return LedgerRow.content(row)

    monkeypatch.setattr(Entry, "content", content)
    assert verify(Entry) == ChainReport(Entry, rows=6)
    assert tamper(f"UPDATE audit_entry SET action = 'x' WHERE id = {entries[0].pk}").broken_at == entries[0].pk


@pytest.mark.requirement("L5")
@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_leave_one_whole_chain() -> None:
    def write(number: int) -> None:
        try:
            for _ in range(5):
                record("viewed", actor=Actor.system(f"writer-{number}"), subject=ANNA, now=START)
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as threads:
        list(threads.map(write, range(12)))
    assert verify(Entry) == ChainReport(Entry, rows=60)
