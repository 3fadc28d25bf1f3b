"""Rights that stop something at once, corrections, and those who must be told (Art. 7(3), 16, 19, 21)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.services import register_person
from audit.trail import Actor
from consent.queries import status
from consent.services import give, publish_texts
from datamap.gate import may_process
from datamap.processors import Outcome as Told
from datamap.terms import Right
from datamap.trace import Subject, subject_of_user
from dsar.at_once import end_advertising, objections_to_carry_out
from dsar.cases import move
from dsar.casework import answer_request
from dsar.corrections import correct, correctable
from dsar.deadlines import Channel
from dsar.intake import Arrival
from dsar.models import Correction, Objection, RecipientNotice, SubjectRequest
from dsar.objections import overrule, propose_grounds
from dsar.recipients import Settlement, settle_notice
from dsar.refusals import CannotBeCorrected, NoGrounds, RecipientsOpen, SamePerson
from dsar.services import file_by_address
from dsar.steps import Step
from dsar.terms import NoticeChannel, Stage
from mailing.models import OutgoingMessage, State
from mailing.services import is_suppressed
from retention.archive import records_under
from retention.erasure import execute_erasure, plan_erasure
from retention.models import ArchiveRecord, ErasureReceipt
from tests.dsar.conftest import NOW, File
from tests.people import PASSWORD
from visits.hits import Hit
from visits.objections import wanted

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")


@pytest.fixture
def second_officer(db: None) -> User:
    return register_person(
        email="peteris@qlekta.example",
        password=PASSWORD,
        given_name="Pēteris",
        family_name="Liepa",
        is_staff=True,
        now=NOW,
    )


def agree(person: User, purpose: str) -> None:
    publish_texts(now=NOW - timedelta(days=1))
    give(person.pk, purpose, language="lv", method="consents_page", place="/privacy/consents/", now=NOW)


@pytest.mark.clause("Q16.6")
def test_a_withdrawal_ends_every_consent_at_once_and_closes_itself(person: User, file: File) -> None:
    agree(person, "LOYALTY")
    agree(person, "PROFILING")
    assert status(person.pk, "LOYALTY", at=NOW).permits
    case = file(Right.WITHDRAWAL)
    assert not status(person.pk, "LOYALTY", at=NOW).permits
    assert not status(person.pk, "PROFILING", at=NOW).permits
    case.refresh_from_db()
    assert case.stage == Stage.ANSWERED
    assert "Lojalitātes" in case.answer


@pytest.mark.clause("Q16.4")
def test_an_objection_to_advertising_needs_no_staff_and_no_identity(person: User) -> None:
    assert not is_suppressed(person.email)
    (case,) = file_by_address(
        person.email,
        [Right.MARKETING_OBJECTION],
        arrival=Arrival(channel=Channel.EMAIL, at=NOW),
        language="lv",
        now=NOW,
    )
    case.refresh_from_db()
    assert case.stage == Stage.ANSWERED
    assert is_suppressed(person.email)


@pytest.mark.clause("Q16.4")
def test_an_objection_to_advertising_ends_the_profile_for_it_and_nothing_else(person: User, file: File) -> None:
    for purpose in ("MARKETING_EMAIL", "PROFILING", "LOYALTY"):
        agree(person, purpose)
    file(Right.MARKETING_OBJECTION)
    permits = {code: status(person.pk, code, at=NOW).permits for code in ("MARKETING_EMAIL", "PROFILING", "LOYALTY")}
    assert permits == {"MARKETING_EMAIL": False, "PROFILING": False, "LOYALTY": True}


@pytest.mark.clause("Q16.4")
def test_an_objection_from_an_address_ends_the_profile_of_its_account_and_of_no_other(
    person: User, other_person: User
) -> None:
    for user in (person, other_person):
        agree(user, "PROFILING")
    (case,) = file_by_address(
        person.email.upper(),
        [Right.MARKETING_OBJECTION],
        arrival=Arrival(channel=Channel.EMAIL, at=NOW),
        language="lv",
        now=NOW,
    )
    case.refresh_from_db()
    assert case.stage == Stage.ANSWERED
    assert objections_to_carry_out() == [case.pk]
    assert end_advertising(case.pk, now=NOW)
    assert [status(user.pk, "PROFILING", at=NOW).permits for user in (person, other_person)] == [False, True]
    agree(person, "PROFILING")
    assert objections_to_carry_out() == []
    assert not end_advertising(case.pk, now=NOW), "a consent of later was taken too"


@pytest.mark.clause("Q16.5")
def test_an_objection_stops_first_and_is_examined_then(person: User, other_person: User, file: File) -> None:
    hers, his = subject_of_user(person), subject_of_user(other_person)
    assert may_process(hers, "STABILITY", now=NOW)
    case = file(Right.OBJECTION)
    assert case.stage == Stage.OPEN
    assert not may_process(hers, "STABILITY", now=NOW)
    assert may_process(his, "STABILITY", now=NOW)
    assert may_process(hers, "SERVICE", now=NOW)


@pytest.mark.clause("Q16.5")
def test_visits_of_an_objector_do_not_enter_the_log(person: User, other_person: User, file: File) -> None:
    def hit(user_id: str | None) -> Hit:
        return Hit(
            at=NOW, method="GET", path="/", query="", referrer="", host="", ip="", user_agent="", user_id=user_id,
            status=200, seconds=0.1, secrets=(), is_staff_page=False,
        )  # fmt: skip

    hits = [hit(str(person.pk)), hit(str(other_person.pk)), hit(None)]
    assert wanted(hits) == hits
    file(Right.OBJECTION)
    assert wanted(hits) == hits[1:]


def test_an_objection_is_overruled_only_on_grounds_and_by_two(
    person: User, file: File, officer: User, second_officer: User
) -> None:
    file(Right.OBJECTION)
    objection = Objection.objects.get(user=person, purpose="SECURITY")
    with pytest.raises(NoGrounds):
        overrule(objection.pk, by=second_officer, reason="agreed", now=NOW)
    propose_grounds(objection.pk, "An attack from this account is being traced.", by=officer, now=NOW)
    with pytest.raises(SamePerson):
        overrule(objection.pk, by=officer, reason="agreed", now=NOW)
    with pytest.raises(IntegrityError, match="dsar_overruled_by_two_on_grounds"), transaction.atomic():
        Objection.objects.filter(pk=objection.pk).update(overruled_by=officer.pk, overruled_at=NOW)
    overrule(objection.pk, by=second_officer, reason="agreed", now=NOW)
    assert may_process(subject_of_user(person), "SECURITY", now=NOW)
    assert not may_process(subject_of_user(person), "STABILITY", now=NOW)


def handed_to_mailgun(person: User) -> None:
    OutgoingMessage.objects.create(
        to_address=person.email, user_id=person.pk, purpose="SERVICE", language="lv", subject="x",
        state=State.SENT, created_at=NOW, handed_over_at=NOW, handed_to="MAILGUN",
    )  # fmt: skip


@pytest.mark.clause("Q16.3")
def test_a_correction_keeps_before_and_after_and_tells_the_recipients(
    person: User, other_person: User, file: File, officer: User
) -> None:
    handed_to_mailgun(person)
    case = file(Right.RECTIFICATION)
    step = Step(by=officer, reason="the person showed a marriage certificate", now=NOW)
    (family_name,) = [item for item in correctable(case) if item.value == "Bērziņa"]
    correct(case.pk, family_name.key, "Kalniņa", step=step)
    correction = Correction.objects.get(case=case)
    assert (correction.before, correction.after) == ("Bērziņa", "Kalniņa")
    person.refresh_from_db()
    assert person.family_name == "Kalniņa"
    with pytest.raises(CannotBeCorrected):
        correct(case.pk, family_name.key.replace(str(person.pk), str(other_person.pk)), "Citāda", step=step)
    (notice,) = RecipientNotice.objects.filter(case=case)
    assert (notice.article, notice.outcome, notice.channel) == ("16", Told.NOT_POSSIBLE, NoticeChannel.ADAPTER)
    assert "mainīt nevar" in notice.detail
    notice = RecipientNotice.objects.create(case=case, recipient="Omniva", article="16", ordered_at=NOW)
    with pytest.raises(RecipientsOpen):
        answer_request(case.pk, "Izlabots.", step=step)
    with pytest.raises(IntegrityError, match="has not been told"), transaction.atomic():
        SubjectRequest.objects.filter(pk=case.pk).update(stage=Stage.ANSWERED, closed_at=NOW, ends_at=NOW)
    settled = Settlement(
        outcome=Told.NOTICE_SENT, channel=NoticeChannel.EMAIL, detail="nothing but the address is held"
    )
    settle_notice(notice.pk, settled, by=officer, now=NOW)
    assert answer_request(case.pk, "Izlabots.", step=step).stage == Stage.ANSWERED


def test_an_outcome_that_is_only_asked_for_keeps_the_request_open(person: User, file: File, officer: User) -> None:
    case = file(Right.RECTIFICATION)
    notice = RecipientNotice.objects.create(case=case, recipient="Mailgun", article="16", ordered_at=NOW)
    for outcome in (Told.REQUESTED, Told.FAILED, Told.REFUSED, Told.WAITS, Told.UNKNOWN):
        settle_notice(
            notice.pk,
            Settlement(outcome=outcome, channel=NoticeChannel.EMAIL, detail="asked"),
            by=officer,
            now=NOW,
        )
        with pytest.raises(RecipientsOpen):
            move(case.pk, Stage.ANSWERED, action="answered", actor=SYSTEM, now=NOW)


def test_nobody_objects_for_an_account_that_is_not_known() -> None:
    assert may_process(Subject(emails=frozenset({"liga@example.lv"})), "STABILITY", now=NOW)


@pytest.mark.clause("Q10.5", "Q16.5")
def test_who_objected_to_claims_before_leaves_no_archive_behind(person: User, other_person: User, file: File) -> None:
    file(Right.OBJECTION)
    for user in (person, other_person):
        subject = subject_of_user(user)
        plan = plan_erasure(subject, now=NOW, archive=True)
        assert (plan.archive_ends_at is None, plan.objected) == (user == person, user == person)
        execute_erasure(
            case_number=f"Q-{user.given_name}",
            subject=subject,
            plan_digest=plan.digest,
            objection_to_archive=False,
            actor=SYSTEM,
            now=NOW,
        )
    his = ArchiveRecord.objects.get()
    assert his in records_under(other_person.email)
    receipt = ErasureReceipt.objects.get(case_number=f"Q-{person.given_name}")
    assert receipt.document["objected_to_archive"] is True


@pytest.mark.clause("Q10.5")
def test_an_overruled_objection_to_claims_lets_the_archive_be_written(
    person: User, file: File, officer: User, second_officer: User
) -> None:
    file(Right.OBJECTION)
    objection = Objection.objects.get(user=person, purpose="CLAIMS")
    propose_grounds(objection.pk, "a claim is announced", by=officer, now=NOW)
    overrule(objection.pk, by=second_officer, reason="so it is", now=NOW)
    assert plan_erasure(subject_of_user(person), now=NOW, archive=True).archive_ends_at is not None
