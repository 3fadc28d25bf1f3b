"""Whom a line of the journal means in a restored database, and what keeps the site closed (Q10.9, F25)."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts.models import User
from accounts.services import register_person
from audit.models import Entry
from datamap.trace import Subject
from replay import kinds
from replay.guard import GUARD, Guard, Why, examine
from replay.journal import note, segments_of, write_out
from replay.models import JournalEntry, JournalHead
from replay.segments import GENESIS, Line
from retention.erasure import CaseTaken
from retention.models import ErasureReceipt, ErasureRun
from retention.reopening import look, reopen
from retention.repeating import ERASED, Case, note_erasure, subject_of
from tests.retention.conftest import NOW

Erase = Callable[..., ErasureReceipt]


def line_about(subject: Subject) -> Line:
    """The line that an erasure of this person writes."""
    case = Case(uuid4(), "Q-9")
    with transaction.atomic():
        note_erasure(subject, case, objected=False, now=NOW)
    item = JournalEntry.objects.get(pk=case.number)
    return Line(1, item.pk, item.kind, item.at, item.subject, item.born, item.details, GENESIS)


@pytest.mark.requirement("X2")
def test_the_account_of_a_line_is_found_with_all_its_keys(anna: Subject) -> None:
    assert subject_of(line_about(anna)) == anna


@pytest.mark.requirement("F25")
def test_an_id_that_somebody_else_has_now_leads_to_nobody(anna: Subject) -> None:
    line = line_about(anna)
    assert line.born is not None
    assert subject_of(replace(line, born=line.born - timedelta(seconds=1))) is None


@pytest.mark.requirement("F25")
def test_an_address_that_another_account_has_now_is_left_to_it(anna: Subject, person: User) -> None:
    line = line_about(anna)
    person.delete()
    register_person(email="anna@example.lv", password="Cita-parole-77", given_name="Cita", now=NOW)
    found = subject_of(line)
    assert found is not None
    assert (found.user_id, found.emails) == (anna.user_id, frozenset())


@pytest.mark.django_db
def test_somebody_without_an_account_is_found_by_what_is_sealed() -> None:
    stranger = Subject(emails=frozenset({"garam@example.lv"}), visitors=frozenset({"v-1"}))
    line = line_about(stranger)
    assert "garam" not in json.dumps(line.details)
    assert subject_of(line) == stranger


def test_a_case_number_that_was_given_twice_gives_nobody_anothers_receipt(
    anna: Subject, janis: Subject, erase: Erase
) -> None:
    erase(anna, case="Q-1")
    with pytest.raises(CaseTaken):
        erase(janis, case="Q-1")
    assert User.objects.filter(email="janis@example.lv").exists()


@pytest.mark.django_db
def test_case_numbers_that_were_told_are_not_given_again() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('dsar_case_number')")
        (before,) = cursor.fetchone()
        kinds.conclude(now=NOW)
        cursor.execute("SELECT nextval('dsar_case_number')")
        (after,) = cursor.fetchone()
    assert after - before > 1000


def forget_the_last(number: int) -> None:
    """Make the database one that never heard of its last lines, as a backup from before them would be."""
    head = JournalHead.objects.get()
    lines = segments_of(head).after(0)
    kept = lines[-number - 1]
    JournalEntry.objects.filter(pk__in=[line.id for line in lines[-number:]]).delete()
    JournalHead.objects.update(position=kept.n, line_hash=kept.hash)
    GUARD.forget()


@pytest.mark.django_db(transaction=True)
@pytest.mark.clause("Q10.9")
def test_an_erasure_is_in_the_file_when_it_is_done(anna: Subject, erase: Erase) -> None:
    erase(anna)
    run = ErasureRun.objects.get()
    line = segments_of(JournalHead.objects.get()).after(0)[-1]
    assert (line.id, line.kind, line.subject, line.details["case"]) == (run.pk, ERASED, anna.user_id, "Q-1")
    assert line.born is not None
    assert "anna" not in line.to_bytes().decode()
    forget_the_last(1)
    assert reopen(now=NOW).is_open  # the run is known: the line is only heard again
    assert ErasureRun.objects.count() == 1


def assert_told_everywhere(*, left: int, total: int) -> None:
    """By a process that has looked from the beginning, and by one that looks for the first time."""
    for guard in (GUARD, Guard()):
        guard.forget()
        closed = guard.look()
        assert closed is not None
        assert (len(closed.lines), closed.total) == (left, total)


@pytest.mark.django_db(transaction=True)
@pytest.mark.requirement("O1")
def test_what_cannot_be_repeated_keeps_the_site_closed() -> None:
    for kind in ("test.known", "test.unknown", "test.known"):
        with transaction.atomic():
            note(kind, at=NOW)
    forget_the_last(3)
    heard: list[int] = []

    def hear(line: Line, /, *, now: datetime) -> bool:
        heard.append(line.n)
        return True

    kinds._repeats["test.known"] = hear
    try:
        assert look().left == {"test.known": 2, "test.unknown": 1}
        with pytest.raises(CommandError, match=r"test\.unknown"):
            call_command("replay_erasures", apply=True, stdout=StringIO())
        assert look().left == {"test.known": 1, "test.unknown": 1}
        assert GUARD.look() is not None
        assert_told_everywhere(left=2, total=3)
        with pytest.raises(CommandError, match=r"test\.unknown"):
            call_command("replay_erasures", apply=True, stdout=StringIO())
        assert_told_everywhere(left=2, total=3)
        kinds._repeats["test.unknown"] = hear
        call_command("replay_erasures", apply=True, stdout=StringIO())
    finally:
        kinds._repeats.pop("test.known")
        kinds._repeats.pop("test.unknown", None)
    assert len(heard) == 3
    assert GUARD.look() is None


@pytest.mark.django_db(transaction=True)
def test_a_journal_that_is_gone_is_replaced_only_when_somebody_says_so() -> None:
    write_out()
    for path in segments_of(JournalHead.objects.get()).paths():
        path.unlink()
    assert reopen(now=NOW).trouble
    closed = examine()
    assert closed is not None
    assert closed.why is Why.JOURNAL_MISSING
    assert reopen(now=NOW, journal_lost=True).is_open
    assert list(Entry.objects.values_list("action", flat=True)) == ["journal.lost", "backup.replayed"]
    assert segments_of(JournalHead.objects.get()).end() is not None


@pytest.mark.django_db(transaction=True)
def test_an_open_site_has_nothing_to_replay() -> None:
    write_out()
    out = StringIO()
    call_command("replay_erasures", json=True, stdout=out)
    assert json.loads(out.getvalue())["open"]
