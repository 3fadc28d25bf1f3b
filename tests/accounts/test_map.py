"""What the map says about the tables of the accounts leads to the right person and to nobody else."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import User
from accounts.queries import has_second_factor, subject_keys
from datamap.registry import registry
from datamap.terms import Access, Erasure, SubjectKey
from datamap.trace import rows_about, subject_of_user
from tests.people import log_in


def test_a_session_leads_to_the_person_who_is_logged_in(client: Client, person: User, other_person: User) -> None:
    log_in(client, person)
    log_in(Client(), other_person)

    found = rows_about(registry().holding(Session), subject_of_user(person))

    assert [row.session_key for row in found] == [client.session.session_key]


@pytest.mark.requirement("I8")
def test_only_verified_addresses_are_keys_and_a_telephone_is_none(person: User, other_person: User) -> None:
    EmailAddress.objects.create(user=person, email=" wanted@example.lv", verified=False)
    person.profile.phone = other_person.profile.phone = "+371 20000000"
    person.profile.save()

    assert subject_keys([person]) == [(SubjectKey.EMAIL, "anna@example.lv")]
    assert subject_of_user(person).phones == frozenset()


@pytest.mark.clause("Q5.7")
def test_a_credential_is_described_and_never_shown() -> None:
    secrets = {
        "accounts.User": "password",
        "mfa.Authenticator": "data",
        "usersessions.UserSession": "session_key",
        "sessions.Session": "session_data",
    }
    for model, field in secrets.items():
        verdict = registry().holding(model).personal[field].on_access
        assert verdict.verdict is not Access.DISCLOSE
        assert verdict.reason


@pytest.mark.clause("Q5.7")
def test_the_archive_takes_the_four_facts_and_no_credential() -> None:
    archived = {
        (holding.model, name)
        for holding in registry().holdings
        for name, item in holding.personal.items()
        if item.archive and holding.model.split(".")[0] in {"accounts", "account", "mfa", "sessions", "usersessions"}
    }

    assert archived == {("accounts.User", name) for name in ("id", "email", "given_name", "family_name", "date_joined")}


@pytest.mark.clause("Q18.1")
def test_nothing_of_the_log_in_outlives_the_account() -> None:
    labels = ["accounts.User", "accounts.Profile", "accounts.LoginEvent", "account.EmailAddress", "mfa.Authenticator"]

    for label in [*labels, "usersessions.UserSession", "sessions.Session"]:
        assert registry().holding(label).erasure is Erasure.DELETE


def test_nobody_has_a_second_factor_before_it_is_switched_on(person: User) -> None:
    assert not has_second_factor(person)
