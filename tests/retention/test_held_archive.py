"""An objection while a claim is pending: the record stays for it, and goes with the hold (R16; Art. 17(3)(e))."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission

from accounts.models import User
from datamap.registry import registry
from datamap.trace import Subject
from mailing.models import OutgoingMessage
from mailing.sealing import open_letter
from retention import holds
from retention.holds import NewHold
from retention.models import ArchiveRecord, ErasureReceipt, OpeningGround
from retention.objections import object_by_link
from retention.openings import Why, approve_opening, read_opening, request_opening
from retention.standing import HoldGround
from retention.sweeps import sweep
from tests.retention.conftest import NOW
from tests.retention.test_archive_objection import IP, LATER, ask, mailed_secret
from vault.keys import has_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(officer: User, other_person: User) -> tuple[User, User]:
    for staff in (officer, other_person):
        staff.user_permissions.add(Permission.objects.get(codename="open_archive"))
    return officer, other_person


@pytest.mark.clause("Q10.5", "Q5.19")
def test_a_held_record_outlives_the_objection_serves_the_claim_and_goes_with_the_hold(
    anna: Subject, erase: Callable[..., ErasureReceipt], two: tuple[User, User]
) -> None:
    first, second = two
    erase(anna)
    record = ArchiveRecord.objects.get()
    hold = holds.place(
        NewHold(
            table="retention.ArchiveRecord",
            query={"id": str(record.id)},
            case_number="C-9",
            reason="a claim is pending",
            ground=HoldGround.CLAIM,
            act="GDPR Art. 17(3)(e)",
            owner=first.pk,
            review_on=date(2027, 2, 1),
        ),
        by=first,
        now=NOW,
    )
    ask()
    result = object_by_link(mailed_secret(), ip=IP, now=LATER)
    assert result is not None
    assert (result.destroyed, result.kept) == (0, 1)
    letters = [open_letter(message).text for message in OutgoingMessage.objects.exclude(body_sealed=None)]
    assert any("17(3)(e)" in text for text in letters)
    holding = registry().holding(ArchiveRecord)
    assert sweep(holding, now=LATER + timedelta(hours=1), apply=True).held == 1
    (opening,) = request_opening(
        str(record.id), why=Why("C-9", OpeningGround.CLAIM_AGAINST_US, "the claim"), by=first, now=LATER
    )
    approve_opening(opening, by=second, now=LATER)
    assert read_opening(opening, by=first, now=LATER).tables
    holds.propose_release(hold.pk, by=first, reason="settled", now=LATER)
    holds.release(hold.pk, by=second, reason="settled, agreed", now=LATER)
    assert not ArchiveRecord.objects.exists()
    assert not has_key(record.id)
