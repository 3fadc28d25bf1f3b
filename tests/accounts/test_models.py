"""The user in the database: one spelling of an address, and no more data than clause 5.1 names."""

import pytest
from django.db import IntegrityError
from django.utils import timezone

from accounts.models import Profile, User
from accounts.services import register_person

IDENTIFICATION = {"id", "given_name", "family_name", "display_name"}
STANDING = {"date_joined", "is_active", "is_staff", "is_superuser"}
CONTACT_LANGUAGE_CREDENTIALS_AGE = {"email", "language", "password", "age_confirmed_at", "age_text_version"}


@pytest.mark.clause("Q5.5")
def test_the_account_holds_only_what_clause_5_1_names() -> None:
    held = {field.name for field in User._meta.concrete_fields}

    assert held == IDENTIFICATION | STANDING | CONTACT_LANGUAGE_CREDENTIALS_AGE


@pytest.mark.clause("Q5.5")
def test_every_field_of_the_profile_is_voluntary() -> None:
    fields = [field for field in Profile._meta.concrete_fields if field.name != "user"]

    assert {field.name for field in fields} == {"phone", "street", "city", "postal_code", "country"}
    assert all(field.blank for field in fields)


def test_an_address_is_stored_in_lower_case(db: None) -> None:
    user = User.objects.create_user(" Anna@Example.LV ", "Zilais-kalns-7", given_name="A", family_name="B")

    assert user.email == "anna@example.lv"
    assert User.objects.get_by_natural_key("ANNA@example.lv") == user


def test_the_database_refuses_an_address_in_capitals(db: None) -> None:
    with pytest.raises(IntegrityError, match="user_email_is_lower_case"):
        User(email="Anna@example.lv", given_name="A", family_name="B").save()


def test_an_age_declaration_has_its_time_and_its_wording_or_neither(person: User) -> None:
    with pytest.raises(IntegrityError, match="user_age_declaration_is_whole"):
        User.objects.filter(pk=person.pk).update(age_text_version="")


def test_the_same_address_cannot_be_registered_twice(person: User) -> None:
    with pytest.raises(IntegrityError):
        register_person(email="ANNA@example.lv", password="x", given_name="Cita", now=timezone.now())


def test_the_text_form_of_a_user_names_nobody(person: User) -> None:
    assert str(person) == str(person.pk)


@pytest.mark.clause("Q5.7")
def test_a_password_is_stored_as_a_salted_hash(person: User, other_person: User) -> None:
    assert "Zilais-kalns-7" not in person.password
    assert person.password != other_person.password  # the same password, another salt
