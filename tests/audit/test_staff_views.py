"""Nobody of the staff looks at a person's record unseen, and nothing can be changed by looking (Q3.1, G5)."""

from typing import Any
from uuid import UUID

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.test import RequestFactory
from django.urls import path

from audit.admin import EntryAdmin
from audit.models import Entry
from audit.staff_views import RecordedAdmin
from tests.audit.conftest import ANNA
from vault.keys import seal
from vault.models import DataKey

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


class KeyAdmin(RecordedAdmin, admin.ModelAdmin):
    """Any table that speaks of a person will do."""

    search_fields = ("master_key_id",)

    def subject_of(self, obj: Any) -> UUID:
        return obj.owner

    def reason_for(self, request: HttpRequest, obj: Any) -> str:
        return "case 2026-17" if obj else "the queue"


site = admin.AdminSite(name="admin")
site.register(DataKey, KeyAdmin)
site.register(Entry, EntryAdmin)
urlpatterns = [path("admin/", site.urls)]


@pytest.fixture
def key_admin() -> KeyAdmin:
    return KeyAdmin(DataKey, site)


@pytest.fixture
def key() -> DataKey:
    seal(ANNA, b"", context="t|c|1")
    return DataKey.objects.get(owner=ANNA)


def request(method: str = "get", **query: str) -> HttpRequest:
    made: HttpRequest = getattr(RequestFactory(), method)("/admin/", query)
    made.user = get_user_model()(is_staff=True, is_superuser=True, is_active=True)
    return made


@pytest.mark.clause("Q3.1")
def test_opening_a_record_is_recorded_with_who_whom_and_why(key_admin: KeyAdmin, key: DataKey) -> None:
    asked = request()
    assert not Entry.objects.exists()
    assert key_admin.change_view(asked, str(key.pk)).status_code == 200
    entry = Entry.objects.get()
    assert (entry.action, entry.subject, entry.reason) == ("viewed", ANNA, "case 2026-17")
    assert (entry.actor_kind, entry.actor_id) == ("staff", str(asked.user.pk))
    assert (entry.object_type, entry.object_id) == ("vault.DataKey", str(key.pk))


@pytest.mark.clause("Q3.1")
def test_the_history_of_a_record_is_recorded_too(key_admin: KeyAdmin, key: DataKey) -> None:
    key_admin.history_view(request(), str(key.pk))
    assert Entry.objects.get().action == "viewed_history"


@pytest.mark.clause("Q3.1")
def test_a_list_is_recorded_with_its_counts_but_not_with_what_was_searched(key_admin: KeyAdmin, key: DataKey) -> None:
    key_admin.changelist_view(request(q=key.master_key_id))
    entry = Entry.objects.get()
    assert (entry.action, entry.subject, entry.reason) == ("listed", None, "the queue")
    assert (entry.object_type, entry.object_id) == ("vault.DataKey", "")
    assert entry.details == {"model": "vault.DataKey", "shown": 1, "found": 1, "searched": 1}


def test_a_record_that_is_not_there_records_nothing(key_admin: KeyAdmin) -> None:
    for view in (key_admin.change_view, key_admin.history_view):
        with pytest.raises(Http404):
            view(request(), "4711")
    assert not Entry.objects.exists()


@pytest.mark.requirement("G5")
def test_nothing_can_be_added_changed_or_deleted(key_admin: KeyAdmin, key: DataKey) -> None:
    asked = request("post")
    asked._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
    for view in (
        lambda: key_admin.add_view(asked),
        lambda: key_admin.change_view(asked, str(key.pk)),
        lambda: key_admin.delete_view(asked, str(key.pk)),
    ):
        with pytest.raises(PermissionDenied):
            view()
    assert "delete_selected" not in key_admin.get_actions(asked)
    names = {field.name for field in DataKey._meta.concrete_fields}
    assert set(key_admin.get_readonly_fields(asked, key)) == names


@pytest.mark.requirement("G5")
def test_deleting_in_bulk_is_gone_even_where_deleting_is_allowed(key_admin: KeyAdmin) -> None:
    class Deleting(KeyAdmin):
        def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
            return True

    assert "delete_selected" in admin.ModelAdmin(DataKey, site).get_actions(request())
    assert "delete_selected" not in Deleting(DataKey, site).get_actions(request())


def test_the_newest_entry_comes_first_and_no_salt_is_shown(entries: list[Entry]) -> None:
    trail = site._registry[Entry]
    page = trail.changelist_view(request())
    shown = page.context_data["cl"].result_list  # type: ignore[attr-defined]
    assert shown[0].pk == max(entry.pk for entry in entries)
    assert "salt" not in trail.get_readonly_fields(request(), entries[0])
    assert str(entries[0]) == f"{entries[0].pk}: {entries[0].action}"


def test_the_trail_itself_is_read_only_in_the_admin_and_reading_it_is_recorded(entries: list[Entry]) -> None:
    assert isinstance(admin.site._registry[Entry], EntryAdmin)
    site._registry[Entry].change_view(request(), str(entries[0].pk))
    assert (Entry.objects.last().action, Entry.objects.last().subject) == ("viewed", ANNA)  # type: ignore[union-attr]
