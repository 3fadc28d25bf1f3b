"""Legal holds and restrictions in the journal outside the database: they stand again after a restore (Q5.19, Q10.9).

Each step leaves the whole row in the journal, sealed: the words of staff and what a query says may lead to a person.
Readable stand numbers and codes alone.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final, TypeVar
from uuid import UUID

from django.db import connections, models, router, transaction

from audit import trail
from audit.trail import Actor
from datamap.catalogue import length_of
from datamap.periods import RIGA
from datamap.registry import model_of, registry
from datamap.terms import SubjectKey
from replay.journal import is_the_same_person, note, opened
from replay.segments import Line
from retention.letting_go import let_go
from retention.standing import LegalHold, Restriction

HELD: Final = "retention.held"
RESTRICTED: Final = "retention.restricted"

_ACTOR: Final = Actor.system("replay_erasures")
_ENDING_LOOKUPS: Final = frozenset({"", "exact", "in", "lt", "lte"})

Row = TypeVar("Row", bound=models.Model)


def note_hold(action: str, hold: LegalHold, *, now: datetime) -> None:
    """Write a step of a hold into the journal, in the transaction that takes it."""
    details = {"row": str(hold.pk), "action": action, "table": hold.table, "case": hold.case_number}
    codes = {"ground": str(hold.ground), "review_on": hold.review_on.isoformat()}
    note(HELD, at=now, subject=_account_of(hold), details=details | codes, sealed=values_of(hold))


def note_restriction(action: str, restriction: Restriction, *, now: datetime) -> None:
    """The same for a restriction; its line names the account by its opaque id."""
    details = {"row": str(restriction.pk), "action": action, "case": restriction.case_number}
    ground = {"ground": str(restriction.ground)}
    note(RESTRICTED, at=now, subject=restriction.user_id, details=details | ground, sealed=values_of(restriction))


def hold_again(line: Line, *, now: datetime) -> bool:
    """Bring a hold to where this step left it; a release lets go of what the backup still had."""
    if line.subject is not None and not is_the_same_person(line):
        return False
    with transaction.atomic():
        was_released = LegalHold.objects.filter(pk=line.details["row"], released_at__isnull=False).exists()
        hold = restored(LegalHold, line, lacking=_last_look(line))
        if hold is None:
            return False
        _reserve_numbers(hold)
        if hold.released_at is not None and not was_released:
            let_go(hold, now=now)
        details: dict[str, str | int] = {"step": line.details["action"], "table": hold.table, "case": hold.case_number}
        trail.record("hold.repeated", actor=_ACTOR, about=hold, details=details, now=now)
    return True


def restrict_again(line: Line, *, now: datetime) -> bool:
    """Bring a restriction to where this step left it; nobody is written to again."""
    if not is_the_same_person(line):
        return False
    with transaction.atomic():
        restriction = restored(Restriction, line)
        if restriction is None:
            return False
        trail.record(
            "restriction.repeated",
            actor=_ACTOR,
            subject=restriction.user_id,
            about=restriction,
            details={"step": line.details["action"], "case": restriction.case_number},
            now=now,
        )
    return True


def values_of(row: models.Model) -> dict[str, Any]:
    """A whole row for the sealed part of a line; of sealed fields the text, whose key may be lost with a restore."""
    return {field.attname: _plain(field, row) for field in row._meta.concrete_fields}


def _plain(field: Any, row: models.Model) -> Any:
    value = getattr(row, field.attname)
    return value if value is None or isinstance(value, str | bool | int | dict | list) else field.value_to_string(row)


def restored(model: type[Row], line: Line, *, lacking: Mapping[str, Any] | None = None) -> Row | None:
    """The row as the line tells it, written; None where the database has come as far already, or further.

    Every step lengthens the history, so an old line takes no later step back; what ended with an erasure stays ended.
    `lacking` is what lines of an older version did not tell.
    """
    told = {**(lacking or {}), **opened(line)}
    before = model._base_manager.select_for_update().filter(pk=line.details["row"]).first()
    fields = [field for field in model._meta.concrete_fields if field.attname in told]
    row = model(**{field.attname: field.to_python(told[field.attname]) for field in fields})
    if before is not None and _is_as_far(before, row):
        return None
    row.save(force_insert=before is None, force_update=before is not None)
    return row


def _is_as_far(before: models.Model, row: models.Model) -> bool:
    steps, told = getattr(before, "history", None), getattr(row, "history", None)
    return values_of(before) == values_of(row) if steps is None or told is None else len(steps) >= len(told)


def _last_look(line: Line) -> dict[str, Any]:
    """When somebody last looked at the hold, as the migration says it of rows that are older than that field."""
    told = opened(line)
    placed, review_on = datetime.fromisoformat(told["placed_at"]), date.fromisoformat(told["review_on"])
    earliest = review_on - length_of("HOLD_REVIEW")
    return {"reviewed_on": min(max(placed.astimezone(RIGA).date(), earliest), review_on - date.resolution)}


def _account_of(hold: LegalHold) -> UUID | None:
    """The one account whose rows the query asks for, so that its id cannot come to mean somebody else."""
    way = registry().holding(hold.table).about.get(SubjectKey.USER)
    value = hold.query.get(way) if isinstance(way, str) else None
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _reserve_numbers(hold: LegalHold) -> None:
    """Let no row of somebody else get a number that the hold names: the rows themselves may be lost with the backup."""
    for field, number in _numbers_in(hold):
        connection = connections[router.db_for_write(field.model)]
        quote = connection.ops.quote_name
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_get_serial_sequence(%s, %s)", [quote(field.model._meta.db_table), str(field.column)]
            )
            (sequence,) = cursor.fetchone()
            if sequence is not None:
                cursor.execute(f"SELECT last_value FROM {sequence}")  # noqa: S608 - named by PostgreSQL itself
                (last,) = cursor.fetchone()
                cursor.execute("SELECT nextval(%s) FROM generate_series(%s, %s)", [sequence, last, number])


def _numbers_in(hold: LegalHold) -> Iterator[tuple[Any, int]]:
    meta = model_of(registry().holding(hold.table))._meta
    for key, value in hold.query.items():
        name, _separator, lookup = key.partition("__")
        field: Any = meta.pk if name == "pk" else meta.get_field(name)
        target = field.target_field if field.is_relation else field
        if isinstance(target, models.AutoField | models.BigAutoField) and lookup in _ENDING_LOOKUPS:
            yield target, max(int(item) for item in (value if isinstance(value, list) else [value]))
