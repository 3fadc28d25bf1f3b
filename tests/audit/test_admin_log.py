"""Changes in the administration leave nothing personal in Django's own log: the trail takes its place (G10)."""

from typing import Any
from uuid import UUID

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.http import HttpRequest
from django.test import Client
from django.urls import path, reverse

from accounts.models import Profile, User
from audit.models import Entry
from audit.staff_views import RecordedAdmin

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

CANARY = "Kanārija-Bērziņa"


class Named(Profile):
    """A row that carries its person's name in its text form, as a careless model does."""

    class Meta:
        proxy = True
        app_label = "accounts"

    def __str__(self) -> str:
        return f"{CANARY} {self.user.email}"


class WritableAdmin(RecordedAdmin, admin.ModelAdmin):
    """The worst that a page of ours could be: everything may be changed, added and deleted."""

    fields = ("country",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return []

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    has_delete_permission = has_change_permission

    def subject_of(self, obj: Any) -> UUID | None:
        return obj.user_id


class PlainAdmin(admin.ModelAdmin):
    """Django's own, to show that the canary would be there."""

    fields = ("country",)


ours = admin.AdminSite(name="admin")
ours.register(Named, WritableAdmin)
plain = admin.AdminSite(name="plain")
plain.register(Named, PlainAdmin)
urlpatterns = [path("admin/", ours.urls), path("plain/", plain.urls)]


@pytest.fixture
def chief(client: Client, officer: User) -> Client:
    User.objects.filter(pk=officer.pk).update(is_superuser=True)
    client.force_login(User.objects.get(pk=officer.pk))
    return client


@pytest.mark.requirement("G10")
def test_djangos_own_page_would_copy_the_name(chief: Client, person: User) -> None:
    chief.post(reverse("plain:accounts_named_change", args=[person.pk]), {"country": "LT"})
    assert CANARY in LogEntry.objects.get().object_repr


@pytest.mark.requirement("G10")
def test_a_change_and_a_deletion_are_in_the_trail_and_not_in_the_log(chief: Client, person: User) -> None:
    page = reverse("admin:accounts_named_change", args=[person.pk])
    assert chief.post(page, {"country": "LT"}).status_code == 302
    assert Profile.objects.get(pk=person.pk).country == "LT"
    assert chief.post(reverse("admin:accounts_named_delete", args=[person.pk]), {"post": "yes"}).status_code == 302
    assert not Profile.objects.filter(pk=person.pk).exists()
    assert not LogEntry.objects.exists()
    entries = Entry.objects.filter(subject=person.pk, action__in=["changed", "deleted"]).order_by("id")
    assert list(entries.values_list("action", flat=True)) == ["changed", "deleted"]
    assert not any(CANARY in str(entry.content()) or person.email in str(entry.content()) for entry in entries)


@pytest.mark.requirement("G10")
def test_the_log_takes_no_addition_either(person: User, officer: User) -> None:
    request = HttpRequest()
    request.user = officer
    named = Named.objects.get(pk=person.pk)
    WritableAdmin(Named, ours).log_addition(request, named, [{"added": {"name": CANARY}}])
    assert not LogEntry.objects.exists()
    assert Entry.objects.filter(action="added", subject=person.pk).count() == 1
