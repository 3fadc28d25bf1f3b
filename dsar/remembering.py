"""Objections, and requests stopped from an older address, in the journal outside the database (Art. 21, Q10.9; I7).

Each step leaves the whole row in the journal, sealed; readable stand the account's opaque id, numbers and codes alone.
"""

from datetime import datetime
from typing import Final

from django.db import transaction

from audit import trail
from audit.trail import Actor
from dsar.models import Caution, Objection, SubjectRequest
from replay.journal import born, note, opened
from replay.segments import Line
from retention.remembering import restored, values_of

OBJECTED: Final = "dsar.objected"
CAUTIONED: Final = "dsar.cautioned"

_ACTOR: Final = Actor.system("replay_erasures")


def note_objection(objection: Objection, *, now: datetime) -> None:
    """Have the journal remember that an objection stands, or was overruled, in the transaction that decides it."""
    details = {"row": str(objection.pk), "purpose": objection.purpose, "case": objection.case_number}
    note(OBJECTED, at=now, subject=objection.user_id, details=details, sealed=values_of(objection))


def note_caution(caution: Caution, *, now: datetime) -> None:
    """The same for a request that an older address stopped, or that staff let go on."""
    details = {"case": caution.case.number, "stopped": caution.stopped_at is not None}
    note(CAUTIONED, at=now, subject=caution.case.user_id, details=details, sealed=values_of(caution))


def object_again(line: Line, *, now: datetime) -> bool:
    """Bring an objection to where this step left it; one of an account made after the backup is lost with it, one of an
    address stands."""
    if born(line.subject) != line.born:
        return False
    with transaction.atomic():
        # Lines of an older version were about accounts alone, and sealed under them.
        objection = restored(Objection, line, lacking={"sealed_under": line.subject})
        if objection is not None:
            _record("objection.repeated", line, now=now)
    return objection is not None


def caution_again(line: Line, *, now: datetime) -> bool:
    """Stop again what was stopped: the request that waits in the backup would go on after its 72 hours."""
    with transaction.atomic():
        case = SubjectRequest.objects.select_for_update(of=("self",)).filter(number=line.details["case"]).first()
        if case is None or case.user_id != line.subject or born(line.subject) != line.born:
            return False
        told = opened(line)
        fields = [field for field in Caution._meta.concrete_fields if field.name not in {"id", "case"}]
        values = {field.attname: field.to_python(told[field.attname]) for field in fields}
        # By its request: the number that the database draws is another one after a restore.
        if Caution.objects.filter(case=case, **values).exists():
            return False
        Caution.objects.update_or_create(case=case, defaults=values)
        _record("caution.repeated", line, now=now)
    return True


def _record(action: str, line: Line, *, now: datetime) -> None:
    details: dict[str, str | int] = {"line": line.n, "case": line.details["case"]}
    trail.record(action, actor=_ACTOR, subject=line.subject, details=details, now=now)
