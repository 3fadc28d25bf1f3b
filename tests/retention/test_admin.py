"""Staff read what was swept and erased, and can change none of it."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import Entry
from datamap.trace import Subject
from retention.models import ErasureReceipt, ErasureRun
from retention.sweeps import sweep_all
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
