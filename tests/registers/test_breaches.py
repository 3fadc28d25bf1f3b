"""The breach register: 72 elapsed hours to the minute, every column, no data subject, closed only complete (5.2)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from audit.ledger import verify
from audit.models import Entry
from datamap.periods import RIGA
from mailing.models import OutgoingMessage
from registers.alarms import alarms
from registers.breaches import (
    AuthorityNotice,
    alarm_of,
    assess,
    close,
    deadline_of,
    describe,
    exempt,
    missing_columns,
    notify,
    tell_people,
)
from registers.models import Breach, BreachEntry
from registers.refusals import RegisterRefused
from registers.terms import Exemption, Risk
from registers.watch import watch
from tests.registers.conftest import HOUR, NOW, breach, desk

pytestmark = [pytest.mark.django_db, pytest.mark.clause("Q15.7")]
FRIDAY = datetime(2026, 3, 27, 15, 0, tzinfo=RIGA).astimezone(UTC)
"""Two days before the clocks go forward."""

COMPLETE: dict[str, Any] = {
    "subject_groups": "buyers",
    "subject_count": 40,
    "record_count": 52,
    "data_categories": ["user.name"],
    "consequences": "Somebody may know what they bought.",
    "measures_taken": "The list is closed.",
    "contact": "Qlekta, privacy desk",
}


def told(sent_at: datetime, *, is_last: bool = True, late: str = "") -> AuthorityNotice:
    return AuthorityNotice(sent_at, "What we know so far.", is_last, reference="DVI 1-2/26", late_reason=late)


@pytest.fixture
def known(first: User) -> Breach:
    return breach(first, aware_at=FRIDAY)


def test_the_due_time_is_right_to_the_minute_across_the_change_of_clocks(known: Breach) -> None:
    deadline = deadline_of(known)
    assert deadline.ends_before_utc == datetime(2026, 3, 30, 13, 0, tzinfo=UTC)
    assert deadline.due == datetime(2026, 3, 30, 16, 0, tzinfo=RIGA)


def test_an_alarm_is_raised_exactly_24_hours_before_without_assessment(known: Breach) -> None:
    due = FRIDAY + 72 * HOUR
    before = due - 24 * HOUR
    assert alarm_of(known, now=before - timedelta(seconds=1)) == ""
    assert alarm_of(known, now=before) == "unassessed"
    assert alarm_of(known, now=due - timedelta(seconds=1)) == "unassessed"
    assert alarm_of(known, now=due) == "late"


def test_an_assessed_breach_alarms_until_the_authority_is_told(first: User, known: Breach) -> None:
    near = FRIDAY + 60 * HOUR
    assert alarm_of(assess(known.number, Risk.RISK, "Names.", by=first, now=near), now=near) == "untold"
    assert alarm_of(assess(known.number, Risk.NONE, "Encrypted.", by=first, now=near), now=near) == ""
    assess(known.number, Risk.RISK, "Not all was encrypted.", by=first, now=near)
    assert alarm_of(notify(known.number, told(near), by=first, now=near), now=near) == ""


def test_the_operator_gets_one_letter_for_each_alarm(known: Breach) -> None:
    near = FRIDAY + 48 * HOUR
    assert [watch(now=moment) for moment in (near - HOUR, near, near + HOUR, FRIDAY + 72 * HOUR)] == [0, 1, 0, 1]
    assert OutgoingMessage.objects.filter(to_address="privacy@qlekta.example").count() == 2
    (alarm,) = [item for item in alarms(now=near) if item.code.startswith("breach")]
    assert alarm.is_urgent
    assert known.number in alarm.sentence


def test_a_late_notice_needs_its_reason(first: User, known: Breach) -> None:
    late = FRIDAY + 72 * HOUR
    with pytest.raises(RegisterRefused, match="why it is late"):
        notify(known.number, told(late), by=first, now=late)
    assert notify(known.number, told(late, late="The processor told us late."), by=first, now=late).late_reason
    just = breach(first, aware_at=FRIDAY)
    assert notify(just.number, told(late - timedelta(seconds=1)), by=first, now=late).late_reason == ""


def test_a_notice_in_phases_is_late_only_by_its_first(first: User, known: Breach) -> None:
    notify(known.number, told(FRIDAY + HOUR, is_last=False), by=first, now=FRIDAY + HOUR)
    later = FRIDAY + 200 * HOUR
    done = notify(known.number, told(later), by=first, now=later)
    assert len(done.phases) == 2
    assert (done.notified_at, done.notified_completely_at) == (FRIDAY + HOUR, later)


def test_it_closes_only_complete(first: User, known: Breach) -> None:
    with pytest.raises(RegisterRefused, match="likely consequences"):
        close(known.number, "Fewer lists.", by=first, now=NOW)
    describe(known.number, COMPLETE, by=first, now=NOW)
    assess(known.number, Risk.HIGH, "Addresses.", by=first, now=NOW)
    assert len(list(missing_columns(Breach.objects.get()))) == 4
    notify(known.number, told(FRIDAY + HOUR), by=first, now=NOW)
    with pytest.raises(RegisterRefused, match="telling the people"):
        close(known.number, "Fewer lists.", by=first, now=NOW)
    tell_people(known.number, "What happened to your data.", sent_at=NOW, by=first, now=NOW)
    assert close(known.number, "Fewer lists.", by=first, now=NOW).closed_at == NOW
    with pytest.raises(RegisterRefused, match="closed"):
        describe(known.number, {"contact": "x"}, by=first, now=NOW)


def test_an_exemption_with_its_reasons_takes_the_place_of_telling(first: User, known: Breach) -> None:
    describe(known.number, COMPLETE, by=first, now=NOW)
    assess(known.number, Risk.HIGH, "Addresses.", by=first, now=NOW)
    notify(known.number, told(FRIDAY + HOUR), by=first, now=NOW)
    with pytest.raises(RegisterRefused):
        exempt(known.number, Exemption.UNINTELLIGIBLE, " ", by=first, now=NOW)
    exempt(known.number, Exemption.UNINTELLIGIBLE, "The copy was encrypted.", by=first, now=NOW)
    assert close(known.number, "Encrypt more.", by=first, now=NOW).closed_at


@pytest.mark.parametrize(
    "words",
    ["anna@example.lv saw it", "of 010190-12345", "called +371 2000 0001", "from 203.0.113.7"],
)
def test_the_register_names_no_data_subject(first: User, known: Breach, words: str) -> None:
    with pytest.raises(RegisterRefused, match="names no data subject"):
        describe(known.number, {"consequences": words}, by=first, now=NOW)
    assert not BreachEntry.objects.filter(action="described").exists()


@pytest.mark.parametrize("moment", [NOW + HOUR, datetime(2090, 1, 1, tzinfo=UTC)])
def test_nobody_is_aware_of_a_breach_in_the_future(first: User, moment: datetime) -> None:
    with pytest.raises(RegisterRefused):
        breach(first, aware_at=moment, now=NOW)


def test_the_moment_of_awareness_cannot_be_moved(first: User, known: Breach) -> None:
    with pytest.raises(RegisterRefused, match="aware_at"):
        describe(known.number, {"aware_at": NOW}, by=first, now=NOW)


def test_each_step_is_chained_and_stands_in_the_trail(first: User, known: Breach) -> None:
    describe(known.number, COMPLETE, by=first, now=NOW)
    assert [entry.action for entry in BreachEntry.objects.all()] == ["opened", "described"]
    assert BreachEntry.objects.get(action="described").values["subject_count"] == 40
    assert verify(BreachEntry).is_whole
    assert set(Entry.objects.filter(actor_id=first.pk).values_list("action", flat=True)) >= {"breach.opened"}


def test_numbers_count_on_within_the_year(first: User) -> None:
    assert [breach(first).number for _ in range(3)] == ["B-2026-001", "B-2026-002", "B-2026-003"]


def test_the_database_itself_refuses_a_breach_closed_with_holes(known: Breach) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Breach.objects.filter(pk=known.pk).update(closed_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Breach.objects.filter(pk=known.pk).update(risk="high")


def page(row: Breach, step: str = "") -> str:
    if step:
        return reverse("admin:registers_breach_step", args=[row.pk, step])
    return reverse("admin:registers_breach_change", args=[row.pk])


def entered(browser: Client) -> Breach:
    moment = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    form = {"facts": "A list lay open.", "integrity": "on", "discovered_at": moment, "aware_at": moment}
    address = reverse("admin:registers_breach_new")
    assert browser.post(address, {**form, "reported_by": "staff", "facts": "x@y"}).status_code == 400
    assert browser.post(address, {**form, "reported_by": "staff"}).status_code == 302
    return Breach.objects.get()


def test_the_clock_of_a_breach_is_told_in_days_and_hours_not_in_code(first: User) -> None:
    row = entered(desk(first))
    counted = deadline_of(row)
    assert isinstance(counted.due, datetime)
    sentence = " ".join(counted.steps)
    for moment in (row.aware_at.astimezone(RIGA), counted.due):
        assert date_format(moment, "DATETIME_FORMAT") in sentence
        assert moment.isoformat() not in sentence


def test_staff_work_on_a_breach_from_entry_to_close(first: User) -> None:
    browser = desk(first)
    row = entered(browser)
    assert "likely consequences" in browser.get(page(row)).content.decode()
    facts = {**COMPLETE, "facts": row.facts, "integrity": "on"}
    assert browser.post(page(row, "describe"), facts).status_code == 302
    assert browser.post(page(row, "assess"), {"risk": "none", "reasons": "Nobody saw it."}).status_code == 302
    refused = browser.post(page(row, "notify"), {"sent_at": "2020-01-01T10:00", "told": "x"})
    assert refused.status_code == 400
    assert "before we knew" in refused.content.decode()
    assert browser.post(page(row, "close"), {"lessons": "Close lists."}).status_code == 302
    text = browser.get(page(row)).content.decode()
    assert "facts added (" in text
    assert Breach.objects.get().closed_at


@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "9999-12-31T23:59", "yesterday", "2026-13-01T00:00"])
def test_a_moment_that_cannot_be_is_refused_in_a_sentence(first: User, moment: str) -> None:
    form = {"facts": "A list lay open.", "integrity": "on", "reported_by": "staff"}
    browser = desk(first)
    answer = browser.post(reverse("admin:registers_breach_new"), {**form, "discovered_at": moment, "aware_at": moment})
    assert answer.status_code == 400
    assert "errorlist" in answer.content.decode()
    assert not Breach.objects.exists()


def test_the_breach_register_is_for_its_staff_only(officer: User, known: Breach) -> None:
    browser = desk(officer)
    for address in (page(known), page(known, "assess"), reverse("admin:registers_breach_new")):
        assert browser.get(address).status_code == 403


def test_the_first_page_of_the_desk_shows_what_presses(first: User, officer: User) -> None:
    row = breach(first, aware_at=timezone.now() - 60 * HOUR)
    index = reverse("admin:index")
    assert row.number in desk(first).get(index).content.decode()
    assert row.number not in desk(officer).get(index).content.decode()
