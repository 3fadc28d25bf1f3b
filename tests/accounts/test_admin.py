"""The administration: no log-in of its own, no password in it, and who looked is recorded."""

import pytest
from django.contrib import admin
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.models import LoginEvent, Profile, User
from accounts.services import register_person
from accounts.terms import LoginKind
from audit.models import Entry
from audit.revealing import MASK, RevealReason, masked_fields
from audit.staff_views import RecordedAdmin
from datamap.registry import registry
from dsar.models import SubjectRequest
from tests.people import PASSWORD, log_in

BY_HAND = {SubjectRequest}
"""Pages that mask in a template of their own: tests/dsar/test_desk_pages.py."""


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


@pytest.mark.requirement("G6")
def test_an_account_is_masked_until_a_reason_is_given(client: Client, chief: User, person: User) -> None:
    log_in(client, chief)
    masked = client.get(page_of(person)).content.decode()
    assert MASK in masked
    assert not any(value in masked for value in (person.email, person.given_name, person.family_name))
    form = client.get(page_of(person)).context["adminform"].form
    assert not {"email", "given_name", "family_name"} & {*form.fields, *form.initial}, "nor does it travel unseen"

    clear = client.post(f"{reverse('admin:accounts_user_reveal', args=[person.pk])}", {"reason": RevealReason.IDENTITY})
    assert clear.status_code == 200
    assert all(value in clear.content.decode() for value in (person.email, person.given_name, person.family_name))
    entry = Entry.objects.get(action="revealed")
    assert (entry.subject, entry.actor_id) == (person.pk, str(chief.pk))
    assert entry.reason.endswith(": to_check_identity")
    assert person.email not in client.get(page_of(person)).content.decode()


@pytest.mark.requirement("G6")
def test_without_a_reason_an_account_stays_masked(client: Client, chief: User, person: User) -> None:
    log_in(client, chief)
    reveal = reverse("admin:accounts_user_reveal", args=[person.pk])
    refused = client.post(reveal, {"reason": "curious"})
    assert refused.status_code == 400
    assert person.email not in refused.content.decode()
    assert client.get(reveal).status_code == 405
    assert not Entry.objects.filter(action="revealed").exists()


@pytest.mark.requirement("G6")
def test_whoever_may_not_see_accounts_reveals_none(client: Client, officer: User, person: User) -> None:
    log_in(client, officer)
    reveal = reverse("admin:accounts_user_reveal", args=[person.pk])
    assert client.post(reveal, {"reason": RevealReason.WORK}).status_code == 403
    assert not Entry.objects.filter(action="revealed").exists()


@pytest.mark.requirement("G6")
def test_a_log_in_shows_its_ip_address_for_a_reason_only(client: Client, chief: User, person: User) -> None:
    event = LoginEvent.objects.create(
        user=person, at=timezone.now(), kind=LoginKind.LOGGED_IN, ip="203.0.113.77", user_agent="Netscape"
    )
    log_in(client, chief)
    page = client.get(reverse("admin:accounts_loginevent_change", args=[event.pk])).content.decode()
    assert MASK in page
    assert "203.0.113.77" not in page
    assert "Netscape" not in page
    reveal = reverse("admin:accounts_loginevent_reveal", args=[event.pk])
    assert "203.0.113.77" in client.post(reveal, {"reason": RevealReason.ASKED}).content.decode()


@pytest.mark.requirement("G6")
def test_every_page_masks_what_names_or_reaches_somebody(rf: RequestFactory, chief: User) -> None:
    """What a page shows by itself, judged by the declarations: a new page that forgets the mask fails here."""
    asked = rf.get("/")
    asked.user = chief
    chief.refresh_from_db()
    shown = {
        f"{model._meta.label}.{name}"
        for model, page in admin.site._registry.items()
        if model._meta.label in {holding.model for holding in registry().holdings} and model not in BY_HAND
        for name in {*page.get_list_display(asked), *map(str, page.get_fields(asked, model()))}
        if name in masked_fields(model) and name not in getattr(page, "plain", ())
    }
    assert shown == set()


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
