"""Envelope encryption: what opens, what never opens again, and what never could (C1, C2, C5)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django.fixtures import Settings

from datamap.trace import Subject
from vault.erasure import destroy_subject_key
from vault.keys import KeyDestroyed, SealBroken, destroy_key, has_key, seal, unseal
from vault.models import DataKey

NOW = datetime(2026, 5, 1, tzinfo=UTC)
SECRET = "Ķekavas iela 7, canary-4711".encode()
PLACE = "mailing_outgoingmessage|body|17"

pytestmark = pytest.mark.django_db


def test_what_was_sealed_comes_back() -> None:
    owner = uuid4()
    assert unseal(owner, seal(owner, SECRET, context=PLACE), context=PLACE) == SECRET


@pytest.mark.requirement("C6")
def test_neither_the_seal_nor_the_key_row_shows_the_plaintext() -> None:
    owner = uuid4()
    sealed = seal(owner, SECRET, context=PLACE)
    assert SECRET in b"planted: " + SECRET
    assert b"canary" not in sealed + bytes(DataKey.objects.get(owner=owner).wrapped or b"")


@pytest.mark.requirement("C1")
def test_equal_plaintexts_get_different_nonces() -> None:
    owner = uuid4()
    assert len({seal(owner, SECRET, context=PLACE)[1:13] for _ in range(50)}) == 50


@pytest.mark.requirement("C1")
def test_a_seal_does_not_open_in_another_place_or_for_another_owner() -> None:
    owner, other = uuid4(), uuid4()
    sealed = seal(owner, SECRET, context=PLACE)
    seal(other, b"", context=PLACE)
    for who, place in ((owner, "mailing_outgoingmessage|body|18"), (other, PLACE), (uuid4(), PLACE)):
        with pytest.raises(SealBroken):
            unseal(who, sealed, context=place)


@pytest.mark.requirement("C5")
def test_every_flipped_bit_and_every_cut_breaks_the_seal() -> None:
    owner = uuid4()
    sealed = seal(owner, b"short", context=PLACE)
    flipped = [bytes(b ^ (i == n) for n, b in enumerate(sealed)) for i in range(len(sealed))]
    cut = [sealed[:n] for n in range(len(sealed))]
    for broken in (*flipped, *cut, sealed + b"\0"):
        with pytest.raises(SealBroken):
            unseal(owner, broken, context=PLACE)


@pytest.mark.requirement("C5")
def test_a_wrong_or_unknown_master_key_opens_nothing(settings: Settings) -> None:
    owner = uuid4()
    sealed = seal(owner, SECRET, context=PLACE)
    name = settings.VAULT_MASTER_KEYS[0][0]
    for masters in ([(name, b"w" * 32)], [("other", settings.VAULT_MASTER_KEYS[0][1])]):
        settings.VAULT_MASTER_KEYS = masters
        with pytest.raises(SealBroken):
            unseal(owner, sealed, context=PLACE)


@pytest.mark.requirement("C2")
def test_a_data_key_moved_to_another_owner_does_not_open() -> None:
    thief, victim = uuid4(), uuid4()
    sealed = seal(victim, SECRET, context=PLACE)
    seal(thief, b"", context=PLACE)
    DataKey.objects.filter(owner=thief).update(wrapped=DataKey.objects.get(owner=victim).wrapped)
    with pytest.raises(SealBroken):
        unseal(thief, sealed, context=PLACE)


@pytest.mark.requirement("C2")
def test_a_destroyed_key_stays_destroyed() -> None:
    owner = uuid4()
    sealed = seal(owner, SECRET, context=PLACE)
    assert (has_key(owner), destroy_key(owner, now=NOW), destroy_key(owner, now=NOW)) == (True, True, False)
    assert not has_key(owner)
    with pytest.raises(KeyDestroyed):
        unseal(owner, sealed, context=PLACE)
    with pytest.raises(KeyDestroyed):
        seal(owner, b"again", context=PLACE)
    row = DataKey.objects.get(owner=owner)
    assert (row.wrapped, row.destroyed_at) == (None, NOW)


def test_an_erasure_destroys_the_key_of_the_account_once() -> None:
    owner = uuid4()
    seal(owner, SECRET, context=PLACE)
    subject = Subject(user_id=owner)
    assert [destroy_subject_key(subject, now=NOW) for _ in range(2)] == [1, 0]
    assert destroy_subject_key(Subject(emails=frozenset({"anna@example.lv"})), now=NOW) == 0


@pytest.mark.parametrize(("wrapped", "destroyed_at"), [(None, None), (b"key", NOW)])
def test_a_key_is_either_there_or_destroyed(wrapped: bytes | None, destroyed_at: datetime | None) -> None:
    with pytest.raises(IntegrityError, match="vault_datakey_wrapped_or_destroyed"), transaction.atomic():
        DataKey.objects.create(owner=uuid4(), wrapped=wrapped, master_key_id="m", destroyed_at=destroyed_at)


@pytest.mark.django_db(transaction=True)
def test_many_first_users_at_once_get_one_key() -> None:
    owner, start = uuid4(), Barrier(8)

    def first_use(number: int) -> bytes:
        try:
            with transaction.atomic():
                start.wait(timeout=10)
                return seal(owner, bytes([number]), context=PLACE)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        sealed = list(threads.map(first_use, range(8)))
    assert DataKey.objects.filter(owner=owner).count() == 1
    assert [unseal(owner, item, context=PLACE) for item in sealed] == [bytes([n]) for n in range(8)]


def test_a_first_use_that_is_rolled_back_leaves_no_key() -> None:
    owner = uuid4()
    with transaction.atomic():
        seal(owner, SECRET, context=PLACE)
        assert DataKey.objects.filter(owner=owner).exists()
        transaction.set_rollback(True)
    assert not DataKey.objects.filter(owner=owner).exists()
