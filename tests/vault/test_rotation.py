"""Change of the master key: dry, then done, then without the old key (C3)."""

import json
from datetime import UTC, datetime
from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

from vault import rotation
from vault.keys import KeyDestroyed, SealBroken, destroy_key, seal, unseal
from vault.models import DataKey

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("C3")]
OLD, NEW = ("old", b"o" * 16 + b"k" * 16), ("new", b"n" * 16 + b"k" * 16)


@pytest.fixture
def sealed(settings: Settings) -> dict[UUID, bytes]:
    """Seven things sealed under the old master key, which is then superseded."""
    settings.VAULT_MASTER_KEYS = [OLD]
    found = {(owner := uuid4()): seal(owner, b"seven", context="t|c|1") for _ in range(7)}
    settings.VAULT_MASTER_KEYS = [NEW, OLD]
    return found


def run(*arguments: str) -> dict[str, object]:
    out = StringIO()
    call_command("rotate_keys", "--json", *arguments, stdout=out)
    return json.loads(out.getvalue())


def test_without_apply_nothing_changes(sealed: dict[UUID, bytes]) -> None:
    assert run() == {"master_key_id": "new", "keys": 7, "due": 7, "rewrapped": 0, "failed": 0, "applied": False}
    assert set(DataKey.objects.values_list("master_key_id", flat=True)) == {"old"}


def test_after_rotation_everything_opens_without_the_old_key(
    sealed: dict[UUID, bytes], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 3)
    assert run("--apply")["rewrapped"] == 7
    assert run("--apply")["due"] == 0
    settings.VAULT_MASTER_KEYS = [NEW]
    assert {unseal(owner, item, context="t|c|1") for owner, item in sealed.items()} == {b"seven"}


def test_the_old_key_alone_is_refused_afterwards(sealed: dict[UUID, bytes], settings: Settings) -> None:
    run("--apply")
    settings.VAULT_MASTER_KEYS = [OLD]
    owner, item = next(iter(sealed.items()))
    with pytest.raises(SealBroken):
        unseal(owner, item, context="t|c|1")


def test_a_destroyed_key_stays_destroyed_through_a_rotation(sealed: dict[UUID, bytes]) -> None:
    owner, item = next(iter(sealed.items()))
    destroy_key(owner, now=datetime(2026, 5, 1, tzinfo=UTC))
    assert run("--apply")["rewrapped"] == 6
    with pytest.raises(KeyDestroyed):
        unseal(owner, item, context="t|c|1")


def test_a_killed_rotation_goes_on_where_it_stopped(sealed: dict[UUID, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "BATCH", 3)
    rotation._next_batch(0)
    assert rotation.keys_due().count() == 4
    assert run("--apply")["rewrapped"] == 4


def test_a_key_that_cannot_be_opened_is_counted_and_fails_the_command(
    sealed: dict[UUID, bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    DataKey.objects.filter(owner=next(iter(sealed))).update(wrapped=b"broken")
    with pytest.raises(SystemExit) as stopped:
        call_command("rotate_keys", "--apply")
    assert stopped.value.code == 1
    assert "6 rewrapped, 1 failed" in capsys.readouterr().out
