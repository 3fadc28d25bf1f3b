"""The journal outside the database: nothing decided is lost, no line can be changed, nobody can be read from it."""

import os
import stat
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client

from accounts.models import User
from consent.services import withdraw
from datamap.trace import normalise_email
from mailing.services import suppress
from replay import journal
from replay.guard import GUARD, Why, examine, marker_path
from replay.journal import JournalAhead, OutsideTransaction, note, segments_of, write_out
from replay.models import JournalEntry, JournalHead
from replay.segments import JournalBroken, Line, Segments
from tests.retention.conftest import NOW
from vault.tokens import email_token

HOW: Any = {"language": "lv", "method": "account", "place": "/privacy/consents/"}

pytestmark = pytest.mark.django_db(transaction=True)


def files() -> Segments:
    return segments_of(JournalHead.objects.get())


def lines() -> list[Line]:
    return files().after(0)


def why() -> Why | None:
    closed = examine()
    return closed.why if closed else None


def change_of_mind() -> None:
    with transaction.atomic():
        note("test.decided", at=NOW)
        raise ZeroDivisionError


def text() -> str:
    return "".join(path.read_text() for path in files().paths())


def noted(kind: str = "test.decided") -> JournalEntry:
    with transaction.atomic():
        return note(kind, at=NOW, subject=uuid4())


@pytest.mark.clause("Q10.9")
@pytest.mark.requirement("O2")
def test_a_withdrawal_stands_in_the_file_when_it_is_reported(person: User) -> None:
    withdraw(person.pk, "MARKETING_EMAIL", now=NOW, **HOW)
    line = lines()[-1]
    assert (line.kind, line.subject, line.born) == ("consent.ended", person.pk, person.date_joined)
    assert JournalHead.objects.get().position == line.n


def test_what_is_rolled_back_leaves_no_line() -> None:
    noted()
    with pytest.raises(ZeroDivisionError):
        change_of_mind()
    assert len([line for line in lines() if line.kind == "test.decided"]) == 1


def test_nothing_is_noted_outside_the_transaction_that_decides_it() -> None:
    with pytest.raises(OutsideTransaction):
        note("test.decided", at=NOW)


@pytest.mark.requirement("X2")
def test_no_line_names_an_address_or_its_hash(person: User) -> None:
    suppress(person.email, reason="unsubscribed", now=NOW)
    withdraw(person.pk, "PROFILING", now=NOW, **HOW)
    written = text() + str(list(JournalEntry.objects.values()))
    assert len(lines()) >= 2
    for trace in (person.email, normalise_email(person.email), email_token(person.email), person.given_name):
        assert trace not in written


def test_only_the_owner_of_the_files_reads_them() -> None:
    noted()
    path = files().paths()[0]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_what_a_crash_kept_from_the_file_is_written_by_the_next_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(journal, "write_out", lambda: 0)  # killed between the commit and the file
        lost = noted()
    assert JournalEntry.objects.get(pk=lost.pk).position is None
    write_out()
    assert lines()[-1].id == lost.pk


def test_a_line_written_before_a_kill_is_not_written_twice() -> None:
    before = JournalHead.objects.first()
    entry = noted()
    # As a kill leaves it after the file and before the database.
    JournalEntry.objects.filter(pk=entry.pk).update(position=None)
    last = lines()[-1]
    JournalHead.objects.update(position=last.n - 1, line_hash=last.previous)
    assert before is None
    assert examine() is None
    write_out()
    assert [line.id for line in lines()].count(entry.pk) == 1
    assert JournalHead.objects.get().position == last.n


def test_a_torn_line_is_cut_off_and_written_again() -> None:
    noted()
    path = files().paths()[-1]
    whole = path.read_bytes()
    with path.open("ab") as file:
        file.write(b'{"n":99,"kind":"half a li')
    assert files().after(0)[-1].to_bytes() == whole.splitlines(keepends=True)[-1]
    entry = noted()
    assert lines()[-1].id == entry.pk


def test_a_full_disk_is_told_and_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            noted()
    waiting = JournalEntry.objects.filter(kind="test.decided", position=None)
    assert waiting.count() == 1
    assert journal.unwritten(older_than=timedelta(hours=1)) == 1
    write_out()
    assert waiting.count() == 0
    numbers = [line.n for line in lines()]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda rows: [rows[0].replace(b"test.decided", b"test.decades"), *rows[1:]], "was altered"),
        (lambda rows: [rows[0], *rows[2:]], "does not follow"),
        (lambda rows: [rows[1], rows[0], *rows[2:]], "does not follow"),
    ],
)
def test_a_changed_line_is_named(change: Callable[[list[bytes]], list[bytes]], sentence: str) -> None:
    for _ in range(4):
        noted()
    path = files().paths()[-1]
    rows = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([rows[0], *change(rows[1:])]))
    with pytest.raises(JournalBroken, match=sentence):
        lines()


def test_files_that_no_backup_needs_any_more_are_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    noted()
    path = files().paths()[0]
    today = datetime.now(UTC).date()
    old, needed = (path.with_name(f"{today - timedelta(days=days)}.jsonl") for days in (36, 34))
    old.touch()
    needed.touch()
    journal.forget_expired(now=datetime.now(UTC))
    assert files().paths() == [needed, path]


@pytest.mark.requirement("O1")
def test_an_older_database_is_closed_and_a_journal_that_is_gone_is_missed() -> None:
    entry = noted()
    noted()
    assert examine() is None
    head = JournalHead.objects.get()
    # The database as a backup from before the two entries would bring it back.
    first = lines()[0]
    JournalEntry.objects.exclude(pk=first.id).delete()
    JournalHead.objects.update(position=1, line_hash=first.hash)
    closed = examine()
    assert closed is not None
    assert (closed.why, closed.lines[0].id) == (Why.BEHIND, entry.pk)
    with pytest.raises(JournalAhead):
        noted()
    JournalHead.objects.update(position=head.position, line_hash="f" * 64)
    assert why() is Why.JOURNAL_BROKEN
    files().paths()[0].unlink()
    assert why() is Why.JOURNAL_MISSING


@pytest.mark.requirement("O1")
@pytest.mark.parametrize(("language", "word"), [("en", "nothing erased comes back"), ("lv", "lai nekas dzēsts")])
def test_the_closed_site_answers_503_and_only_its_health(client: Client, language: str, word: str) -> None:
    marker_path().write_text("{}")
    try:
        GUARD.forget()
        page = client.get("/privacy/", headers={"Accept-Language": language})
        assert page.status_code == 503
        assert word in page.content.decode()
        assert client.post("/accounts/login/").status_code == 503
        assert client.get("/healthz").status_code == 200
        ready = client.get("/readyz").json()
        assert not ready["checks"]["journal"]["ok"]
        assert ready["checks"]["journal"]["closed"] == "restored"
    finally:
        marker_path().unlink()
    GUARD.forget()
    assert client.get("/privacy/").status_code == 200


def test_an_open_site_costs_no_query(client: Client, django_assert_num_queries: Callable[..., Any]) -> None:
    noted()
    GUARD.forget()
    GUARD.look()
    with django_assert_num_queries(0):
        assert client.get("/healthz").status_code == 200
        assert GUARD.look() is None


def test_a_task_leaves_its_work_while_the_site_is_closed() -> None:
    from celery.exceptions import Ignore

    from outbox.tasks import drain_outbox
    from qlekta.celery import heartbeat
    from retention.tasks import purge

    marker_path().write_text("{}")
    try:
        GUARD.forget()
        for task in (purge, drain_outbox):
            with pytest.raises(Ignore):
                task()
        heartbeat()
    finally:
        marker_path().unlink()
        GUARD.assume_open()


@pytest.mark.django_db(transaction=True)
def test_many_decisions_of_one_transaction_are_written_together(monkeypatch: pytest.MonkeyPatch) -> None:
    appended: list[int] = []
    append = Segments.append

    def counting(files: Segments, lines: list[Line], *, day: date) -> None:
        appended.append(len(lines))
        append(files, lines, day=day)

    write_out()
    monkeypatch.setattr(Segments, "append", counting)
    with transaction.atomic():
        for number in range(25):
            note("test.noted", at=NOW, details={"number": number})
    assert appended == [25]
    assert JournalEntry.objects.filter(position=None).count() == 0
