"""Staff are reminded before a date is missed, a silent person is reminded of our question; each once (C3, C6, C8)."""

from datetime import date, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import User
from datamap.catalogue import catalogue
from datamap.terms import Right
from dsar import assigning, calendar_feed, casework, recounting
from dsar.access import copies_to_build
from dsar.conversation import write_to_us
from dsar.deadlines import Channel, PauseKind
from dsar.entering import Told, enter_message
from dsar.letters import on_paper
from dsar.models import CalendarFeed, CaseReminder, SubjectRequest
from dsar.queries import deadline_of, events_of
from dsar.recounting import recount_due_dates
from dsar.refusals import WrongStage
from dsar.reminders import remind
from dsar.steps import Step
from dsar.terms import Stage
from mailing.models import OutgoingMessage
from mailing.sealing import open_letter
from tests.dsar.conftest import NOW, File
from tests.dsar.test_identity import by_mail

pytestmark = pytest.mark.django_db


def by(user: User, *, at: datetime = NOW) -> Step:
    return Step(by=user, reason="as agreed", now=at)


def at_noon(day: date) -> datetime:
    return datetime.combine(day, NOW.timetz())


def letters_to(address: str) -> list[str]:
    found = OutgoingMessage.objects.filter(to_address=address).order_by("created_at")
    return [open_letter(message).subject + open_letter(message).text for message in found]


def test_staff_are_reminded_10_5_and_1_working_days_before_and_once_each(file: File, officer: User) -> None:
    case = file(Right.OBJECTION)
    assigning.take_over(case.pk, step=by(officer))
    case.refresh_from_db()
    assert case.due_on == date(2026, 12, 22)
    days = [date(2026, 12, 7), date(2026, 12, 8), date(2026, 12, 15), date(2026, 12, 21)]
    counts = []
    for day in days:
        for _round in range(2):
            remind(now=at_noon(day))
        counts.append(len(letters_to(officer.email)))
    assert counts == [0, 1, 2, 3]
    assert set(CaseReminder.objects.values_list("code", flat=True)) == {
        "10:2026-12-22",
        "5:2026-12-22",
        "1:2026-12-22",
    }


def test_a_reminder_names_number_and_day_and_nobody(file: File, person: User, officer: User) -> None:
    case = file(Right.OBJECTION, text="My neighbour Kārlis reads my mail.")
    remind(now=at_noon(date(2026, 12, 8)))
    (letter,) = letters_to(catalogue().controller.email)
    assert case.number in letter
    assert "2026" in letter
    for secret in (person.email, person.given_name, person.family_name, "Kārlis", str(case.pk)):
        assert secret not in letter


def test_what_is_overdue_goes_to_the_operator(file: File, officer: User) -> None:
    case = file(Right.OBJECTION)
    assigning.take_over(case.pk, step=by(officer))
    for _round in range(2):
        remind(now=at_noon(date(2026, 12, 23)))
    assert len(letters_to(catalogue().controller.email)) == 1
    assert letters_to(officer.email) == []


def test_what_is_answered_reminds_nobody(file: File, officer: User) -> None:
    casework.answer_request(file(Right.OBJECTION).pk, "Done.", step=by(officer))
    assert remind(now=at_noon(date(2026, 12, 23))) == 0


def test_silence_after_a_question_of_identity_is_reminded_and_then_closed_with_reasons() -> None:
    (case,) = by_mail(Right.OBJECTION)
    assert remind(now=NOW + timedelta(days=13)) == 0
    for _round in range(2):
        remind(now=NOW + timedelta(days=14))
    assert len(letters_to(case.email)) == 2
    remind(now=NOW + timedelta(days=30))
    case.refresh_from_db()
    assert case.stage == Stage.CLOSED_UNIDENTIFIED
    assert "Datu valsts inspekcija" in letters_to(case.email)[-1]
    assert "tiesā" in letters_to(case.email)[-1]
    assert remind(now=NOW + timedelta(days=31)) == 0


def test_a_later_answer_opens_it_again_and_the_pause_counts(officer: User) -> None:
    (case,) = by_mail(Right.OBJECTION)
    remind(now=NOW + timedelta(days=30))
    again = casework.reopen(case.pk, step=by(officer, at=NOW + timedelta(days=40)))
    assert (again.stage, deadline_of(again).paused_days) == (Stage.OPEN, 40)


def asked(case: SubjectRequest, officer: User) -> SubjectRequest:
    return casework.ask_person(case.pk, PauseKind.CLARIFICATION, "Which?", step=by(officer))


def test_silence_after_a_question_of_meaning_is_closed_with_the_remedies(
    file: File, person: User, officer: User
) -> None:
    case = asked(file(Right.OBJECTION), officer)
    for day in (14, 29, 29, 30, 31):
        remind(now=NOW + timedelta(days=day))
    case.refresh_from_db()
    assert (case.stage, case.closed_at) == (Stage.CLOSED_UNANSWERED, NOW + timedelta(days=30))
    *_others, reminder, end = letters_to(person.email)
    assert "tiesā" not in reminder
    assert "tiesā" in end
    assert "Datu valsts inspekcija" in end
    assert list(events_of(case).values_list("action", flat=True))[-2:] == ["reminded", "closed_unanswered"]


def test_who_answers_after_that_opens_it_again_and_the_pause_counts(file: File, officer: User) -> None:
    case = asked(file(Right.OBJECTION), officer)
    remind(now=NOW + timedelta(days=30))
    write_to_us(case, "The visits.", now=NOW + timedelta(days=40))
    case.refresh_from_db()
    assert (case.stage, deadline_of(case).paused_days) == (Stage.OPEN, 40)
    casework.answer_request(case.pk, "Done.", step=by(officer))
    with pytest.raises(WrongStage):
        write_to_us(case, "And once more.", now=NOW + timedelta(days=41))


def test_who_is_asked_what_to_copy_and_stays_silent_gets_everything(file: File, person: User, officer: User) -> None:
    case = asked(file(Right.ACCESS), officer)
    assert copies_to_build(NOW) == []
    remind(now=NOW + timedelta(days=30))
    assert copies_to_build(NOW) == [case.pk]
    case.refresh_from_db()
    assert (case.stage, deadline_of(case).paused_days) == (Stage.OPEN, 30)
    assert "visiem datiem" in letters_to(person.email)[-1]


def test_who_has_no_address_for_mail_is_told_on_paper(officer: User) -> None:
    letter = Told(
        channel=Channel.POST,
        arrived_at=NOW,
        rights=[Right.GENERAL],
        text="What about my data?",
        language="lv",
        postal_address="Brīvības iela 1, Rīga",
    )
    (case,) = enter_message(letter, step=by(officer))
    asked(case, officer)
    remind(now=NOW + timedelta(days=30))
    case.refresh_from_db()
    assert case.stage == Stage.CLOSED_UNANSWERED
    assert case.number in letters_to(catalogue().controller.email)[-1]
    assert "Datu valsts inspekcija" in " ".join(on_paper(case))


def change_table(case: SubjectRequest, due: date) -> None:
    """A corrected table of holidays: with the former one this request had been due on `due`."""
    SubjectRequest.objects.filter(pk=case.pk).update(due_on=due, due_table="2020-01")


def test_an_earlier_date_of_a_corrected_table_holds_at_once_with_an_alarm(file: File) -> None:
    case = file(Right.OBJECTION)
    change_table(case, date(2026, 12, 28))
    remind(now=NOW)
    case.refresh_from_db()
    assert case.due_on == date(2026, 12, 22)
    assert case.number in letters_to(catalogue().controller.email)[0]
    assert events_of(case).filter(action="due_earlier").count() == 1
    assert recount_due_dates(now=NOW) == []


def test_a_later_date_of_a_corrected_table_waits_for_a_decision(file: File, officer: User) -> None:
    case = file(Right.OBJECTION)
    change_table(case, date(2026, 12, 18))
    assert recount_due_dates(now=NOW) == []
    case.refresh_from_db()
    assert (case.due_on, deadline_of(case).due) == (date(2026, 12, 18), date(2026, 12, 18))
    assert deadline_of(case).is_overdue(at_noon(date(2026, 12, 19)))
    later = recounting.accept_later_date(case.pk, step=by(officer))
    assert (later.due_on, deadline_of(later).due) == (date(2026, 12, 22), date(2026, 12, 22))
    with pytest.raises(WrongStage):
        recounting.accept_later_date(case.pk, step=by(officer))


@pytest.fixture
def secret(officer: User) -> str:
    officer.user_permissions.set(Permission.objects.filter(codename="change_subjectrequest"))
    return calendar_feed.make_feed(officer, now=NOW)


def feed(client: Client, secret: str) -> tuple[int, str]:
    answer = client.get(reverse("privacy:due-calendar", args=[secret]))
    return answer.status_code, answer.content.decode()


def test_a_calendar_holds_numbers_and_days_and_nothing_about_anybody(
    client: Client, file: File, person: User, secret: str
) -> None:
    case = file(Right.OBJECTION, text="My neighbour Kārlis reads my mail.")
    status, text = feed(client, secret)
    assert status == 200
    assert f"DTSTART;VALUE=DATE:20261222\r\nSUMMARY:{case.number}\r\n" in text
    for word in (person.email, person.family_name, "Kārlis", str(case.pk), str(person.pk), case.right):
        assert word not in text
    assert all(len(line) <= 75 for line in text.encode().split(b"\r\n"))


def test_a_calendar_opens_by_its_secret_only_and_ends_when_it_is_revoked(
    client: Client, officer: User, secret: str
) -> None:
    assert secret not in CalendarFeed.objects.get().digest
    assert feed(client, "x" * len(secret))[0] == 404
    newer = calendar_feed.make_feed(officer, now=NOW)
    assert [feed(client, each)[0] for each in (secret, newer)] == [404, 200]
    calendar_feed.revoke_feed(officer)
    assert feed(client, newer)[0] == 404


@pytest.mark.requirement("G8")
def test_who_leaves_the_staff_loses_the_calendar_at_once(client: Client, officer: User, secret: str) -> None:
    officer.user_permissions.clear()
    assert feed(client, secret)[0] == 404


@pytest.mark.requirement("G4")
def test_a_calendar_leaves_out_what_its_owner_may_not_see(
    client: Client, file: File, colleague: User, secret: str
) -> None:
    others = file(Right.OBJECTION)
    assigning.take_over(others.pk, step=by(colleague))
    own = file(Right.OBJECTION, user=CalendarFeed.objects.get().owner)
    text = feed(client, secret)[1]
    assert others.number not in text
    assert own.number not in text
