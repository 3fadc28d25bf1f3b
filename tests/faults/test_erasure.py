"""An erasure whose worker is killed at any of its steps: nothing or all, and in the end exactly once (F1, F4, E12)."""

from typing import Final

import pytest

from accounts.models import User
from audit.ledger import ledgers, verify
from audit.models import Entry
from datamap.terms import Right
from datamap.trace import Subject
from dsar.access import build_package
from dsar.deadlines import Channel
from dsar.erasure import confirm_erasure, erasures_to_run
from dsar.models import Package, SubjectRequest
from dsar.queries import events_of
from dsar.services import file_request
from dsar.terms import Stage
from mailing.models import OutgoingMessage
from retention.erasure import plan_erasure
from retention.models import ArchiveRecord, ErasureReceipt, ErasureRun, RunState
from tests.faults.conftest import Victims, differing, everything, points_of, register
from tests.retention.conftest import NOW, everything_about, with_canaries
from vault.keys import has_key, seal

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

_PHONE: Final = "+371 2000{:04}"


class Person:
    """Somebody with data everywhere, a copy on disk, and an erasure that is confirmed but has not run."""

    def __init__(self, number: int) -> None:
        user = register(number)
        self.subject: Subject = with_canaries(user, f"upuris{number}", phone=_PHONE.format(number))
        seal(user.pk, b"secret", context="test")
        copy = file_request(user=user, right=Right.ACCESS, channel=Channel.PORTAL_AUTH, now=NOW)
        build_package(copy.pk, now=NOW)
        digest = plan_erasure(self.subject, now=NOW, archive=True).digest
        self.case = confirm_erasure(
            user=user, plan_digest=digest, objection_to_archive=False, waive_copy=True, now=NOW
        ).case
        self.archived_before = ArchiveRecord.objects.count()

    @property
    def is_gone(self) -> bool:
        return not User.objects.filter(email__in=self.subject.emails).exists()

    @property
    def state(self) -> tuple[str, int, int, str]:
        """How far her erasure is: the journal, receipts, last letters, and the stage of the request."""
        run = ErasureRun.objects.get(case_number=self.case.number)
        (address,) = self.subject.emails
        letters = OutgoingMessage.objects.filter(to_address=address, forget_after_delivery=True).count()
        receipts = ErasureReceipt.objects.filter(case_number=self.case.number).count()
        return run.state, receipts, letters, SubjectRequest.objects.get(pk=self.case.pk).stage


EXECUTED: Final = (RunState.EXECUTED, 0, 0, Stage.EXECUTING)
VERIFIED: Final = (RunState.DONE, 1, 0, Stage.EXECUTING)
ANSWERED: Final = (RunState.DONE, 1, 1, Stage.ANSWERED)


def assert_exactly_once(person: Person) -> None:
    assert person.is_gone
    assert person.state == ANSWERED
    assert ArchiveRecord.objects.count() == person.archived_before + 1
    assert Entry.objects.filter(action="erasure.executed", reason=person.case.number).count() == 1
    assert [event.action for event in events_of(person.case)].count("erased") == 1
    assert person.subject.user_id is not None
    assert not has_key(person.subject.user_id)
    assert not Package.objects.filter(request__subject_token=person.case.subject_token).exists()


@pytest.mark.requirement("F1", "F4", "E12", "E2", "E9")
@pytest.mark.clause("Q18.1")
def test_killed_at_every_step_an_erasure_is_whole_or_not_begun_and_the_next_run_ends_it_once(victims: Victims) -> None:
    bystander = with_canaries(register(9999), "blakus", phone=_PHONE.format(9999))
    hers = everything_about(bystander)
    # An erasure before: the first rows of a ledger take one statement more than all others.
    assert victims.run("erase", Person(8888).case.pk).error == ""
    first = Person(0)
    steps = victims.run("erase", first.case.pk).steps
    assert_exactly_once(first)
    assert len(steps) > 40
    seen, person, begun = set(), Person(1), everything()
    for number in points_of(steps):
        assert victims.run("erase", person.case.pk, how="kill", at=number).ended == "killed", steps[number - 1]
        if not person.is_gone:
            assert differing(begun, everything()) == set(), f"half an erasure before {steps[number - 1]}"
            continue
        assert person.state in {EXECUTED, VERIFIED}, steps[number - 1]
        seen.add(person.state)
        assert erasures_to_run() == [person.case.pk]
        assert victims.run("erase", person.case.pk).error == ""
        assert_exactly_once(person)
        person = Person(number + 1)
        begun = everything()
    assert seen == {EXECUTED, VERIFIED}
    assert everything_about(bystander) == hers
    assert all(verify(ledger).is_whole for ledger in ledgers())
