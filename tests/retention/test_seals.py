"""What waits for a seal gets one by beat; heads tell of seals; `verify_chains` and `/readyz` say what is wrong (L4)."""

import contextlib
import json
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from audit import sealing
from audit.ledger import append
from audit.models import Seal
from consent.models import ConsentEvent
from retention import tasks
from retention.heads import Head, head_of, publish_heads
from retention.models import PublishedHead
from retention.sealing import UNSEALED_LIMIT, seal_ledgers
from retention.signed import with_signature
from tests.database import as_owner
from tests.retention.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.clause("Q15.6"), pytest.mark.requirement("L4")]

LEDGER = "consent.ConsentEvent"


@pytest.fixture(autouse=True)
def _own_directory(settings: Any, tmp_path: Any) -> None:
    settings.VAR_DIR = tmp_path


def written(count: int, *, at: datetime = NOW) -> list[ConsentEvent]:
    words = {"purpose": "LOYALTY", "state": "given", "language": "lv", "method": "account", "place": "/"}
    return [append(ConsentEvent(subject_token=str(number), at=at, **words)) for number in range(count)]


def findings() -> dict[str, Any]:
    """What `verify_chains` says, by ledger; whole ones are left out."""
    out = StringIO()
    with contextlib.suppress(SystemExit):
        call_command("verify_chains", "--json", stdout=out)
    return {line["ledger"]: line for line in json.loads(out.getvalue()) if not line["ok"]}


def tamper(statement: str) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_beat_seals_what_was_written_and_the_signature_is_ours() -> None:
    written(3)
    tasks.seal()
    seal = Seal.objects.get()
    assert (seal.ledger, seal.number, seal.rows) == (LEDGER, 1, 3)
    assert not ConsentEvent.objects.filter(seal=None).exists()
    assert findings() == {}


def test_a_head_tells_of_the_seals_and_seals_first_what_waits() -> None:
    assert head_of(ConsentEvent) == Head(LEDGER, 0, 0, "0" * 64, None, 0)
    rows = written(3)
    (seal,) = seal_ledgers(now=NOW)
    written(2)
    document = publish_heads(now=NOW + timedelta(minutes=1)).document
    head = next(head for head in document["heads"] if head["ledger"] == LEDGER)
    newest = Seal.objects.latest("number")
    assert (head["rows"], head["seal"], head["row_hash"]) == (5, 2, newest.hash)
    assert newest.previous_seal == seal.hash
    assert head["last_id"] == rows[0].pk + 4
    assert findings() == {}


def test_a_cut_end_of_rows_and_their_seals_is_found() -> None:
    rows = written(3)
    seal_ledgers(now=NOW)
    written(2)
    publish_heads(now=NOW)
    tamper("DELETE FROM audit_seal WHERE number = 2")
    tamper(f"DELETE FROM consent_consentevent WHERE id > {rows[2].pk}")
    found = findings()
    assert set(found) == {LEDGER, "audit.Seal"}
    assert found[LEDGER]["broken_at"] == rows[0].pk + 4
    assert "Seal 2" in found[LEDGER]["reason"]
    assert "the end was cut off" in found[LEDGER]["reason"]
    assert "the end was cut off" in found["audit.Seal"]["reason"]


def test_a_ledger_that_was_sealed_anew_as_a_whole_is_found() -> None:
    rows = written(3)
    publish_heads(now=NOW)
    tamper("TRUNCATE audit_seal")
    tamper(f"DELETE FROM consent_consentevent WHERE id = {rows[0].pk}")
    tamper("UPDATE consent_consentevent SET seal = NULL")
    seal_ledgers(now=NOW)
    found = findings()
    assert "has another hash now" in found[LEDGER]["reason"]
    assert not found["audit.Seal"]["ok"]


def test_a_cut_end_of_rows_under_a_seal_is_found_without_any_head() -> None:
    rows = written(3)
    seal_ledgers(now=NOW)
    tamper(f"DELETE FROM consent_consentevent WHERE id = {rows[2].pk}")
    assert findings()[LEDGER]["broken_at"] == rows[2].pk


def test_a_seal_that_we_did_not_sign_is_named() -> None:
    written(1)
    seal_ledgers(now=NOW)
    written(1)
    stranger = sealing.Signer("0" * 32, lambda payload: "A" * 88)
    (forged,) = sealing.seal(ConsentEvent, signer=stranger, now=NOW)
    line = findings()["audit.Seal"]
    assert (line["broken_at"], "does not carry our signature" in line["reason"]) == (forged.pk, True)


def test_heads_from_before_there_were_seals_say_nothing_about_them() -> None:
    written(1)
    document = publish_heads(now=NOW).document
    for head in document["heads"]:
        head.pop("seal")
    document = with_signature({name: document[name] for name in ("type", "at", "heads")})
    append(PublishedHead(at=NOW, document=document))
    assert LEDGER not in findings()


@pytest.mark.requirement("L5")
def test_rows_that_wait_too_long_turn_readyz_red_and_are_named_until_they_are_sealed(client: Client) -> None:
    def check() -> dict[str, Any]:
        found: dict[str, Any] = client.get("/readyz").json()["checks"]["seals"]
        return found

    now = timezone.now()
    written(1, at=now)
    assert check() == {"ok": True, "unsealed": []}
    late = written(1, at=now - UNSEALED_LIMIT - timedelta(minutes=1))
    assert check() == {"ok": False, "unsealed": [LEDGER]}
    line = findings()[LEDGER]
    assert (line["broken_at"], "waited for its seal too long" in line["reason"]) == (late[0].pk, True)
    seal_ledgers(now=now)
    assert check() == {"ok": True, "unsealed": []}
