"""Staff read visits, change nothing, and are seen reading (Q7.11)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as project_settings
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts.models import User
from audit.models import Entry
from tests.visits.conftest import plant
from visits.models import Visit

NOW = datetime.now(UTC)


@pytest.fixture
def staff(client: Client, settings: Settings, officer: User) -> Client:
    settings.STAFF_SECOND_FACTOR_REQUIRED = False
    officer.is_superuser = True
    officer.save(update_fields=["is_superuser"])
    client.force_login(officer, backend=project_settings.AUTHENTICATION_BACKENDS[0])
    client.post("/admin/visits/visit/", {"reading_purpose": "administration"})
    return client


@pytest.mark.clause("Q7.11")
@pytest.mark.django_db
def test_the_list_is_shown_and_recorded(
    staff: Client, person: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    plant(NOW - timedelta(hours=1), count=3)
    plant(NOW - timedelta(hours=2), user_id=person.pk)
    with django_assert_max_num_queries(25):
        response = staff.get("/admin/visits/visit/")
    assert response.context["cl"].result_count == 4
    entry = Entry.objects.get(action="listed")
    assert entry.reason == "administration (policy 7.3)"
    found = staff.get("/admin/visits/visit/", {"q": str(person.pk)})
    assert found.context["cl"].result_count == 1
    assert staff.get("/admin/visits/visit/", {"q": "no such key"}).context["cl"].result_count == 0


@pytest.mark.clause("Q7.11")
@pytest.mark.django_db
def test_whose_visit_was_opened_is_on_record(staff: Client, person: User) -> None:
    plant(NOW - timedelta(hours=2), user_id=person.pk)
    row = Visit.objects.get()
    assert staff.get(f"/admin/visits/visit/{row.pk}/change/").status_code == 200
    assert Entry.objects.get(action="viewed").subject == person.pk
    assert staff.post(f"/admin/visits/visit/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Visit.objects.exists()


@pytest.mark.clause("Q5.10")
@pytest.mark.django_db
def test_staff_do_not_see_what_is_due(staff: Client) -> None:
    plant(NOW - timedelta(days=141))
    plant(NOW - timedelta(days=139))
    assert staff.get("/admin/visits/visit/").context["cl"].result_count == 1
