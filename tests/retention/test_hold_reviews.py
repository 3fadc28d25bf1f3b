"""A hold is looked at again within half a year; where nobody looks, the alarm rings; a release can be declined (R7)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from audit.models import Entry
from retention import holds
from retention.holds import HoldRefused
from retention.models import LegalHold
from tests.people import prove_again
from tests.retention.conftest import NOW
from tests.retention.test_holds import LOG_INS, hold_rows, log_in, second

pytestmark = pytest.mark.django_db

__all__ = ["second"]


@pytest.fixture
def hold(person: User, officer: User) -> LegalHold:
    return hold_rows(officer, LOG_INS, {"pk": log_in(person).pk})


@pytest.mark.requirement("R7")
@pytest.mark.parametrize(
    "columns", ["review_on = reviewed_on + 183", "review_on = reviewed_on", "reviewed_on = reviewed_on - 200"]
)
def test_the_database_refuses_a_look_later_than_half_a_year(hold: LegalHold, columns: str) -> None:
    with pytest.raises(IntegrityError, match="half_a_year"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE retention_legalhold SET {columns}")


@pytest.mark.requirement("R7")
def test_the_last_possible_day_is_taken_and_a_look_moves_it(hold: LegalHold, officer: User) -> None:
    later = datetime(2027, 1, 31, 22, 30, tzinfo=UTC)  # the first of February in Riga
    latest = holds.latest_review(now=later)
    assert latest == date(2027, 8, 2)
    holds.review(hold.pk, review_on=latest, by=officer, reason="in court", now=later)
    hold.refresh_from_db()
    assert (hold.reviewed_on, hold.review_on) == (date(2027, 2, 1), latest)
    with pytest.raises(HoldRefused):
        holds.review(hold.pk, review_on=latest + timedelta(days=1), by=officer, reason="in court", now=later)


@pytest.mark.requirement("R7")
def test_a_missed_look_turns_readyz_red_and_stands_above_the_list(
    client: Client, hold: LegalHold, officer: User
) -> None:
    User.objects.filter(pk=officer.pk).update(is_superuser=True)
    client.force_login(User.objects.get(pk=officer.pk))
    page = reverse("admin:retention_legalhold_changelist")
    LegalHold.objects.update(reviewed_on=_today() - timedelta(days=100), review_on=_today())
    assert client.get("/readyz").json()["checks"]["holds"] == {"ok": True, "missed": 0}
    assert client.get(page).context["missed"] == 0
    LegalHold.objects.update(review_on=_today() - timedelta(days=1))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["holds"]) == (503, {"ok": False, "missed": 1})
    listed = client.get(page, {"work": "missed"})
    assert (listed.context["missed"], list(listed.context["cl"].result_list)) == (1, [hold])
    assert b"messagelist" in listed.content


def _today() -> date:
    return timezone.localdate()


@pytest.mark.requirement("R7")
def test_the_pages_say_at_the_field_what_is_wrong_with_the_day(client: Client, hold: LegalHold, officer: User) -> None:
    User.objects.filter(pk=officer.pk).update(is_superuser=True)
    client.force_login(User.objects.get(pk=officer.pk))
    prove_again(client)
    step = reverse("admin:retention_legalhold_step", args=[hold.pk, "review"])
    answer = client.post(step, {"reason": "in court", "review_on": "2099-01-01"})
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == ["review_on"]
    place = {"table": LOG_INS, "numbers": "shoe", "case_number": "C", "ground": "claim", "act": "x", "reason": "y"}
    answer = client.post(reverse("admin:retention_legalhold_place"), {**place, "review_on": str(_today())})
    assert (answer.status_code, list(answer.context["form"].errors)) == (400, ["numbers"])


@pytest.mark.clause("Q5.19")
@pytest.mark.requirement("G4")
def test_a_release_can_be_declined_by_the_second_person_with_a_reason(
    hold: LegalHold, officer: User, second: User
) -> None:
    with translation.override("en"):
        with pytest.raises(HoldRefused, match="Nobody has proposed"):
            holds.decline_release(hold.pk, by=second, reason="no", now=NOW)
        holds.propose_release(hold.pk, by=officer, reason="settled", now=NOW)
        with pytest.raises(HoldRefused, match="another person"):
            holds.decline_release(hold.pk, by=officer, reason="no", now=NOW)
        with pytest.raises(HoldRefused, match="say why"):
            holds.decline_release(hold.pk, by=second, reason=" ", now=NOW)
        holds.decline_release(hold.pk, by=second, reason="The appeal still runs.", now=NOW)
        with pytest.raises(HoldRefused, match="Nobody has proposed"):
            holds.release(hold.pk, by=second, reason="x", now=NOW)
    hold.refresh_from_db()
    assert (hold.released_at, hold.release_proposed_by) == (None, None)
    assert hold.history[-1]["reason"] == "The appeal still runs."
    assert Entry.objects.filter(action="hold.release_declined", object_id=str(hold.pk)).count() == 1


@pytest.mark.requirement("G4")
def test_the_desk_declines_a_release(client: Client, hold: LegalHold, officer: User, second: User) -> None:
    User.objects.filter(is_staff=True).update(is_superuser=True)
    holds.propose_release(hold.pk, by=officer, reason="settled", now=timezone.now())
    client.force_login(User.objects.get(pk=second.pk))
    prove_again(client)
    step = reverse("admin:retention_legalhold_step", args=[hold.pk, "decline-release"])
    assert step in client.get(reverse("admin:retention_legalhold_change", args=[hold.pk])).content.decode()
    assert client.post(step, {"reason": "not yet"}).status_code == 302
    hold.refresh_from_db()
    assert hold.release_proposed_by is None
