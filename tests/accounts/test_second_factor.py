"""The second factor: sealed in the database, asked for at the door, needed for the staff's pages."""

import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from accounts.second_factor import seal_secret, unseal_secret
from accounts.services import enrol_second_factor
from tests.people import log_in, prove_again
from vault.keys import VaultError, destroy_key

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code(secret: str = SECRET) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


@pytest.fixture
def guarded(person: User) -> User:
    enrol_second_factor(person, secret=SECRET, now=timezone.now())
    return person


@pytest.mark.requirement("C7")
def test_a_secret_lies_sealed_in_the_database(guarded: User) -> None:
    stored = Authenticator.objects.get(user=guarded).data["secret"]

    assert SECRET not in stored
    assert unseal_secret(stored) == SECRET


@pytest.mark.requirement("C7", "G2")
def test_a_secret_that_is_switched_on_in_the_browser_is_sealed_too(client: Client, person: User) -> None:
    log_in(client, person)
    prove_again(client)
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    found = re.search(r'id="totp-secret">(\w+)<', page)
    assert found is not None

    client.post(reverse("mfa_activate_totp"), {"code": code(found[1])})

    kinds = {row.type: str(row.data) for row in Authenticator.objects.filter(user=person)}
    assert set(kinds) == {Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES}
    assert found[1] not in kinds[Authenticator.Type.TOTP]
    assert str(person.pk) in kinds[Authenticator.Type.RECOVERY_CODES]
    codes = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert len(re.findall(r"<li>\d{8}</li>", codes)) == 10


def test_the_page_that_switches_it_on_holds_no_picture_and_nothing_inline(client: Client, person: User) -> None:
    log_in(client, person)
    prove_again(client)

    page = client.get(reverse("mfa_activate_totp")).content.decode()

    assert "data:" not in page
    assert "otpauth://totp/" in page
    assert not re.search(r"<style|style=|<script(?![^>]*\bsrc=)", page)


def test_a_secret_opens_for_its_owner_only(guarded: User, other_person: User) -> None:
    stored = seal_secret(SECRET, owner=guarded.pk)
    seal_secret(SECRET, owner=other_person.pk)

    with pytest.raises(VaultError):
        unseal_secret(stored.replace(str(guarded.pk), str(other_person.pk)))
    with pytest.raises(VaultError):
        unseal_secret("nonsense")


@pytest.mark.requirement("G2")
def test_a_log_in_asks_for_the_code(client: Client, guarded: User) -> None:
    asked = log_in(client, guarded)
    assert asked == reverse("mfa_authenticate")
    assert client.get(reverse("account")).status_code == 302

    client.post(asked, {"code": code()})

    assert client.get(reverse("account")).status_code == 200


@pytest.mark.clause("Q5.9")
def test_a_second_factor_does_not_forbid_the_change_of_the_address(client: Client, guarded: User) -> None:
    client.post(log_in(client, guarded), {"code": code()})
    prove_again(client)

    client.post(reverse("account_email"), {"email": "anna.b@example.lv", "action_add": ""})

    assert EmailAddress.objects.filter(user=guarded, email="anna.b@example.lv", verified=False).exists()


def test_a_destroyed_key_refuses_like_a_wrong_code(client: Client, guarded: User) -> None:
    destroy_key(guarded.pk, now=timezone.now())

    answer = client.post(log_in(client, guarded), {"code": code()})

    assert answer.status_code == 200
    assert client.get(reverse("account")).status_code == 302


@pytest.mark.requirement("G1")
def test_staff_without_a_second_factor_get_no_page_of_the_administration(
    client: Client, officer: User, settings: Settings
) -> None:
    settings.STAFF_SECOND_FACTOR_REQUIRED = True
    log_in(client, officer)

    for address in (reverse("admin:index"), reverse("admin:accounts_user_changelist"), "/admin/nothing/"):
        answer = client.get(address)
        assert answer.status_code == 403
        assert reverse("mfa_activate_totp") in answer.content.decode()


@pytest.mark.requirement("G1")
def test_staff_with_a_second_factor_get_in(client: Client, officer: User, settings: Settings) -> None:
    settings.STAFF_SECOND_FACTOR_REQUIRED = True
    enrol_second_factor(officer, secret=SECRET, now=timezone.now())

    client.post(log_in(client, officer), {"code": code()})

    assert client.get(reverse("admin:index")).status_code == 200


def test_in_development_a_banner_says_how_to_switch_it_on(client: Client, officer: User, settings: Settings) -> None:
    settings.STAFF_SECOND_FACTOR_REQUIRED = False
    log_in(client, officer)

    page = client.get(reverse("admin:index"))

    assert page.status_code == 200
    assert reverse("mfa_activate_totp") in page.content.decode()
