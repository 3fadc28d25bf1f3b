"""The administration: no log-in of its own, no password in it, and who looked is recorded."""

import pytest
from django.contrib import admin
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Profile, User
from accounts.services import register_person
from audit.models import Entry
from audit.staff_views import RecordedAdmin
from tests.people import PASSWORD, log_in


@pytest.fixture
def chief(db: None) -> User:
    user = register_person(
        email="chief@qlekta.example", password=PASSWORD, given_name="C", is_staff=True, now=timezone.now()
    )
    User.objects.filter(pk=user.pk).update(is_superuser=True)
    return user


def page_of(person: User) -> str:
    return reverse("admin:accounts_user_change", args=[person.pk])


@pytest.mark.requirement("G1")
def test_the_log_in_of_the_administration_is_the_log_in_of_the_site(client: Client, officer: User) -> None:
    answer = client.get(reverse("admin:index"), follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("account_login"))

    client.post(reverse("admin:login"), {"username": officer.email, "password": PASSWORD})
    assert client.get(reverse("admin:index")).status_code == 302


def test_a_customer_gets_no_page_of_the_administration(client: Client, person: User) -> None:
    log_in(client, person)

    assert client.get(reverse("admin:index"), follow=True).status_code == 403


@pytest.mark.clause("Q15.4")
def test_staff_neither_see_nor_set_a_password(client: Client, chief: User, person: User) -> None:
    log_in(client, chief)
    page = client.get(page_of(person))
    assert page.status_code == 200
    assert person.given_name in page.content.decode()

    assert person.password not in page.content.decode()
    shown = {name for _section, options in page.context["adminform"].fieldsets for name in options["fields"]}
    assert "password" not in shown
    client.post(page_of(person), {"password": "x", "given_name": "Zane"})
    client.post(f"{page_of(person)}password/", {"password1": "x", "password2": "x"})
    stored = User.objects.get(pk=person.pk)
    assert (stored.password, stored.given_name) == (person.password, "Anna")


@pytest.mark.clause("Q18.2")
def test_the_administration_neither_deletes_nor_restores_an_account(client: Client, chief: User, person: User) -> None:
    log_in(client, chief)

    answer = client.post(reverse("admin:accounts_user_delete", args=[person.pk]), {"post": "yes"})

    assert answer.status_code == 403
    assert User.objects.filter(pk=person.pk).exists()


def test_a_look_at_a_person_is_recorded(client: Client, chief: User, person: User) -> None:
    log_in(client, chief)

    client.get(page_of(person))

    entry = Entry.objects.get(action="viewed")
    assert (entry.subject, entry.actor_id) == (person.pk, str(chief.pk))


def test_the_list_of_accounts_names_nobody(client: Client, chief: User, person: User) -> None:
    log_in(client, chief)
    page = client.get(reverse("admin:accounts_user_changelist")).content.decode()

    assert str(person.pk) in page
    assert person.email not in page
    assert person.family_name not in page


def test_no_page_of_the_administration_is_unrecorded() -> None:
    assert admin.site._registry
    assert all(isinstance(page, RecordedAdmin) for page in admin.site._registry.values())


def test_a_page_of_ours_that_does_not_record_is_refused() -> None:
    class Unrecorded(admin.ModelAdmin):
        __module__ = "accounts.admin"

    with pytest.raises(ImproperlyConfigured):
        admin.site.register(Profile, Unrecorded)


def test_logging_out_of_the_administration_leads_to_the_page_of_the_site(client: Client, officer: User) -> None:
    log_in(client, officer)

    assert client.post(reverse("admin:logout")).headers["Location"] == reverse("account_logout")
    assert client.get(reverse("admin:password_change")).headers["Location"] == reverse("account_change_password")
