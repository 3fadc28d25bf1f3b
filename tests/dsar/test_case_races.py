"""Two at once at the same request: one wins, the other hears a sentence, nothing contradicts itself (F24, P3, P5)."""

# ruff: noqa: B023 - each round ends before its names change

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from accounts.services import register_person
from audit.ledger import verify
from audit.trail import Actor
from datamap.processors import Outcome as Told
from datamap.terms import Right
from datamap.trace import subject_of_user
from dsar.access import build_package
from dsar.casework import answer_request, approve_refusal, propose_refusal, reopen
from dsar.challenges import new_challenge
from dsar.codes import identify
from dsar.conversation import write_to_us
from dsar.deadlines import Channel
from dsar.erasure import confirm_erasure, run_erasure
from dsar.filing import Form, file_form
from dsar.identity import show_identity
from dsar.intake import Arrival
from dsar.models import CaseEvent, IdentityCheck, Intake, Package, RecipientNotice, SubjectRequest
from dsar.queries import events_of, unsettled_notices
from dsar.recipients import Settlement, settle_notice
from dsar.refusals import CaseError
from dsar.services import file_by_address, withdraw_request
from dsar.steps import Step
from dsar.terms import ANSWERING, ChallengePurpose, IdentityMethod, NoticeChannel, RefusalReason, Stage
from retention.erasure import plan_erasure
from tests.dsar.conftest import NOW, File
from tests.people import PASSWORD

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.requirement("F24")]
ROUNDS = 4
ADDRESS = "liga@example.lv"


@pytest.fixture(autouse=True)
def every_move_is_written_down_once() -> Iterator[None]:
    """Whatever happened: the ledger is whole, and no event contradicts the one before."""
    yield
    assert verify(CaseEvent).is_whole
    for case in SubjectRequest.objects.all():
        events = list(events_of(case))
        assert events[-1].stage_after == case.stage
        assert all(after.stage_before == before.stage_after for before, after in pairwise(events))


@pytest.fixture
def second_officer(db: None) -> User:
    return register_person(
        email="peteris@qlekta.example", password=PASSWORD, given_name="P", family_name="L", is_staff=True, now=NOW
    )


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What came of each, all begun at the same moment; a sentence of ours is an outcome, everything else a fault."""
    gate = Barrier(len(acts))

    def alone(act: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            gate.wait(30)
            return act()
        except CaseError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as crowd:
        return [one.result(60) for one in [crowd.submit(alone, act) for act in acts]]


def winners(outcomes: list[Any]) -> int:
    return sum(not isinstance(outcome, CaseError) for outcome in outcomes)


def step(by: User) -> Step:
    return Step(by=by, reason="seen", now=NOW)


def stage_of(case: SubjectRequest) -> Stage:
    return Stage(SubjectRequest.objects.get(pk=case.pk).stage)


def by_mail(*rights: Right, key: str | None = None) -> list[SubjectRequest]:
    arrival = Arrival(channel=Channel.EMAIL, at=NOW, sender=ADDRESS, key=key)
    return file_by_address(ADDRESS, rights, arrival=arrival, language="lv", now=NOW)


def proposed(file: File, officer: User) -> SubjectRequest:
    case = file(Right.RESTRICTION)
    propose_refusal(case.pk, RefusalReason.UNFOUNDED, "No.", step=step(officer))
    return case


@pytest.mark.requirement("G4")
def test_a_refusal_that_is_approved_twice_at_once_is_approved_once(
    file: File, officer: User, second_officer: User
) -> None:
    for _round in range(ROUNDS):
        case = proposed(file, officer)
        outcomes = at_once(*[lambda: approve_refusal(case.pk, step=step(second_officer))] * 3)
        assert winners(outcomes) == 1
        assert stage_of(case) == Stage.REFUSED
        assert events_of(case).filter(action="refused").count() == 1


@pytest.mark.requirement("P5")
def test_approving_and_withdrawing_at_once_has_one_winner(file: File, officer: User, second_officer: User) -> None:
    for _round in range(ROUNDS):
        case = proposed(file, officer)
        outcomes = at_once(
            lambda: approve_refusal(case.pk, step=step(second_officer)),
            lambda: withdraw_request(case, now=NOW),
        )
        assert winners(outcomes) == 1
        assert stage_of(case) == (Stage.WITHDRAWN if isinstance(outcomes[0], CaseError) else Stage.REFUSED)


@pytest.mark.requirement("P5")
def test_two_workers_on_one_copy_and_a_withdrawal_leave_a_copy_or_none(file: File) -> None:
    for _round in range(ROUNDS):
        case = file(Right.ACCESS)
        *built, taken_back = at_once(
            *[lambda: build_package(case.pk, now=NOW)] * 2,
            lambda: withdraw_request(case, now=NOW),
        )
        package = Package.objects.get(request=case)
        if isinstance(taken_back, CaseError):
            assert (stage_of(case), package.state) == (Stage.ANSWERED, "ready")
            assert sum(item is not None for item in built) == 1
        else:
            assert (stage_of(case), package.file_name) == (Stage.WITHDRAWN, "")
            assert built == [None, None]


def test_a_worker_and_an_answer_of_staff_at_once_answer_once(file: File, officer: User) -> None:
    for _round in range(ROUNDS):
        case = file(Right.ACCESS)
        at_once(
            lambda: build_package(case.pk, now=NOW),
            lambda: answer_request(case.pk, "Here it is.", step=step(officer)),
        )
        assert stage_of(case) == Stage.ANSWERED
        ends = [event for event in events_of(case) if event.stage_after == Stage.ANSWERED != event.stage_before]
        assert len(ends) == 1


@pytest.mark.requirement("P5")
def test_confirming_an_erasure_and_withdrawing_it_at_once_has_one_winner(person: User, file: File) -> None:
    for _round in range(ROUNDS):
        case = file(Right.ERASURE)
        digest = plan_erasure(subject_of_user(person), now=NOW, archive=True).digest

        def confirm(digest: str = digest) -> Any:
            return confirm_erasure(
                user=person, plan_digest=digest, objection_to_archive=False, waive_copy=True, now=NOW
            )

        confirmed, taken_back = at_once(confirm, lambda: withdraw_request(case, now=NOW))
        if isinstance(taken_back, CaseError):
            assert stage_of(case) == Stage.EXECUTING
            break
        assert stage_of(case) == Stage.WITHDRAWN
        if not isinstance(confirmed, CaseError):  # it came after the withdrawal, and is a request of its own
            assert confirmed.case.pk != case.pk
            break
    running = SubjectRequest.objects.filter(stage=Stage.EXECUTING)
    for case in running:
        outcomes = at_once(
            lambda: run_erasure(case.pk, now=NOW),
            lambda: run_erasure(case.pk, now=NOW),
            lambda: withdraw_request(case, now=NOW),
        )
        assert isinstance(outcomes[2], CaseError)
        run_erasure(case.pk, now=NOW)
        assert stage_of(case) == Stage.ANSWERED
        assert events_of(case).filter(action="erased").count() == 1


@pytest.mark.requirement("I3", "I5")
def test_one_code_used_by_many_at_once_opens_once() -> None:
    for number in range(ROUNDS):
        (case,) = by_mail(Right.RESTRICTION)
        code = new_challenge(case, ChallengePurpose.IDENTITY, now=NOW)
        attempt = lambda: identify(case, code, ip=f"10.0.{number}.1", now=NOW)  # noqa: E731
        outcomes = at_once(*[attempt] * 4)
        assert sum(outcome is True for outcome in outcomes) == 1
        assert IdentityCheck.objects.filter(case=case).count() == 1
        assert events_of(case).filter(action="identified_by_email_code").count() == 1


def test_a_code_for_a_message_and_a_step_on_one_of_its_requests_do_not_block_each_other(officer: User) -> None:
    for number in range(ROUNDS):
        cases = by_mail(Right.RESTRICTION, Right.RECTIFICATION, Right.HUMAN_REVIEW)
        code = new_challenge(cases[0], ChallengePurpose.IDENTITY, now=NOW)
        last = cases[-1]
        at_once(
            lambda: identify(cases[0], code, ip=f"10.1.{number}.1", now=NOW),
            lambda: withdraw_request(last, now=NOW),
            lambda: write_to_us(cases[1], "It is me.", now=NOW),
        )
        assert stage_of(cases[0]) == Stage.OPEN
        assert stage_of(last) == Stage.WITHDRAWN or IdentityCheck.objects.filter(case=last).exists()


@pytest.mark.requirement("P5")
def test_a_code_and_a_withdrawal_at_once_never_open_what_is_withdrawn() -> None:
    for number in range(ROUNDS):
        (case,) = by_mail(Right.RESTRICTION)
        code = new_challenge(case, ChallengePurpose.IDENTITY, now=NOW)
        _shown, taken_back = at_once(
            lambda: identify(case, code, ip=f"10.2.{number}.1", now=NOW),
            lambda: withdraw_request(case, now=NOW),
        )
        assert not isinstance(taken_back, CaseError)
        assert stage_of(case) == Stage.WITHDRAWN


def test_a_recipient_who_fails_while_the_answer_goes_out_holds_it_up_or_comes_after(
    file: File, officer: User, second_officer: User
) -> None:
    for _round in range(ROUNDS):
        case = file(Right.HUMAN_REVIEW)
        notice = RecipientNotice.objects.create(
            case=case, recipient="Mailgun", article="16", ordered_at=NOW, told_at=NOW, outcome=Told.CONFIRMED
        )
        failed = Settlement(outcome=Told.FAILED, channel=NoticeChannel.EMAIL, detail="bounced")
        at_once(
            lambda: settle_notice(notice.pk, failed, by=officer, now=NOW),
            lambda: answer_request(case.pk, "Done.", step=step(second_officer)),
        )
        actions = list(events_of(case).values_list("action", flat=True))
        if stage_of(case) in ANSWERING and unsettled_notices(case).exists():
            assert actions.index("answered") < actions.index("recipient_settled"), "answered over an open notice"


@pytest.mark.requirement("P3")
def test_twenty_times_the_same_form_at_once_is_one_request() -> None:
    form = Form(address=ADDRESS, rights=(Right.ACCESS, Right.ERASURE), language="lv", once="x" * 20)
    outcomes = at_once(*[lambda: file_form(form, ip="10.3.0.1", now=NOW)] * 20)
    assert len({tuple(case.pk for case in outcome) for outcome in outcomes}) == 1
    assert (SubjectRequest.objects.count(), Intake.objects.count()) == (2, 1)


def test_twenty_different_messages_at_once_lose_no_right_and_open_no_second_copy() -> None:
    outcomes = at_once(
        *[lambda number=number: by_mail(Right.ACCESS, Right.RESTRICTION, key=f"mail:{number}") for number in range(20)]
    )
    assert len({outcome[0].pk for outcome in outcomes}) == 1
    assert len({outcome[1].pk for outcome in outcomes}) == 20
    assert Intake.objects.count() == 20


def test_a_request_opened_again_and_the_same_filed_anew_at_once_are_one_running(file: File, officer: User) -> None:
    for _round in range(ROUNDS):
        case = file(Right.ACCESS)
        assert build_package(case.pk, now=NOW) is not None
        _opened, filed = at_once(lambda: reopen(case.pk, step=step(officer)), lambda: file(Right.ACCESS))
        running = SubjectRequest.objects.filter(right=Right.ACCESS, stage=Stage.OPEN)
        assert running.count() == 1
        withdraw_request(running.get(), now=NOW)
        assert filed


def test_staff_and_a_code_at_once_show_one_identity(officer: User) -> None:
    for number in range(ROUNDS):
        (case,) = by_mail(Right.ACCESS)
        code = new_challenge(case, ChallengePurpose.IDENTITY, now=NOW)
        facts, actor = IdentityMethod.KNOWN_FACTS, Actor.of(officer)
        outcomes = at_once(
            lambda: identify(case, code, ip=f"10.4.{number}.1", now=NOW),
            lambda: show_identity(case.pk, facts, actor=actor, now=NOW, reason="knew"),
        )
        assert winners(outcomes) == 1
        check = IdentityCheck.objects.get(case=case)
        # Facts without an account lead to nobody's data: only the code begins a copy.
        assert Package.objects.filter(request=case).count() == (check.method == IdentityMethod.EMAIL_CODE)
        withdraw_request(case, now=NOW)
