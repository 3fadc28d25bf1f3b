"""Writes down what a restore must not undo: beside the decision in its transaction, and then in the file (Q10.9, O2).

A line carries the account's opaque id and when the account was made. What else is needed to find a person again, an
address for instance, stands in it sealed: neither as text nor as a hash (security X2).
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from datamap.catalogue import latest_due_start
from replay.models import JournalEntry, JournalHead
from replay.segments import GENESIS, Line, Segments
from vault.detached import seal_detached, unseal_detached

BEGUN: Final = "replay.begun"
BORN: Final = "date_joined"
"""The field of the user model that holds when the account was made."""

_PLACE: Final = (
    "UPDATE replay_journalentry SET position = placed.n FROM unnest(%s::uuid[], %s::bigint[]) AS placed (id, n)"
    " WHERE replay_journalentry.id = placed.id"
)


class OutsideTransaction(RuntimeError):
    """An entry without the decision's own transaction could be there without the decision, or the other way round."""


class JournalAhead(RuntimeError):
    """The file holds lines that this database has never heard of: it was restored, and must hear them first."""

    def __init__(self) -> None:
        super().__init__("The journal knows more than this database: run `manage.py replay_erasures --apply` first.")


def note(
    kind: str,
    *,
    at: datetime,
    subject: UUID | None = None,
    details: Mapping[str, Any] | None = None,
    sealed: Mapping[str, Any] | None = None,
    entry: UUID | None = None,
) -> JournalEntry:
    """Write down a decision in the caller's transaction; its line is in the file before that transaction's end returns.

    `subject` is an opaque id, `details` hold codes and numbers, `sealed` what may be read only with the site's keys.
    `entry` names the decision where it has an id of its own: noting it again adds nothing. Raises OutsideTransaction;
    the commit raises OSError where the file cannot be written, and `write_out` makes it good later.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction(f"{kind} must be noted in the transaction that decides it.")
    number = entry or uuid4()
    content = dict(details or {})
    if sealed:
        content["sealed"] = seal_detached(json.dumps(sealed).encode(), context=f"journal|{number}")
    values: dict[str, Any] = {"kind": kind, "at": at, "subject": subject, "born": born(subject), "details": content}
    if entry is None:  # a number of our own that nobody can have used
        found = JournalEntry.objects.create(id=number, **values)
    else:
        found, _created = JournalEntry.objects.get_or_create(id=number, defaults=values)
    _write_out_once(connection)
    return found


def _write_out_once(session: BaseDatabaseWrapper) -> None:
    """However many decisions one transaction makes, their lines are written together."""
    waiting: list[Any] = [entry[1] for entry in session.run_on_commit]
    if write_out not in waiting:
        transaction.on_commit(write_out)


def opened(line: Line) -> dict[str, Any]:
    """What is sealed in a line. Raises SealBroken without the keys of the site that wrote it."""
    if "sealed" not in line.details:
        return {}
    found: dict[str, Any] = json.loads(unseal_detached(line.details["sealed"], context=f"journal|{line.id}"))
    return found


def born(subject: UUID | None) -> datetime | None:
    """When the account of this id was made; None where there is none."""
    if subject is None:
        return None
    accounts = get_user_model()._base_manager.filter(pk=subject)
    found: datetime | None = accounts.values_list(BORN, flat=True).first()
    return found


def is_the_same_person(line: Line) -> bool:
    """Whether the id leads to nobody else: to the account that the line means, or to none at all."""
    found = born(line.subject)
    return found is None or found == line.born


def write_out() -> int:
    """Append to the file what the database holds and the file lacks; the number of lines written.

    One process at a time; whoever comes next finds that its line was written with the others, and changes nothing.
    Repeatable: a line that was written before a kill is recognised by its id. Raises OSError, JournalBroken, and
    JournalAhead where nothing may be appended because this database is older than the file.
    """
    with transaction.atomic():
        _take_turn()
        if not JournalEntry.objects.filter(position=None).exists() and JournalHead.objects.exists():
            return 0
        head = _locked_head()
        files = segments_of(head)
        with files.locked():
            is_behind = _acknowledge(head, files.after(head.position))
            waiting = sorted(JournalEntry.objects.filter(position=None), key=_order)
            if waiting and is_behind:
                raise JournalAhead
            if waiting:
                _append(head, files, waiting)
        head.save()
    return len(waiting)


def unwritten(*, older_than: timedelta) -> int:
    """Entries that wait for their line longer than this, because the file cannot be written."""
    limit = datetime.now(UTC) - older_than
    return JournalEntry.objects.filter(position=None, at__lt=limit).exclude(kind=BEGUN).count()


def forget_expired(*, now: datetime) -> int:
    """Delete the files that no backup needs any more: every one that could be restored is younger (T20)."""
    head = JournalHead.objects.first()
    return segments_of(head).forget(until=latest_due_start("BACKUP", now).date()) if head else 0


def oldest_file() -> datetime | None:
    """The end of the oldest day that has a file which `forget_expired` may take; None where there is none."""
    head = JournalHead.objects.first()
    days = segments_of(head).days()[:-1] if head else []
    return datetime.combine(days[0], time(), UTC) + 24 * timedelta(hours=1) if days else None


def begin_anew() -> JournalHead:
    """Start a new journal where the old one is lost; what this database still knows is written to it first."""
    with transaction.atomic():
        head = _locked_head()
        head.journal, head.position, head.line_hash = uuid4(), 0, GENESIS
        head.save()
        JournalEntry.objects.update(position=None)
    write_out()
    return head


def segments_of(head: JournalHead) -> Segments:
    """The files of this database's journal; another database's lie beside them under another name."""
    return Segments(Path(settings.JOURNAL_DIR) / str(head.journal))


def _take_turn() -> None:
    # Apart from the lock on the row: whoever then finds nothing to do has written nothing, and its end costs no sync.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('replay.journal', 0))")


def _locked_head() -> JournalHead:
    head, is_new = JournalHead.objects.select_for_update().get_or_create(pk=1)
    if is_new:
        JournalEntry.objects.create(kind=BEGUN, at=datetime.now(UTC))
    return head


def _order(item: JournalEntry) -> tuple[bool, datetime, UUID]:
    return item.kind != BEGUN, item.at, item.pk


def _acknowledge(head: JournalHead, lines: list[Line]) -> bool:
    """Note which lines stand in the file already; True where one follows that this database does not know."""
    known = set(JournalEntry.objects.filter(pk__in=[line.id for line in lines]).values_list("pk", flat=True))
    for line in lines:
        if line.id not in known:
            return True
        _place(head, line)
    return False


def _append(head: JournalHead, files: Segments, waiting: list[JournalEntry]) -> None:
    lines: list[Line] = []
    for item in waiting:
        before = (lines[-1].n, lines[-1].hash) if lines else (head.position, head.line_hash)
        lines.append(_line(item, before))
    files.append(lines, day=datetime.now(UTC).date())
    with connection.cursor() as cursor:
        cursor.execute(_PLACE, [[str(line.id) for line in lines], [line.n for line in lines]])
    head.position, head.line_hash = lines[-1].n, lines[-1].hash


def _line(item: JournalEntry, before: tuple[int, str]) -> Line:
    return Line(
        n=before[0] + 1,
        id=item.pk,
        kind=item.kind,
        at=item.at.astimezone(UTC),
        subject=item.subject,
        born=item.born and item.born.astimezone(UTC),
        details=item.details,
        previous=before[1],
    )


def _place(head: JournalHead, line: Line) -> None:
    JournalEntry.objects.filter(pk=line.id).update(position=line.n)
    head.position, head.line_hash = line.n, line.hash
