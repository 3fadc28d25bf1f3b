"""Nothing is given for a request without an identity record of its own; codes are few, short and used once."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, close_old_connections, transaction
from django.utils.crypto import constant_time_compare

from accounts.models import User
from audit.trail import Actor
from datamap.terms import Right
from dsar.cases import move
from dsar.challenges import answer_challenge, new_challenge
from dsar.deadlines import Channel
from dsar.identity import check_authority, show_identity
from dsar.intake import Arrival
from dsar.models import Challenge, IdentityCheck, Intake, Package, Representative, SubjectRequest
from dsar.queries import events_of, subject_of
from dsar.refusals import ArrivesLater, AuthorityUnchecked
from dsar.services import ask_late, file_by_address, withdraw_request
from dsar.terms import ChallengePurpose, Direction, IdentityMethod, Outcome, Stage
from mailing.models import OutgoingMessage
from mailing.sealing import open_letter
from tests.dsar.conftest import NOW, File
from tests.letters import last_message

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
ADDRESS = "liga@example.lv"
IDENTITY = ChallengePurpose.IDENTITY


def by_mail(*rights: Right, address: str = ADDRESS, key: str | None = None, text: str = "") -> list[SubjectRequest]:
    arrival = Arrival(channel=Channel.PORTAL_TOKEN, at=NOW, sender=address, key=key)
    return file_by_address(address, rights, arrival=arrival, language="lv", now=NOW, text=text)


def mailed_code(address: str = ADDRESS) -> str:
    message = last_message(to_address=address)
    found = re.search(r"\b[A-Z2-9]{5}-[A-Z2-9]{5}\b", open_letter(message).text)
    assert found
    return found[0]


@pytest.mark.requirement("I10")
@pytest.mark.clause("Q16.10")
def test_the_database_gives_nothing_without_an_identity_check_of_this_very_request(file: File) -> None:
    case, other = file(Right.OBJECTION), file(Right.RECTIFICATION)
    IdentityCheck.objects.filter(case=case).delete()
    assert IdentityCheck.objects.filter(case=other, outcome="shown").exists()
    for stage in (Stage.EXECUTING, Stage.ANSWERED, Stage.PARTLY_REFUSED):
        with pytest.raises(IntegrityError, match="nobody has shown"), transaction.atomic():
            move(case.pk, stage, action="answered", actor=SYSTEM, now=NOW)


def test_not_needed_is_no_identity_for_a_right_that_gives_something_away(file: File) -> None:
    case = file(Right.OBJECTION)
    IdentityCheck.objects.filter(case=case).update(method=IdentityMethod.NOT_NEEDED)
    with pytest.raises(IntegrityError, match="nobody has shown"), transaction.atomic():
        move(case.pk, Stage.ANSWERED, action="answered", actor=SYSTEM, now=NOW)


@pytest.mark.clause("Q4.2")
def test_a_code_to_the_address_shows_whose_request_it_is_and_the_copy_begins() -> None:
    (case,) = by_mail(Right.ACCESS)
    assert case.stage == Stage.IDENTITY_PENDING
    assert not subject_of(case).is_somebody
    assert not Package.objects.exists()
    assert answer_challenge(case, IDENTITY, mailed_code().lower(), now=NOW)
    case = show_identity(case.pk, IdentityMethod.EMAIL_CODE, actor=SYSTEM, now=NOW)
    assert subject_of(case).emails == {ADDRESS}
    assert Package.objects.filter(request=case).exists()


def test_a_code_at_the_confirmed_address_of_an_account_leads_to_it(person: User) -> None:
    EmailAddress.objects.filter(user=person).update(verified=True)
    (case,) = by_mail(Right.ACCESS, address=person.email)
    assert case.user is None
    case = show_identity(case.pk, IdentityMethod.EMAIL_CODE, actor=SYSTEM, now=NOW)
    assert case.user == person


def test_an_address_that_somebody_only_typed_in_leads_to_no_account(person: User) -> None:
    EmailAddress.objects.filter(user=person).update(verified=False)
    (case,) = by_mail(Right.ACCESS, address=person.email)
    case = show_identity(case.pk, IdentityMethod.EMAIL_CODE, actor=SYSTEM, now=NOW)
    assert case.user is None


@pytest.mark.requirement("I3")
@pytest.mark.requirement("I5")
def test_a_code_is_used_once_for_ten_minutes_for_one_request_and_purpose() -> None:
    access, objection = by_mail(Right.ACCESS, Right.OBJECTION)
    code = mailed_code()
    assert code.replace("-", "") not in set(Challenge.objects.values_list("digest", flat=True))
    assert not answer_challenge(objection, IDENTITY, code, now=NOW)
    assert not answer_challenge(access, ChallengePurpose.DOWNLOAD, code, now=NOW)
    assert not answer_challenge(access, IDENTITY, code, now=NOW + timedelta(minutes=10))
    assert answer_challenge(access, IDENTITY, code, now=NOW + timedelta(minutes=9, seconds=59))
    assert not answer_challenge(access, IDENTITY, code, now=NOW)
    old = new_challenge(access, IDENTITY, now=NOW)
    new = new_challenge(access, IDENTITY, now=NOW)
    assert not answer_challenge(access, IDENTITY, old, now=NOW)
    assert answer_challenge(access, IDENTITY, new, now=NOW)


@pytest.mark.requirement("I4")
@pytest.mark.django_db(transaction=True)
def test_of_many_wrong_guesses_at_once_five_are_judged() -> None:
    (case,) = by_mail(Right.ACCESS)
    code = mailed_code()

    def guess(number: int) -> bool:
        try:
            return answer_challenge(case, IDENTITY, f"WRONG-{number:05d}", now=NOW)
        finally:
            close_old_connections()

    with ThreadPoolExecutor(8) as crowd:
        assert not any(crowd.map(guess, range(40)))
    assert Challenge.objects.get(case=case).tries == 5
    assert not answer_challenge(case, IDENTITY, code, now=NOW)
    assert answer_challenge(case, IDENTITY, new_challenge(case, IDENTITY, now=NOW), now=NOW)


@pytest.mark.requirement("I6")
def test_a_code_is_compared_in_constant_time_and_never_as_it_was_mailed(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[str, str]] = []

    def compare(stored: str, given: str) -> bool:
        compared.append((stored, given))
        return constant_time_compare(stored, given)

    monkeypatch.setattr("dsar.challenges.constant_time_compare", compare)
    (case,) = by_mail(Right.ACCESS)
    code = mailed_code()
    assert not answer_challenge(case, IDENTITY, "WRONG-WRONG", now=NOW)
    assert answer_challenge(case, IDENTITY, code, now=NOW)
    assert [stored == given for stored, given in compared] == [False, True]
    assert code.replace("-", "") not in str(compared)


def test_one_message_opens_linked_requests_with_one_receipt_time() -> None:
    cases = by_mail(Right.ACCESS, Right.ERASURE, Right.MARKETING_OBJECTION)
    assert len({case.intake_id for case in cases}) == 1
    assert {case.received_at for case in cases} == {NOW}
    assert [case.stage for case in cases] == [Stage.IDENTITY_PENDING, Stage.IDENTITY_PENDING, Stage.ANSWERED]
    assert OutgoingMessage.objects.filter(to_address=ADDRESS).count() == 2  # what is done at once says so itself


def test_the_same_message_twice_is_one_and_the_same_wish_goes_on_in_its_request() -> None:
    (first,) = by_mail(Right.ACCESS, key="mail:1")
    assert by_mail(Right.ACCESS, key="mail:1") == [first]
    assert by_mail(Right.ACCESS, key="mail:2") == [first]
    assert Intake.objects.count() == 2
    assert [event.action for event in events_of(first)] == ["received", "asked_id", "asked_again"]


def test_many_messages_of_one_address_drop_no_right_and_write_few_letters() -> None:
    for number in range(15):
        by_mail(Right.OBJECTION, text=f"Iebilstu: {number}")
    assert SubjectRequest.objects.filter(right=Right.OBJECTION).count() == 15
    assert OutgoingMessage.objects.filter(to_address=ADDRESS).count() == 10


@pytest.mark.clause("Q16.9")
@pytest.mark.requirement("I4")
def test_no_clock_stands_still_for_a_question_that_no_letter_asked() -> None:
    for number in range(11):
        by_mail(Right.OBJECTION, text=f"Iebilstu: {number}")
    last = SubjectRequest.objects.latest("number")
    assert (last.stage, last.pauses.count()) == (Stage.IDENTITY_PENDING, 0)
    assert SubjectRequest.objects.filter(pauses__isnull=False).count() == 10
    assert ask_late(now=NOW + timedelta(hours=23)) == 0
    later = NOW + timedelta(hours=25)
    assert ask_late(now=later) == 1
    assert last.pauses.get().asked_at == later
    assert show_by_code(last, mailed_code())
    assert ask_late(now=later) == 0


def show_by_code(case: SubjectRequest, code: str) -> bool:
    return answer_challenge(case, IDENTITY, code, now=NOW + timedelta(hours=25))


def test_the_same_words_while_it_runs_are_the_same_request() -> None:
    (case,) = by_mail(Right.OBJECTION, text="Iebilstu.")
    assert by_mail(Right.OBJECTION, text="Iebilstu.") == [case]
    assert not case.messages.exists()
    (other,) = by_mail(Right.OBJECTION, text="Iebilstu arī pret citu.")
    (strangers,) = by_mail(Right.OBJECTION, text="Iebilstu.", address="cits@example.lv")
    withdraw_request(case, now=NOW)
    (anew,) = by_mail(Right.OBJECTION, text="Iebilstu.")
    assert len({case.pk, other.pk, strangers.pk, anew.pk}) == 4


@pytest.mark.clause("Q19.3")
def test_the_same_wish_again_keeps_its_words_and_its_language() -> None:
    (case,) = by_mail(Right.ACCESS)
    arrival = Arrival(channel=Channel.PORTAL_TOKEN, at=NOW, sender=ADDRESS)
    file_by_address(ADDRESS, [Right.ACCESS], arrival=arrival, language="en", now=NOW, text="Only my orders.")
    case.refresh_from_db()
    assert case.language == "en"
    (message,) = case.messages.all()
    assert (message.text, message.direction) == ("Only my orders.", Direction.FROM_PERSON)
    show_identity(case.pk, IdentityMethod.EMAIL_CODE, actor=SYSTEM, now=NOW)
    file_by_address(ADDRESS, [Right.ACCESS], arrival=arrival, language="ru", now=NOW, text="Всё.")
    case.refresh_from_db()
    assert case.language == "en"
    assert case.messages.get(direction=Direction.UNPROVEN).text == "Всё."


@pytest.mark.requirement("I11")
def test_nothing_begins_or_is_given_for_somebody_whose_representative_is_unchecked(officer: User) -> None:
    (case,) = by_mail(Right.HUMAN_REVIEW)
    Representative.objects.create(case=case, name="Jurists", kind="lawyer")
    case = show_identity(case.pk, IdentityMethod.KNOWN_FACTS, actor=Actor.of(officer), now=NOW, reason="knew the order")
    assert not Package.objects.exists()
    with pytest.raises(AuthorityUnchecked):
        move(case.pk, Stage.ANSWERED, action="answered", actor=SYSTEM, now=NOW, answered_at=NOW)
    with pytest.raises(IntegrityError, match="authority"), transaction.atomic():
        SubjectRequest.objects.filter(pk=case.pk).update(stage=Stage.ANSWERED, closed_at=NOW, ends_at=NOW)
    check_authority(case.pk, actor=Actor.of(officer), now=NOW, by=officer.pk, document="mandate", reason="seen")
    move(case.pk, Stage.ANSWERED, action="answered", actor=SYSTEM, now=NOW, outcome=Outcome.FULFILLED, answered_at=NOW)


@pytest.mark.clause("Q19.4")
def test_a_message_cannot_arrive_in_the_future() -> None:
    with pytest.raises(ArrivesLater):
        file_by_address(
            ADDRESS,
            [Right.ACCESS],
            arrival=Arrival(channel=Channel.POST, at=NOW + timedelta(minutes=1), entered_by=uuid4()),
            language="lv",
            now=NOW,
        )


def test_a_message_ends_with_the_last_of_its_requests() -> None:
    access, erasure = by_mail(Right.ACCESS, Right.ERASURE)
    intake = Intake.objects.get()
    move(access.pk, Stage.WITHDRAWN, action="withdrawn", actor=SYSTEM, now=NOW)
    intake.refresh_from_db()
    assert intake.ends_at is None
    closed = move(erasure.pk, Stage.WITHDRAWN, action="withdrawn", actor=SYSTEM, now=NOW + timedelta(hours=1))
    intake.refresh_from_db()
    assert intake.ends_at == closed.ends_at
