"""Leaves are written by many at once, sealed once, and every tampering is named by its first row (L3, L4, L5)."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from audit import sealing
from audit.leaves import as_ranges, numbers_in
from audit.ledger import ChainReport, append, commit, verify
from audit.models import Seal
from audit.roles import exposed_tables
from audit.sealing import Inclusion, Signer, inclusion, seal, signed_part, verify_inclusion
from consent.models import ConsentEvent
from datamap.canonical import canonical_json
from tests.database import as_owner
from vault import signing

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("L3", "L4")]

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SIGNER = Signer(signing.key_id(), signing.sign)
TABLE = "consent_consentevent"


def written(count: int = 1, *, at: datetime = NOW, **more: Any) -> list[ConsentEvent]:
    words = {"purpose": "LOYALTY", "state": "given", "language": "lv", "method": "account", "place": "/"} | more
    return [append(ConsentEvent(subject_token=f"{number}", at=at, **words)) for number in range(count)]


def sealed(now: datetime = NOW) -> list[Seal]:
    return seal(ConsentEvent, signer=SIGNER, now=now)


@pytest.fixture
def rows() -> list[ConsentEvent]:
    """Nine rows: four under the first seal, three under the second, two that wait."""
    found = written(4)
    sealed()
    found += written(3)
    sealed(NOW + timedelta(minutes=1))
    return found + written(2)


def tamper(*statements: str) -> ChainReport:
    """Run statements as the owner with the triggers off, then verify."""
    with as_owner(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    return verify(ConsentEvent)


def test_a_leaf_is_what_the_specification_says_and_an_untouched_ledger_is_whole(rows: list[ConsentEvent]) -> None:
    row = ConsentEvent.objects.get(pk=rows[2].pk)
    assert row.commitment == sha256(b"\0" + bytes(row.salt) + canonical_json(row.content())).hexdigest()
    assert "scope" not in row.content(), "rows from before there were scopes keep their commitments"
    assert list(ConsentEvent.objects.values_list("seal", flat=True)) == [1] * 4 + [2] * 3 + [None] * 2
    assert verify(ConsentEvent) == ChainReport(ConsentEvent, rows=9)
    assert verify(Seal).is_whole
    assert sealed()[0].previous_seal == Seal.objects.get(number=2).hash
    assert sealed() == []


def test_an_edited_content_is_found_sealed_or_not(rows: list[ConsentEvent]) -> None:
    report = tamper(f"UPDATE {TABLE} SET state = 'withdrawn' WHERE id IN ({rows[5].pk}, {rows[8].pk})")
    assert report.reason == f"Row {rows[5].pk} was altered: its content no longer gives its commitment."
    tamper(f"UPDATE {TABLE} SET state = 'given' WHERE id = {rows[5].pk}")
    assert verify(ConsentEvent).broken_at == rows[8].pk


def test_a_content_edited_with_its_commitment_breaks_its_seal(rows: list[ConsentEvent]) -> None:
    row = ConsentEvent.objects.get(pk=rows[6].pk)
    row.state = "withdrawn"
    report = tamper(
        f"UPDATE {TABLE} SET state = 'withdrawn', commitment = '{commit(bytes(row.salt), row.content())}'"
        f" WHERE id = {row.pk}"
    )
    assert report.broken_at == rows[4].pk
    assert "do not give the root of seal 2" in report.reason


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        ("DELETE FROM {table} WHERE id = {id}", 1, "one of 4 under seal 1, is gone"),
        ("UPDATE {table} SET seal = 2 WHERE id = {id}", 1, "one of 4 under seal 1, carries another seal now, or none"),
        ("UPDATE {table} SET seal = NULL WHERE id = {id}", 5, "one of 3 under seal 2, carries another seal now"),
        ("UPDATE {table} SET seal = 2 WHERE id = {id}", 8, "was put under seal 2 after it was closed"),
        ("UPDATE {table} SET seal = 9 WHERE id = {id}", 8, "carries seal 9, which is gone"),
    ],
)
def test_a_row_that_left_or_entered_a_seal_is_named(
    rows: list[ConsentEvent], change: str, place: int, words: str
) -> None:
    report = tamper(change.format(table=TABLE, id=rows[place].pk))
    assert report.broken_at == rows[place].pk
    assert words in report.reason


def test_two_rows_that_changed_places_are_found(rows: list[ConsentEvent]) -> None:
    one, two = rows[0].pk, rows[1].pk
    report = tamper(
        f"UPDATE {TABLE} SET id = -1 WHERE id = {one}",
        f"UPDATE {TABLE} SET id = {one} WHERE id = {two}",
        f"UPDATE {TABLE} SET id = {two} WHERE id = -1",
    )
    assert report.broken_at == one


def test_an_altered_seal_and_one_that_is_gone_are_found(rows: list[ConsentEvent]) -> None:
    report = tamper("UPDATE audit_seal SET root = repeat('a', 64) WHERE number = 1")
    assert (report.broken_at, "root of seal 1" in report.reason) == (rows[0].pk, True)
    assert verify(Seal).broken_at == Seal.objects.get(number=1).pk
    assert tamper("DELETE FROM audit_seal WHERE number = 1").reason.endswith("carries seal 1, which is gone.")
    assert verify(Seal).broken_at == Seal.objects.get(number=2).pk


def test_all_rows_of_a_seal_gone_and_a_commitment_that_is_no_hash_are_found(rows: list[ConsentEvent]) -> None:
    assert tamper(f"DELETE FROM {TABLE} WHERE seal = 2").broken_at == rows[4].pk
    report = tamper(
        f"ALTER TABLE {TABLE} DROP CONSTRAINT consent_consentevent_is_committed",
        f"UPDATE {TABLE} SET commitment = 'none' WHERE id = {rows[2].pk}",
    )
    assert report.broken_at == rows[2].pk


@pytest.mark.clause("Q16.6")
def test_a_row_whose_term_is_over_loses_its_content_and_keeps_its_seal() -> None:
    old = written(3, at=datetime(2020, 1, 1, tzinfo=UTC), scope="listing:x")
    sealed()
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_fade(%s, %s)", [TABLE, [old[1].pk]])
    row = ConsentEvent.objects.get(pk=old[1].pk)
    assert (row.subject_token, row.scope, bytes(row.salt), row.seal) == ("", "", b"", 1)
    assert verify(ConsentEvent) == ChainReport(ConsentEvent, rows=3, hashes_only=1)
    proof = inclusion(row)
    assert proof is not None
    assert verify_inclusion(proof)
    assert tamper(f"UPDATE {TABLE} SET commitment = repeat('b', 64) WHERE id = {row.pk}").broken_at == old[0].pk


def test_a_row_that_lost_its_salt_and_says_something_else_is_found(rows: list[ConsentEvent]) -> None:
    report = tamper(f"UPDATE {TABLE} SET salt = '', state = 'withdrawn' WHERE id = {rows[5].pk}")
    assert report.reason == f"Row {rows[5].pk} was altered: its salt is gone."


@pytest.mark.clause("Q15.6")
@pytest.mark.parametrize("batch", [3, 10_000])
def test_every_row_can_be_proved_to_stand_under_its_seal(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", batch)
    found = written(8)
    assert inclusion(found[0]) is None, "it waits for its seal"
    sealed()
    for row in found:
        proof = inclusion(row)
        assert proof is not None
        assert proof.leaf == row.commitment
        again = Inclusion.of(proof.document())
        assert again == proof
        assert verify_inclusion(again)
        assert signing.verify(*signed_part(again.seal))
        assert not verify_inclusion(Inclusion("0" * 64, proof.index, proof.path, proof.seal))
        assert not verify_inclusion(Inclusion("zz", proof.index, proof.path, proof.seal))
        assert not verify_inclusion(Inclusion(proof.leaf, proof.index + 1, proof.path, proof.seal))
        assert not verify_inclusion(Inclusion(proof.leaf, proof.index, proof.path, {**proof.seal, "type": "x"}))
        assert not signing.verify(*signed_part({**proof.seal, "root": "0" * 64}))


@pytest.mark.parametrize("document", [{}, {"leaf": "", "index": "0", "path": [], "seal": {}}, {"path": [1]}])
def test_what_is_no_proof_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no proof"):
        Inclusion.of(document)


def test_numbers_are_kept_as_spans() -> None:
    assert as_ranges([1, 2, 3, 7, 9, 10]) == [[1, 3], [7, 7], [9, 10]]
    assert list(numbers_in([[1, 3], [7, 7]])) == [1, 2, 3, 7]


@pytest.mark.requirement("L1", "L2")
@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE {table} SET seal = 2 WHERE seal IS NULL",
        "UPDATE {table} SET seal = NULL",
        "INSERT INTO {table} SELECT * FROM {table} WHERE id = {id}",
        "DELETE FROM audit_seal",
        "UPDATE audit_seal SET root = ''",
        "CREATE OR REPLACE FUNCTION audit_newest_seal(label text) RETURNS bigint LANGUAGE sql RETURN 1",
    ],
)
def test_the_site_role_cannot_touch_a_seal(rows: list[ConsentEvent], attack: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack.format(table=TABLE, id=rows[0].pk))
    assert verify(ConsentEvent).rows == 9


@pytest.mark.requirement("L1", "L2")
def test_only_a_seal_that_names_it_reaches_a_row_and_only_once(
    rows: list[ConsentEvent], owner: Callable[[], Any]
) -> None:
    with connection.cursor() as cursor:
        for number in (1, 2, 3):
            cursor.execute("SELECT audit_mark_sealed(%s, 'consent.ConsentEvent', %s)", [TABLE, number])
            assert cursor.fetchone() == (0,)
        for table in ("audit_entry", "vault_datakey", "nowhere"):
            with pytest.raises(DatabaseError, match="no ledger of leaves"), transaction.atomic():
                cursor.execute("SELECT audit_mark_sealed(%s, 'consent.ConsentEvent', 1)", [table])
    for change in (
        f"seal = 1 WHERE id = {rows[8].pk}",
        f"seal = 2 WHERE id = {rows[0].pk}",
        f"seal = NULL WHERE id = {rows[0].pk}",
        f"seal = 2, place = '/other/' WHERE id = {rows[8].pk}",
        f"seal = 2, at = now() WHERE id = {rows[8].pk}",
    ):
        with owner(), pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            connection.cursor().execute(f"UPDATE {TABLE} SET {change}")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ConsentEvent.objects.create(at=NOW, salt=b"1" * 16, commitment="a" * 64, seal=2, subject_token="x")
    assert exposed_tables([TABLE, "audit_seal"]) == {}


def elsewhere(act: Callable[[], Any]) -> Any:
    """What comes of it in a thread with a connection of its own."""

    def alone() -> Any:
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(alone).result(timeout=30)


@pytest.mark.requirement("L5")
@pytest.mark.django_db(transaction=True)
def test_a_row_that_is_committed_late_is_in_the_next_seal() -> None:
    with transaction.atomic():
        late = written()
        early = elsewhere(written)
        (first,) = elsewhere(sealed)
        assert (first.rows, first.first_id) == (1, early[0].pk)
        assert early[0].pk > late[0].pk, "the late one has the lower number"
    (second,) = sealed()
    assert (second.rows, second.first_id) == (1, late[0].pk)
    assert verify(ConsentEvent) == ChainReport(ConsentEvent, rows=2)


@pytest.mark.requirement("L5")
@pytest.mark.django_db(transaction=True)
def test_writers_wait_for_nobody_and_two_sealers_at_once_seal_each_row_once() -> None:
    done = threading.Event()

    def keep_sealing() -> None:
        while not done.is_set():
            sealed()

    def alone(act: Callable[[], object]) -> None:
        try:
            act()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        sealers = [pool.submit(alone, keep_sealing) for _ in range(2)]
        writers = [pool.submit(alone, lambda: written(25)) for _ in range(6)]
        for item in writers:
            item.result(timeout=60)
        done.set()
        for item in sealers:
            item.result(timeout=60)
    sealed()
    assert verify(ConsentEvent) == ChainReport(ConsentEvent, rows=150)
    assert sum(Seal.objects.values_list("rows", flat=True)) == 150
    assert not ConsentEvent.objects.filter(seal=None).exists()


@pytest.mark.django_db(transaction=True)
def test_a_leaf_waits_for_no_other_transaction_that_writes_to_the_ledger() -> None:
    with transaction.atomic():
        written()
        elsewhere(written)
    assert verify(ConsentEvent).rows == 2
