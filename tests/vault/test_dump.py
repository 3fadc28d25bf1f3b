"""The database without the key file: none of the sealed texts is in it, before and after a change of keys (C3, C6)."""

from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django.fixtures import Settings

from accounts.models import Profile, User
from consent.models import SubscriptionEvidence
from consent.services import give, note_subscription
from consent.terms import Method
from datamap.registry import tables
from vault import rotation
from vault.fields import Unreadable
from vault.keys import destroy_key
from vault.models import DataKey

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PHONE, STREET, IP = "+371 20004711", "Kanārijas iela 4711", "198.51.100.47"
OLD, NEW = ("old", b"o" * 16 + b"k" * 16), ("new", b"n" * 16 + b"k" * 16)

pytestmark = pytest.mark.clause("Q15.2")


@pytest.fixture
def sealed(person: User, other_person: User, published_texts: None, settings: Settings) -> None:
    """Telephone and street of two people and the IP of a subscription, under the old master key, now superseded."""
    settings.VAULT_MASTER_KEYS = [OLD]
    for user in (person, other_person):
        Profile(user=user, phone=PHONE, street=STREET).save(force_update=True)
    event = give(
        person.pk, "MARKETING_EMAIL", language="lv", method=Method.CONSENTS_PAGE, place="/privacy/consents/", now=NOW
    )
    note_subscription(event, ip=IP)
    settings.VAULT_MASTER_KEYS = [NEW, OLD]


def dump() -> str:
    """Every row of every table as text, as a dump writes it; bytes as their hexadecimal digits."""
    with connection.cursor() as cursor:
        rows = []
        for model in tables():
            cursor.execute(f'SELECT t::text FROM "{model._meta.db_table}" t')
            rows += [row for (row,) in cursor.fetchall()]
    return "\n".join(rows)


def stands_in(text: str, canary: str) -> bool:
    return canary in text or canary.encode().hex() in text


def opened(user: User) -> tuple[str, str, str]:
    profile = Profile.objects.get(user=user)
    return profile.phone, profile.street, SubscriptionEvidence.objects.get().ip


@pytest.mark.requirement("C6")
@pytest.mark.usefixtures("sealed")
def test_a_dump_shows_what_is_not_sealed_and_none_of_what_is(person: User) -> None:
    text = dump()
    assert stands_in(text, person.email)
    assert [canary for canary in (PHONE, "Kanārijas", "4711", IP) if stands_in(text, canary)] == []


@pytest.mark.requirement("C3")
@pytest.mark.usefixtures("sealed")
def test_during_and_after_a_rotation_every_page_reads_on(
    person: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 1)
    assert opened(person) == (PHONE, STREET, IP)
    rotation._next_batch(0)  # and here the run is killed
    assert (rotation.keys_due().count(), opened(person)) == (2, (PHONE, STREET, IP))
    profile = Profile.objects.get(user=person)
    profile.phone = "+371 20000001"
    profile.save()
    call_command("rotate_keys", "--apply")
    settings.VAULT_MASTER_KEYS = [NEW]
    assert opened(person) == ("+371 20000001", STREET, IP)
    settings.VAULT_MASTER_KEYS = [OLD]
    assert opened(person) == ("", "", "")


@pytest.mark.requirement("C3", "C2")
@pytest.mark.usefixtures("sealed")
def test_what_was_destroyed_stays_closed_through_a_rotation(person: User, other_person: User) -> None:
    destroy_key(person.pk, now=NOW)
    call_command("rotate_keys", "--apply")
    assert isinstance(Profile.objects.get(user=person).phone, Unreadable)
    assert Profile.objects.get(user=other_person).phone == PHONE
    assert DataKey.objects.get(owner=person.pk).wrapped is None
