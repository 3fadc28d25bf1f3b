"""Staff read what was swept and erased, and can change none of it."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from audit.models import Entry
from datamap.trace import Subject
from retention.models import ErasureReceipt, ErasureRun, RunState
from retention.sweeps import sweep_all
from tests.database import as_owner
from tests.retention.conftest import NOW


@pytest.fixture
def staff(client: Client, officer: User) -> Client:
    User.objects.filter(pk=officer.pk).update(is_superuser=True)
    client.force_login(User.objects.get(pk=officer.pk))
    return client


@pytest.mark.clause("Q5.11")
def test_the_reports_of_the_sweeps_are_listed(staff: Client) -> None:
    sweep_all(now=NOW, apply=True)
    page = staff.get(reverse("admin:retention_sweeprun_changelist"))
    assert page.status_code == 200
    assert "visits.Visit" in page.content.decode()


@pytest.mark.clause("Q10.7")
@pytest.mark.requirement("G5")
def test_an_erasure_is_shown_without_its_seal_and_the_look_is_recorded(
    staff: Client, anna: Subject, erase: Callable[..., ErasureReceipt]
) -> None:
    erase(anna)
    run = ErasureRun.objects.get()
    page = staff.get(reverse("admin:retention_erasurerun_change", args=[run.pk])).content.decode()
    assert "Q-1" in page
    assert "sealed_subject" not in page
    assert staff.post(reverse("admin:retention_erasurerun_delete", args=[run.pk]), {"post": "yes"}).status_code == 403
    assert Entry.objects.filter(object_type="retention.ErasureRun", object_id=str(run.pk)).count() > 1


@pytest.mark.requirement("E6", "E7")
def test_staff_search_again_with_a_reason_and_see_what_waits(
    staff: Client, anna: Subject, erase: Callable[..., ErasureReceipt]
) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE forgotten (note text); GRANT ALL ON forgotten TO qlekta_site")
        cursor.execute("INSERT INTO forgotten VALUES ('wrote to anna@example.lv')")
    with translation.override("lv"):
        erase(anna)
    run = ErasureRun.objects.get()
    page = reverse("admin:retention_erasurerun_changelist")
    chosen = {"action": "search_again", "_selected_action": str(run.pk)}
    assert [item.pk for item in staff.get(page, {"work": "open"}).context["cl"].result_list] == [run.pk]
    assert b'name="reason"' in staff.post(page, chosen).content
    staff.post(page, {**chosen, "apply": "yes", "reason": ""})
    assert not Entry.objects.filter(action="erasure.searched_again").exists()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM forgotten")
    staff.post(page, {**chosen, "apply": "yes", "reason": "The note was deleted by hand."})
    assert Entry.objects.get(action="erasure.searched_again").reason == "The note was deleted by hand."
    run.refresh_from_db()
    assert (run.state, run.language) == (RunState.DONE, "lv")
    assert list(staff.get(page, {"work": "open"}).context["cl"].result_list) == []


@pytest.mark.requirement("G8")
def test_who_may_only_look_cannot_search_again(
    client: Client, officer: User, anna: Subject, erase: Callable[..., ErasureReceipt]
) -> None:
    officer.user_permissions.add(Permission.objects.get(codename="view_erasurerun"))
    client.force_login(officer)
    erase(anna)
    page = client.get(reverse("admin:retention_erasurerun_changelist"))
    assert page.status_code == 200
    assert b"search_again" not in page.content
