"""Sealed fields: ciphertext in SQL, text in Python; what is moved, cut or locked stays closed, and nothing breaks."""

import logging
import pickle
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from django.core import serializers
from django.core.exceptions import FieldError, ValidationError
from django.db import connection, models, transaction
from django.forms.models import model_to_dict
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts.models import Profile, User
from accounts.services import register_person
from vault.fields import KeyRing, NotSealed, Sealed, SealedTextField, Unreadable, share_keys
from vault.keys import KeyDestroyed, SealBroken, destroy_key
from vault.models import DataKey

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CANARY = "+371 20004711"
STREET = "Kanārijas iela 4711"

pytestmark = [pytest.mark.clause("Q15.2"), pytest.mark.django_db]


@pytest.fixture
def profile(person: User) -> Profile:
    return filled(person)


def filled(user: User, **values: str) -> Profile:
    Profile(user=user, **{"phone": CANARY, "street": STREET, **values}).save(force_update=True)
    return Profile.objects.get(user=user)


def raw(column: str, user: User) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM accounts_profile WHERE user_id = %s", [user.pk])
        return bytes(cursor.fetchone()[0])


def stored_phone() -> Sealed:
    return cast("Sealed", Profile.objects.values_list("phone", flat=True)[0])


def write_raw(column: str, value: bytes, user: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE accounts_profile SET {column} = %s WHERE user_id = %s", [value, user.pk])


@pytest.mark.requirement("C6")
def test_sql_shows_ciphertext_and_the_row_the_text(profile: Profile) -> None:
    assert (profile.phone, profile.street, profile.city) == (CANARY, STREET, "")
    with connection.cursor() as cursor:
        cursor.execute("SELECT p::text FROM accounts_profile p")
        shown = str(cursor.fetchone())
    assert raw("phone", profile.user).hex() in shown
    assert not any(canary in shown or canary.encode().hex() in shown for canary in (CANARY, STREET))


@pytest.mark.requirement("C6")
def test_the_length_of_the_ciphertext_tells_nothing_of_a_short_text(person: User, other_person: User) -> None:
    filled(person, city="Rīga")
    filled(other_person, city="Daugavpils, Grīva")
    assert len(raw("city", person)) == len(raw("city", other_person))


def test_an_empty_text_needs_no_key_and_is_stored_as_nothing(person: User) -> None:
    assert raw("phone", person) == b""
    assert not DataKey.objects.filter(owner=person.pk).exists()
    assert Profile.objects.filter(user=person, phone="").exists()


@pytest.mark.requirement("C1")
def test_ciphertext_moved_to_another_row_does_not_open(profile: Profile, other_person: User) -> None:
    filled(other_person, phone="+371 29999999")
    hers, his = raw("phone", profile.user), raw("phone", other_person)
    write_raw("phone", hers, other_person)
    write_raw("phone", his, profile.user)
    found = {row.pk: row.phone for row in Profile.objects.all()}
    assert set(found.values()) == {""}
    assert all(isinstance(value, Unreadable) for value in found.values())


@pytest.mark.requirement("C1")
def test_ciphertext_moved_to_another_column_does_not_open(profile: Profile) -> None:
    write_raw("city", raw("phone", profile.user), profile.user)
    row = Profile.objects.get()
    assert (row.phone, row.city) == (CANARY, "")


@pytest.mark.requirement("C5")
def test_a_value_that_does_not_open_is_empty_and_noted_and_saving_loses_nothing(
    profile: Profile, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    before, masters = raw("phone", profile.user), settings.VAULT_MASTER_KEYS
    settings.VAULT_MASTER_KEYS = [(masters[0][0], b"w" * 32)]
    row = Profile.objects.get()
    with caplog.at_level(logging.ERROR, "vault"):
        assert (row.phone, row.country) == ("", "")
    assert [record.getMessage() for record in caplog.records] == [
        "vault: a value of accounts.Profile.phone did not open: SealBroken"
    ]
    row.phone, row.country = row.phone, "LV"
    row.save()
    settings.VAULT_MASTER_KEYS = masters
    assert raw("phone", profile.user) == before
    assert Profile.objects.get().phone == CANARY


@pytest.mark.requirement("C5")
@pytest.mark.parametrize("cut", [slice(0, 1), slice(0, 20), slice(0, -1), slice(1, None)])
def test_cut_bytes_read_as_nothing(profile: Profile, cut: slice) -> None:
    write_raw("street", raw("street", profile.user)[cut], profile.user)
    assert Profile.objects.get().street == ""


@pytest.mark.requirement("C2")
def test_with_the_key_the_text_is_gone_and_nothing_new_is_sealed(profile: Profile) -> None:
    destroy_key(profile.user_id, now=NOW)
    row = Profile.objects.get()
    assert (row.phone, isinstance(row.phone, Unreadable)) == ("", True)
    row.phone = "+371 1"
    with pytest.raises(KeyDestroyed):
        row.save()


def test_without_any_master_key_nothing_is_written_in_clear(person: User, settings: Settings) -> None:
    filled(person)
    settings.VAULT_MASTER_KEYS = [("other", b"o" * 32)]
    with pytest.raises(SealBroken), transaction.atomic():
        filled(person, phone="+371 2")
    assert b"+371 2" not in raw("phone", person)


@pytest.mark.parametrize("people", [1, 3])
def test_a_list_takes_one_query_for_rows_and_one_for_keys(
    people: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(people):
        filled(register_person(email=f"{number}@example.lv", password="x", given_name="N", now=NOW))
    with django_assert_num_queries(2):
        found = [(row.phone, row.street, row.city) for row in Profile.objects.all()]
    assert found == [(CANARY, STREET, "")] * people
    with django_assert_num_queries(3):
        assert {user.profile.phone for user in User.objects.prefetch_related("profile")} == {CANARY}
    with django_assert_num_queries(2):
        users = list(User.objects.select_related("profile"))
        share_keys(user.profile for user in users)
        assert {user.profile.phone for user in users} == {CANARY}


def test_rows_nobody_looks_into_need_no_key(
    profile: Profile, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        assert [row.country for row in Profile.objects.all()] == [""]
    with django_assert_num_queries(1):
        assert [row.country for row in Profile.objects.only("country")] == [""]


def test_a_deferred_value_opens_when_it_is_asked_for(profile: Profile) -> None:
    assert Profile.objects.defer("phone").get().phone == CANARY
    assert Profile.objects.only("phone").get().phone == CANARY


def test_saving_leaves_untouched_values_as_they_are(profile: Profile) -> None:
    before = raw("street", profile.user)
    profile.phone = "+371 3"
    profile.save()
    assert raw("street", profile.user) == before
    assert Profile.objects.get().phone == "+371 3"


def test_nothing_plain_gets_into_sql(profile: Profile) -> None:
    for statement in (
        lambda: Profile.objects.update(phone=CANARY),
        lambda: Profile.objects.filter(phone=CANARY).exists(),
        lambda: Profile.objects.bulk_update([Profile(user=profile.user, phone=CANARY)], ["phone"]),
    ):
        with pytest.raises(NotSealed), transaction.atomic():
            statement()
    with pytest.raises(FieldError):
        Profile.objects.filter(phone__contains="4711").exists()


def test_bulk_creation_seals_too(profile: Profile) -> None:
    user = profile.user
    Profile.objects.all().delete()
    Profile.objects.bulk_create([Profile(user=user, phone=CANARY)])
    assert CANARY.encode() not in raw("phone", user)
    assert Profile.objects.get().phone == CANARY


def test_a_raw_value_says_nothing_about_itself(profile: Profile) -> None:
    (value,) = Profile.objects.values_list("phone", flat=True)
    assert f"{value} {value!r}" == "<sealed> <sealed>"
    assert CANARY not in repr(Profile.objects.values("phone", "street"))


def test_a_dump_of_fixtures_holds_no_text(profile: Profile) -> None:
    dump = serializers.serialize("json", Profile.objects.all())
    assert CANARY not in dump
    with pytest.raises(NotSealed), transaction.atomic():
        next(iter(serializers.deserialize("json", dump))).save()


@pytest.mark.requirement("C8")
def test_a_pickle_of_a_row_carries_neither_key_nor_text(profile: Profile) -> None:
    assert profile.phone == CANARY
    frozen = pickle.dumps(profile)
    assert CANARY.encode() not in frozen
    assert bytes(DataKey.objects.get().wrapped or b"") not in frozen
    assert pickle.loads(frozen).phone == CANARY
    locked = pickle.loads(pickle.dumps(Unreadable(stored_phone())))
    assert (locked, len(locked.sealed) > 28) == ("", True)


def test_forms_see_a_text_of_limited_length(profile: Profile) -> None:
    assert model_to_dict(profile)["phone"] == CANARY
    profile.phone = "1" * 21
    with pytest.raises(ValidationError, match="20"):
        profile.full_clean()


def test_a_field_without_an_owner_of_its_row_is_refused() -> None:
    def findings(**options: Any) -> list[str | None]:
        class Meta:
            app_label = "vault"

        owner = options.pop("owner", "whose")
        attrs = {
            "__module__": __name__,
            "Meta": Meta,
            "whose": models.UUIDField(),
            "name": models.CharField(max_length=9),
            "text": SealedTextField(max_length=9, owner=owner, **options),
        }
        model: Any = type("Draft", (models.Model,), attrs)
        found = [item.id for item in model._meta.get_field("text").check()]
        del model._meta.apps.all_models["vault"]["draft"]
        return found

    assert findings() == []
    assert findings(owner="nobody") == findings(owner="name") == ["vault.E007"]
    assert findings(db_index=True) == ["vault.E008"]


def test_a_key_ring_asks_once(profile: Profile, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    ring, value = KeyRing(), stored_phone()
    field = cast("SealedTextField", Profile._meta.get_field("phone"))
    with django_assert_num_queries(1):
        assert {field.open(value, owner=profile.user_id, ring=ring) for _ in range(3)} == {CANARY}
