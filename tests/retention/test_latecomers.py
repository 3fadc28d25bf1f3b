"""A buffer that is slower than the erasure brings nothing back."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from accounts.models import User
from audit.trail import Actor
from datamap.trace import Subject
from retention import holds
from retention.holds import NewHold
from retention.latecomers import WINDOW, erase_latecomers
from retention.minors import erase_child, plan_for_child
from retention.models import ErasureReceipt
from retention.standing import HeldCopy, HoldGround, LegalHold
from tests.retention.conftest import NOW
from visits.models import Visit


@pytest.mark.requirement("E7", "E13")
def test_a_visit_written_after_the_erasure_goes_with_the_next_look(
    anna: Subject, janis: Subject, erase: Callable[..., ErasureReceipt]
) -> None:
    late = Visit.objects.get(user_id=anna.user_id, status=200)
    his = Visit.objects.get(user_id=janis.user_id)
    erase(anna)
    late.save(force_insert=True)
    assert erase_latecomers(now=NOW + timedelta(hours=1)) == 1
    assert list(Visit.objects.all()) == [his]
    assert erase_latecomers(now=NOW + WINDOW) == 0


def hold_her_visits(anna: Subject, officer: User) -> LegalHold:
    """Wide: also those that come later."""
    new = NewHold(
        table="visits.Visit",
        query={"user_id": str(anna.user_id), "status": 200},
        case_number="C-1",
        reason="somebody else used her account",
        ground=HoldGround.CRIME_REPORT,
        act="GDPR Art. 17(3)(e)",
        owner=officer.pk,
        review_on=date(2027, 2, 1),
    )
    # One that it does not cover: nobody's all can be held by a description.
    Visit.objects.create(
        at=NOW, kind="page", user_id=anna.user_id, platform="desktop", path="/no", status=404, response_ms=1
    )
    return holds.place(new, by=officer, now=NOW)


@pytest.mark.requirement("R7")
@pytest.mark.clause("Q5.19")
def test_a_late_visit_under_a_wide_hold_is_kept_sealed_told_and_let_go_with_the_hold(
    anna: Subject, officer: User, other_person: User, erase: Callable[..., ErasureReceipt]
) -> None:
    late = Visit.objects.get(user_id=anna.user_id, status=200)
    Visit.objects.create(
        at=NOW, kind="page", user_id=anna.user_id, platform="desktop", path="/", status=200, response_ms=1
    )
    hold = hold_her_visits(anna, officer)
    erase(anna)
    late.save(force_insert=True)
    assert erase_latecomers(now=NOW + timedelta(hours=1)) == 1
    assert not Visit.objects.filter(user_id=anna.user_id).exists()
    assert sorted(copy.count for copy in HeldCopy.objects.all()) == [1, 2]
    assert kept_in_the_latest_receipt(hold) == [2]
    holds.propose_release(hold.pk, by=officer, reason="settled", now=NOW)
    holds.release(hold.pk, by=other_person, reason="settled", now=NOW)
    assert not HeldCopy.objects.exists()
    assert kept_in_the_latest_receipt(hold) == []


@pytest.mark.clause("Q6.2")
def test_of_a_child_only_what_two_people_hold_is_kept(anna: Subject, officer: User, other_person: User) -> None:
    child = User.objects.get(email__in=anna.emails)
    hold = hold_her_visits(anna, officer)
    late = Visit.objects.get(user_id=anna.user_id, status=200)
    digest = plan_for_child(child, now=NOW).digest
    erase_child(child, plan_digest=digest, reason="her mother wrote", actor=Actor.of(officer), now=NOW)
    late.save(force_insert=True)
    assert erase_latecomers(now=NOW) == 1
    assert not HeldCopy.objects.exists()
    holds.confirm(hold.pk, by=other_person, reason="needed", now=NOW)
    late.save(force_insert=True)
    assert erase_latecomers(now=NOW) == 1
    assert HeldCopy.objects.count() == 1


def kept_in_the_latest_receipt(hold: LegalHold) -> list[int]:
    document = ErasureReceipt.objects.latest("id").document
    return [line["count"] for line in document["lines"] if line["kept_as"] == str(hold.pk)]
