"""What a legal hold keeps no sweep of ours takes, and what is free goes with its key (T16; R7)."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, models

from accounts.models import User
from datamap.registry import registry
from datamap.sweeping import SweepCounts
from dsar import sweeping
from dsar.access import build_package
from dsar.models import Intake, Package, Snapshot, SubjectRequest
from tests.database import as_owner
from tests.dsar.conftest import NOW, File
from tests.retention.test_holds import hold_rows
from vault.keys import has_key, seal

pytestmark = pytest.mark.django_db
AFTER = NOW + timedelta(weeks=400)

Purge = Callable[..., SweepCounts]
PURGES: dict[type[models.Model], Purge] = {
    SubjectRequest: sweeping.purge_cases,
    Package: sweeping.purge_packages,
    Intake: sweeping.purge_intakes,
    Snapshot: sweeping.purge_snapshots,
}


def key_owner(row: models.Model) -> UUID:
    return UUID(str(getattr(row, "key_owner", row.pk)))


def swept(model: type[models.Model], *, apply: bool) -> tuple[int, int, int]:
    """How many were due, how many went, how many a hold kept."""
    counts = PURGES[model](registry().holding(model), now=AFTER, apply=apply)
    return counts.due, counts.deleted, counts.held


@pytest.fixture
def closed(person: User, other_person: User, file: File) -> None:
    """Two answered requests of two people, each with its message, its copy and its snapshot, long past their ends."""
    for user in (person, other_person):
        case = file(user=user)
        build_package(case.pk, now=NOW)
        seal(case.pk, b"x", context="test")
    assert {model: model._default_manager.count() for model in PURGES} == dict.fromkeys(PURGES, 2)


@pytest.mark.requirement("R7", "R8")
@pytest.mark.clause("Q5.19")
@pytest.mark.usefixtures("closed")
def test_a_held_case_file_is_counted_and_stays_with_its_key_the_other_goes(officer: User) -> None:
    SubjectRequest.objects.update(ends_at=NOW)
    held, free = SubjectRequest.objects.order_by("pk")
    hold_rows(officer, "dsar.SubjectRequest", {"pk": str(held.pk)})
    assert swept(SubjectRequest, apply=False) == (2, 0, 1)
    assert SubjectRequest.objects.count() == 2
    assert swept(SubjectRequest, apply=True) == (2, 1, 1)
    assert SubjectRequest.objects.get() == held
    assert (has_key(held.pk), has_key(free.pk)) == (True, False)


@pytest.mark.requirement("R8")
@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize("model", [Package, Intake, Snapshot], ids=lambda model: model.__name__)
def test_what_is_due_goes_with_its_key_and_the_rest_stays(model: type[models.Model]) -> None:
    due, young = model._default_manager.order_by("pk")
    for row in (due, young):
        seal(key_owner(row), b"x", context="test")
    model._default_manager.filter(pk=due.pk).update(ends_at=NOW)
    model._default_manager.filter(pk=young.pk).update(ends_at=AFTER + timedelta(seconds=1))
    assert swept(model, apply=False) == (1, 0, 0)
    assert swept(model, apply=True) == (1, 1, 0)
    assert model._default_manager.get() == young
    assert (has_key(key_owner(due)), has_key(key_owner(young))) == (False, True)


@pytest.mark.requirement("R8")
@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize("model", [SubjectRequest, Package, Intake, Snapshot], ids=lambda model: model.__name__)
def test_one_that_cannot_go_is_counted_with_its_error_and_keeps_no_other(model: type[models.Model]) -> None:
    stuck, free = model._default_manager.order_by("pk")
    model._default_manager.update(ends_at=NOW)
    refuse_to_delete(stuck)
    for expected in ((2, 1, 1), (1, 0, 1)):
        counts = PURGES[model](registry().holding(model), now=AFTER, apply=True)
        assert (counts.due, counts.deleted, counts.failed) == expected
        assert counts.failure == "RaiseException"
    assert model._default_manager.get() == stuck != free


def refuse_to_delete(row: models.Model) -> None:
    """Plant a row that the database will not give up."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN IF OLD.id::text = %s THEN RAISE EXCEPTION 'no'; END IF; RETURN OLD; END $$",
            [str(row.pk)],
        )
        cursor.execute(
            f"CREATE TRIGGER aaa_refuse BEFORE DELETE ON {row._meta.db_table} FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
