"""The password again before what matters (Q15.3, requirement I1)."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.step_up import recently_authenticated
from tests.people import log_in, prove_again

EMAIL = reverse("account_email")


@pytest.mark.clause("Q15.3")
@pytest.mark.requirement("I1")
def test_the_change_of_address_asks_for_the_password_again(client: Client, person: User) -> None:
    log_in(client, person)
    assert client.get(EMAIL).headers["Location"] == f"{reverse('account_reauthenticate')}?next=%2Faccounts%2Femail%2F"

    prove_again(client)

    assert client.get(EMAIL).status_code == 200


@pytest.mark.requirement("I1")
@pytest.mark.parametrize(("minutes", "status"), [(14, 200), (16, 302)])
def test_a_proof_is_good_for_fifteen_minutes(client: Client, person: User, minutes: int, status: int) -> None:
    log_in(client, person)
    prove_again(client)

    with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
        assert client.get(EMAIL).status_code == status


def test_a_wrong_password_proves_nothing(client: Client, person: User) -> None:
    log_in(client, person)
    client.post(reverse("account_reauthenticate"), {"password": "nothing-like-it"})

    assert client.get(EMAIL).status_code == 302


def test_what_was_posted_is_not_lost(client: Client, person: User) -> None:
    log_in(client, person)
    client.post(EMAIL, {"email": "anna.b@example.lv", "action_add": ""})

    client.post(reverse("account_reauthenticate"), {"password": "Zilais-kalns-7", "next": EMAIL})

    assert EmailAddress.objects.filter(user=person, email="anna.b@example.lv").exists()


def test_a_visitor_is_sent_to_the_log_in(client: Client, db: None) -> None:
    assert client.get(EMAIL).headers["Location"].startswith(reverse("account_login"))


def test_nobody_is_proved_without_a_session(rf: RequestFactory, person: User) -> None:
    request = rf.get("/")
    request.user = person
    request.session = SessionStore()

    assert not recently_authenticated(request)
