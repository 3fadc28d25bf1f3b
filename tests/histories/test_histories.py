"""Random histories of people, content, copies, erasures, purges and a clock that jumps: what must hold, always holds.

`QLEKTA_HISTORIES=long` runs ten times as many, each from a seed of its own.
"""

import os
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Model
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from accounts.models import LoginEvent, User
from accounts.services import change_details, register_person
from audit.ledger import ledgers, verify
from audit.trail import Actor
from consent.models import SubscriptionEvidence
from consent.services import give, note_subscription, publish_texts, withdraw
from consent.terms import ConsentPurpose
from datamap.terms import Right
from datamap.trace import subject_of_user
from dsar.access import build_package
from dsar.deadlines import Channel
from dsar.erasure import confirm_erasure, run_erasure
from dsar.models import SubjectRequest
from dsar.services import file_request, withdraw_request
from mailing.models import OutgoingMessage
from retention.archive import erase_on_objection
from retention.erasure import execute_erasure, plan_erasure
from retention.models import ArchiveRecord, ErasureRun, RunState
from retention.rules import due_rows, is_counted, swept_holdings
from retention.sweeps import sweep_all
from tests.histories.world import (
    COPY_TERM,
    OPT_IN,
    TWENTY_WEEKS,
    Fact,
    Person,
    tables_that_may_keep_an_id,
    tables_that_mention,
    years_after,
)
from tests.people import PASSWORD
from tests.retention.conftest import everything_about
from vault.files import delete_sealed
from visits.models import Visit
from visits.partitions import ensure_days
from visits.terms import Kind, Platform

BEGINNING: Final = datetime(2021, 1, 4, 12, tzinfo=UTC)
_COMMON: Final = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)
SHORT: Final = settings(_COMMON, max_examples=25, stateful_step_count=24, derandomize=True)
LONG: Final = settings(_COMMON, max_examples=250, stateful_step_count=50)


class Histories(RuleBasedStateMachine):
    """One history, in a transaction that is rolled back: the ledgers could not be emptied otherwise."""

    present: Bundle[Person] = Bundle("present")
    gone: Bundle[Person] = Bundle("gone")

    def __init__(self) -> None:
        super().__init__()
        self.now = BEGINNING
        self.purged_at = BEGINNING
        self.people: list[Person] = []
        self.erased: list[Person] = []
        self.files: list[str] = []
        self.frame = transaction.atomic()
        self.frame.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.frame.__exit__(None, None, None)
        for name in self.files:
            delete_sealed(name)

    @initialize(target=present)
    def a_site_with_three_people(self) -> MultipleResults[Person]:
        publish_texts(now=self.now)
        people = [self._somebody() for _ in range(3)]
        for person in people:
            self._visit(person)
        return multiple(*people)

    # What people do.

    @rule(target=present)
    def somebody_joins(self) -> Person:
        return self._somebody()

    def _somebody(self) -> Person:
        number = len(self.people) + 1
        canary = f"knr{number:03}x"
        user = self._register(f"{canary}@example.lv", canary)
        self.people.append(Person(user, subject_of_user(user), {canary}))
        return self.people[-1]

    @rule()
    def somebody_signs_up_and_never_confirms(self) -> None:
        number = len(self.people) + 1
        user = self._register(f"unconfirmed{number}@example.lv", "Nekas", verified=False)
        self.people.append(Person(user, subject_of_user(user), set(), [Fact(user, self.now + OPT_IN)]))

    def _register(self, email: str, name: str, *, verified: bool = True) -> User:
        return register_person(
            email=email, password=PASSWORD, given_name=name, family_name=name, verified=verified, now=self.now
        )

    @rule(person=present, street=st.integers(0, 999))
    def she_edits_her_details(self, person: Person, street: int) -> None:
        (canary,) = person.canaries
        change_details(person.user, details={}, profile={"street": f"{canary} iela {street}"}, now=self.now)

    @rule(person=present)
    def she_visits_and_logs_in(self, person: Person) -> None:
        self._visit(person)

    def _visit(self, person: Person) -> None:
        digest = self._digest(person)
        (canary,) = person.canaries
        ensure_days([self.now.date()])
        login = LoginEvent.objects.create(user=person.user, at=self.now, kind="login", user_agent=canary)
        visit = Visit.objects.create(
            at=self.now,
            kind=Kind.PAGE,
            user_id=person.user.pk,
            platform=Platform.DESKTOP,
            path=f"/{canary}",
            status=200,
            response_ms=1,
        )
        person.personal += [Fact(login, self.now + TWENTY_WEEKS), Fact(visit, self.now + TWENTY_WEEKS)]
        assert self._digest(person) == digest, "what is observed must not make a plan void"

    @rule(person=present)
    def she_is_written_to(self, person: Person) -> None:
        (canary,) = person.canaries
        letter = OutgoingMessage.objects.create(
            to_address=person.user.email, purpose="SERVICE", language="lv", subject=canary, created_at=self.now
        )
        person.personal.append(Fact(letter, self.now + TWENTY_WEEKS))

    @rule(days=st.integers(1, 14))
    def a_session_is_opened(self, days: int) -> None:
        ends = self.now + timedelta(days=days)
        session = Session.objects.create(session_key=f"{Session.objects.count()}-{ends}", expire_date=ends)
        self.people.append(Person(None, None, set(), [Fact(session, ends)]))  # type: ignore[arg-type]

    @rule(person=present)
    def she_subscribes(self, person: Person) -> None:
        event = give(
            person.user.pk,
            ConsentPurpose.MARKETING_EMAIL,
            language="lv",
            method="consents_page",
            place="/privacy/consents/",
            now=self.now,
        )
        evidence = note_subscription(event, ip="192.0.2.1")
        if all(fact.row != evidence for fact in person.kept):
            person.kept.append(Fact(evidence))
            person.kept.append(Fact(event))

    @rule(person=present)
    def she_unsubscribes(self, person: Person) -> None:
        event = withdraw(
            person.user.pk,
            ConsentPurpose.MARKETING_EMAIL,
            language="lv",
            method="consents_page",
            place="/privacy/consents/",
            now=self.now,
        )
        person.kept.append(Fact(event))
        self._proof_term_begins(person)

    def _proof_term_begins(self, person: Person) -> None:
        for fact in person.kept:
            if isinstance(fact.row, SubscriptionEvidence) and fact.ends is None:
                fact.ends = years_after(self.now, 3)

    @rule(person=present)
    def she_asks_for_something_and_takes_it_back(self, person: Person) -> None:
        (canary,) = person.canaries
        case = file_request(
            user=person.user, right=Right.RECTIFICATION, channel=Channel.PORTAL_AUTH, now=self.now, text=canary
        )
        withdraw_request(case, now=self.now)
        person.kept.append(Fact(case, years_after(self.now, 3)))

    @rule(person=present)
    def she_has_a_copy_made(self, person: Person) -> None:
        case = file_request(user=person.user, right=Right.ACCESS, channel=Channel.PORTAL_AUTH, now=self.now)
        package = build_package(case.pk, now=self.now)
        assert package is not None
        package.refresh_from_db()
        self.files.append(package.file_name)
        person.kept.append(Fact(case, years_after(self.now, 3)))
        person.personal.append(Fact(package, self.now + COPY_TERM))

    # How they leave.

    @rule(target=gone, person=consumes(present), objects=st.booleans())
    def she_leaves(self, person: Person, objects: bool) -> Person:
        others = [
            other for other in self.people if other.user and other.canaries and other not in [*self.erased, person]
        ]
        before = [everything_about(other.subject) for other in others[:2]]
        person.objected, person.plan_digest = objects, self._digest(person, archive=not objects)
        case = confirm_erasure(
            user=person.user,
            plan_digest=person.plan_digest,
            objection_to_archive=objects,
            waive_copy=True,
            now=self.now,
        ).case
        person.case_number = case.number
        archives = set(ArchiveRecord.objects.values_list("pk", flat=True))
        receipt = run_erasure(case.pk, now=self.now)
        assert receipt is not None
        assert receipt.document["state"] == RunState.DONE
        # The last letter is handed over, and forgotten with that: it alone still names her.
        OutgoingMessage.objects.filter(forget_after_delivery=True).delete()
        self._note_what_stays(person, case, archives)
        assert [everything_about(other.subject) for other in others[:2]] == before, "somebody else's rows moved"
        return person

    def _note_what_stays(self, person: Person, case: SubjectRequest, archives: set[Any]) -> None:
        assert not any(fact.is_stored for fact in person.personal)
        person.personal.clear()
        self._proof_term_begins(person)
        three, six = years_after(self.now, 3), years_after(self.now, 6)
        person.kept += [Fact(case, three), Fact(ErasureRun.objects.get(case_number=case.number), three)]
        archived = list(ArchiveRecord.objects.exclude(pk__in=archives))
        assert len(archived) == (0 if person.objected else 1)
        person.kept += [Fact(record, six) for record in archived]
        self.erased.append(person)

    @rule(person=gone)
    def her_erasure_is_run_again(self, person: Person) -> None:
        if not ErasureRun.objects.filter(case_number=person.case_number).exists():
            return  # the journal itself has reached its term
        before = _numbers_of_runs_and_ledgers()
        execute_erasure(
            case_number=person.case_number,
            subject=person.subject,
            plan_digest=person.plan_digest,
            objection_to_archive=person.objected,
            actor=Actor.system("replay"),
            now=self.now,
        )
        assert _numbers_of_runs_and_ledgers() == before, "a replay left a trace"

    @rule(person=gone)
    def she_objects_to_the_archive_later(self, person: Person) -> None:
        erase_on_objection(person.user.email, now=self.now)
        person.kept = [fact for fact in person.kept if not isinstance(fact.row, ArchiveRecord)]

    # What time does.

    @rule(days=st.integers(1, 200))
    def days_pass(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(years=st.integers(1, 4))
    def years_pass(self, years: int) -> None:
        self.now = years_after(self.now, years)

    @rule(
        which=st.integers(0, 30), short_of=st.sampled_from([timedelta(), timedelta(microseconds=1), timedelta(days=1)])
    )
    def a_term_ends_or_nearly(self, which: int, short_of: timedelta) -> None:
        ends = sorted(
            fact.ends for person in self.people for fact in person.facts if fact.ends and fact.ends > self.now
        )
        if ends:
            self.now = max(self.now, ends[min(which, len(ends) - 1)] - short_of)
            self.the_sweeps_run()

    @rule(minutes=st.integers(1, 3000))
    def the_clock_jumps_back(self, minutes: int) -> None:
        self.now -= timedelta(minutes=minutes)

    @rule()
    def the_sweeps_are_rung(self) -> None:
        self.the_sweeps_run()

    def the_sweeps_run(self) -> None:
        runs = sweep_all(now=self.now, apply=True)
        assert sum(run.failed for run in runs) == 0
        if any(run.failure for run in runs):
            assert self.now < self.purged_at, "only a clock that stepped back may stop a sweep"
            return
        self.purged_at = max(self.purged_at, self.now)
        swept = [item for item in swept_holdings() if is_counted(item) and not item.ledger]
        assert {item.model: n for item in swept if (n := due_rows(item, now=self.now).count())} == {}
        for person in self.people:
            late = [fact.row for fact in person.facts if fact.ends and fact.ends <= self.now and fact.is_stored]
            assert late == [], "something outlived its term"
            person.personal = [fact for fact in person.personal if not _is_over(fact, self.now)]
            person.kept = [fact for fact in person.kept if not _is_over(fact, self.now)]

    # What always holds.

    @invariant()
    def nothing_is_deleted_before_its_term(self) -> None:
        for person in self.people:
            missing = [fact.row for fact in person.facts if not fact.is_stored]
            assert missing == [], "something went before its term"

    @invariant()
    def of_the_erased_only_the_keep_list_is_left(self) -> None:
        assert tables_that_mention({word for person in self.erased for word in person.canaries}) == set()
        ids = {str(person.user.pk) for person in self.erased}
        assert tables_that_mention(ids) <= tables_that_may_keep_an_id()

    @invariant()
    def every_chain_is_whole(self) -> None:
        assert [ledger for ledger in ledgers() if not verify(ledger).is_whole] == []

    def _digest(self, person: Person, *, archive: bool = True) -> str:
        return plan_erasure(person.subject, now=self.now, archive=archive).digest


def _numbers_of_runs_and_ledgers() -> list[list[str]]:
    models: list[type[Model]] = [ErasureRun, *ledgers()]
    return [sorted(map(str, model._base_manager.values_list("pk", flat=True))) for model in models]


def _is_over(fact: Fact, now: datetime) -> bool:
    return fact.ends is not None and fact.ends <= now


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.clause("Q5.10", "Q10.4", "Q16.7", "Q18.1")
@pytest.mark.requirement("E9", "E12", "R1", "X1")
def test_whatever_people_do_and_whenever_nothing_stays_too_long_or_goes_too_soon() -> None:
    profile = LONG if os.environ.get("QLEKTA_HISTORIES") == "long" else SHORT
    run_state_machine_as_test(Histories, settings=profile)
