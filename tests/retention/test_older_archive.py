"""Who objects with her deletion leaves no archive at all, that of an earlier account neither (Q10.5, clause 10)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.services import register_person
from audit.trail import Actor
from datamap.catalogue import cited
from datamap.terms import Erasure
from datamap.trace import Subject, subject_of_user
from retention import holds
from retention.erasure import PlanChanged, execute_erasure, repeat_erasure
from retention.minors import erase_child, plan_for_child
from retention.models import ArchiveRecord, ErasureReceipt, LegalHold
from retention.plan import plan_erasure
from retention.plan_lines import EARLIER
from retention.receipts import verify_document
from retention.repeating import Case
from retention.standing import HoldGround
from tests.people import PASSWORD, log_in, prove_again
from tests.retention.conftest import NOW
from tests.retention.test_holds import hold_rows, second
from vault.keys import has_key

pytestmark = pytest.mark.django_db

__all__ = ["second"]

TABLE = "retention.ArchiveRecord"
LATER = NOW + timedelta(days=100)

Erase = Callable[..., ErasureReceipt]


@pytest.fixture
def older(anna: Subject, erase: Erase) -> ArchiveRecord:
    """The archive of the account that she had first."""
    erase(anna)
    return ArchiveRecord.objects.get()


def come_back() -> User:
    return register_person(email="anna@example.lv", password=PASSWORD, given_name="Anete", now=timezone.now())


def hold_record(record: ArchiveRecord, by: User, **more: Any) -> LegalHold:
    return hold_rows(by, TABLE, {"pk": str(record.pk)}, ground=HoldGround.CLAIM, **more)


def archive_lines(receipt: ErasureReceipt) -> list[tuple[str, int, str | None]]:
    lines = [line for line in receipt.document["lines"] if line["table"] == TABLE]
    return [(line["action"], line["count"], line["kept_as"]) for line in lines]


@pytest.mark.clause("Q10.5", "Q17.1")
def test_the_objection_takes_the_older_record_with_its_key_and_the_receipt_names_it(
    older: ArchiveRecord, janis: Subject, erase: Erase
) -> None:
    erase(janis, case="Q-2")
    again = subject_of_user(come_back())
    plan = plan_erasure(again, now=LATER, archive=False)
    assert [(line.action, line.count) for line in plan.erased if line.table == TABLE] == [(Erasure.DELETE, 1)]
    receipt = erase(again, case="Q-3", objection=True, now=LATER)
    assert archive_lines(receipt) == [("delete", 1, None)]
    assert ArchiveRecord.objects.get().pk != older.pk
    assert not has_key(older.pk)


@pytest.mark.clause("Q10.4")
def test_without_an_objection_both_records_stay_until_their_own_ends(older: ArchiveRecord, erase: Erase) -> None:
    again = subject_of_user(come_back())
    plan = plan_erasure(again, now=LATER, archive=True)
    assert [line.action for line in plan.older_archive] == [Erasure.DELETE]
    erase(again, case="Q-3", now=LATER)
    assert min(ArchiveRecord.objects.values_list("ends_at", flat=True)) == older.ends_at
    assert ArchiveRecord.objects.count() == 2


def test_who_has_no_account_and_does_not_object_keeps_the_record(older: ArchiveRecord, erase: Erase) -> None:
    erase(Subject(emails=frozenset({"anna@example.lv"})), case="Q-3", now=LATER)
    assert ArchiveRecord.objects.get() == older


@pytest.mark.clause("Q10.5", "Q5.19")
def test_a_held_record_stays_and_the_receipt_says_why_until_the_hold_is_released(
    older: ArchiveRecord, officer: User, second: User, erase: Erase
) -> None:
    hold = hold_record(older, officer)
    again = subject_of_user(come_back())
    plan = plan_erasure(again, now=LATER, archive=False)
    (line,) = [line for line in plan.kept if line.table == TABLE]
    assert (line.act, line.until, line.hold) == (hold.act, hold.review_on, hold.pk)
    assert len(plan.conflicts) == 1
    receipt = erase(again, case="Q-3", objection=True, now=LATER)
    assert archive_lines(receipt) == [("keep", 1, str(hold.pk))]
    assert len(receipt.document["conflicts"]) == 1
    assert has_key(older.pk)
    holds.propose_release(hold.pk, by=officer, reason="settled", now=LATER)
    holds.release(hold.pk, by=second, reason="settled", now=LATER)
    assert not ArchiveRecord.objects.exists()
    assert not has_key(older.pk)
    after = ErasureReceipt.objects.latest("id")
    assert archive_lines(after) == [("delete", 1, None)]
    assert verify_document(after.document)


def test_a_record_under_two_holds_is_said_to_be_gone_only_with_the_second(
    older: ArchiveRecord, officer: User, second: User, erase: Erase
) -> None:
    one, other = (hold_record(older, officer, case_number=number) for number in ("C-1", "C-2"))
    receipt = erase(subject_of_user(come_back()), case="Q-3", objection=True, now=NOW + timedelta(minutes=1))
    assert [line[0] for line in archive_lines(receipt)] == ["keep"]
    for hold, expected in ((one, "keep"), (other, "delete")):
        later = NOW + timedelta(hours=1)
        holds.propose_release(hold.pk, by=officer, reason="settled", now=later)
        holds.release(hold.pk, by=second, reason="settled", now=later)
        assert [line[0] for line in archive_lines(ErasureReceipt.objects.latest("id"))] == [expected]
    assert not ArchiveRecord.objects.exists()


@pytest.mark.requirement("E1")
def test_a_record_that_appears_after_the_preview_makes_a_new_plan(anna: Subject, erase: Erase) -> None:
    first = plan_erasure(anna, now=NOW, archive=False).digest
    erase(anna)
    again = subject_of_user(come_back())
    with_record = plan_erasure(again, now=LATER, archive=False).digest
    record = ArchiveRecord.objects.get()
    record.delete()
    without = plan_erasure(again, now=LATER, archive=False).digest
    assert len({first, with_record, without}) == 3
    record.save(force_insert=True)
    with pytest.raises(PlanChanged):
        execute_erasure(
            case_number="Q-3",
            subject=again,
            plan_digest=without,
            objection_to_archive=True,
            actor=Actor.system("test"),
            now=LATER,
        )
    assert ArchiveRecord.objects.exists()


@pytest.mark.requirement("E1")
def test_the_digest_knows_a_hold_on_the_record_and_not_the_choice(older: ArchiveRecord, officer: User) -> None:
    again = subject_of_user(come_back())
    both = {plan_erasure(again, now=LATER, archive=archive).digest for archive in (True, False)}
    assert len(both) == 1
    hold_record(older, officer)
    assert plan_erasure(again, now=LATER, archive=False).digest not in both


@pytest.mark.clause("Q6.2")
def test_a_childs_erasure_takes_it_too(older: ArchiveRecord) -> None:
    child = come_back()
    erase_child(
        child,
        plan_digest=plan_for_child(child, now=LATER).digest,
        reason="letter",
        actor=Actor.system("test"),
        now=LATER,
    )
    assert not ArchiveRecord.objects.exists()


@pytest.mark.requirement("F25")
def test_the_repetition_after_a_restore_destroys_it_again(older: ArchiveRecord) -> None:
    repeat_erasure(
        subject_of_user(come_back()),
        Case(uuid4(), "Q-3"),
        objection_to_archive=True,
        actor=Actor.system("test"),
        executed_at=LATER,
    )
    assert not ArchiveRecord.objects.exists()


@pytest.mark.clause("Q10.5", "Q17.1")
@pytest.mark.usefixtures("published_texts")
def test_the_page_of_the_deletion_says_what_the_objection_does_to_it(
    older: ArchiveRecord, officer: User, client: Client
) -> None:
    log_in(client, come_back())
    prove_again(client)
    page = client.get(reverse("account-delete"))
    assert f"{EARLIER} (1): {Erasure.DELETE.planned}" in page.content.decode()
    hold_record(older, officer)
    held = client.get(reverse("account-delete")).content.decode()
    assert f"{EARLIER} (1): {Erasure.KEEP.planned} – " in held
    assert cited("GDPR Art. 17(3)(e)") in held
