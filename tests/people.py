"""The three people of every test: Anna; Jānis, whose data must never mix with hers; Ieva of the staff."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.services import register_person

PASSWORD = "Zilais-kalns-7"


@pytest.fixture
def person(db: None) -> User:
    return register_person(
        email="anna@example.lv", password=PASSWORD, given_name="Anna", family_name="Bērziņa", now=timezone.now()
    )


@pytest.fixture
def other_person(db: None) -> User:
    return register_person(
        email="janis@example.lv", password=PASSWORD, given_name="Jānis", family_name="Ozols", now=timezone.now()
    )


@pytest.fixture
def officer(db: None) -> User:
    return register_person(
        email="ieva@qlekta.example",
        password=PASSWORD,
        given_name="Ieva",
        family_name="Kalniņa",
        is_staff=True,
        now=timezone.now(),
    )


def log_in(client: Client, user: User, *, remember: bool = False) -> str:
    """Through the page, as a person does it; returns where that leads, nothing where it was refused."""
    form = {"login": user.email, "password": PASSWORD} | ({"remember": "on"} if remember else {})
    return client.post(reverse("account_login"), form).headers.get("Location", "")


def prove_again(client: Client) -> None:
    """The password once more: afterwards export, deletion and change of address are open for 15 minutes."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
