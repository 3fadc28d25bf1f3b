"""Takes over subscribers of an earlier system, line by line and only with proof of their consent (K12, Q13.10).

A list never beats a person: whoever is on the list of those without advertising, or has ever decided here, stays as
she is, and a line without evidence counts as unknown, which permits nothing.
"""

import logging
from collections.abc import Collection, Iterator
from datetime import datetime
from enum import StrEnum
from itertools import dropwhile, islice
from typing import Final
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import OperationalError, transaction

from audit.trail import record
from consent.crowds import decided
from consent.models import TextVersion
from consent.services import current_text, give_by_address
from consent.terms import ConsentPurpose
from datamap.sweeping import name_of
from mailing.models import Suppression
from newsletters.lists import SYSTEM, contents_of, end, give_up
from newsletters.models import ListImport, RefusedLine, Subscription
from newsletters.old_lists import Entry, Fault, OldList, UnfitFile
from newsletters.terms import UNDER_WAY, ImportState, Reason
from vault.keys import VaultError, WrongMasterKey, require_master_key
from vault.tokens import email_token, subject_token

PART: Final = 100
"""Lines in one transaction: few enough that the page moves while one looks at it."""

ATTEMPTS: Final = 5
"""So many workers may die or fail in a row without getting any further."""

_PURPOSE: Final = ConsentPurpose.MARKETING_EMAIL
_PLACE: Final = "import"

log = logging.getLogger(__name__)


class Outcome(StrEnum):
    """What became of one line; the names of the counts."""

    TAKEN = "taken"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"
    DECIDED = "decided"
    REFUSED = "refused"


class Reader:
    """One worker's way through one list: the file is opened once, and its lines are recorded part by part."""

    def __init__(self, list_id: UUID) -> None:
        self._id = list_id
        self._lines: Iterator[Entry | Fault] | None = None

    def advance(self, *, now: datetime) -> bool:
        """Record the next part; False where nothing is left to read, or another worker is at it.

        A reader that raised has lost its place: the next one begins where the last part was committed. Raises
        WrongMasterKey, before the attempt counts.
        """
        if self._lines is None and not self._open(now=now):
            return False
        with transaction.atomic():
            row = _locked(self._id)
            if row is None:
                return False
            _record_part(row, self._part(row), now=now)
            return row.is_under_way

    def _part(self, row: ListImport) -> list[Entry | Fault]:
        """The lines after those that are on record, whoever recorded them."""
        unread = dropwhile(lambda item: item.line <= row.cursor, self._lines or iter(()))
        return list(islice(unread, PART))

    def _open(self, *, now: datetime) -> bool:
        require_master_key()
        with transaction.atomic():
            row = _locked(self._id)
            if row is None:
                return False
            row.state, row.attempts = ImportState.READING, row.attempts + 1
            row.save(update_fields=["state", "attempts"])
        try:
            self._lines = OldList.of(contents_of(row)).read(now=now)
        except (VaultError, OSError, UnfitFile) as error:
            log.error("list %s cannot be read: %s", row.pk, name_of(error))  # noqa: TRY400 - known
            give_up(row.pk, now=now)
            return False
        if row.attempts > ATTEMPTS:
            log.error("list %s was given up: %d workers got no further", row.pk, ATTEMPTS)
            give_up(row.pk, now=now)
            return False
        return True


def _locked(list_id: UUID) -> ListImport | None:
    free = ListImport.objects.select_for_update(skip_locked=True)
    return free.filter(pk=list_id, state__in=UNDER_WAY).first()


def _record_part(row: ListImport, part: list[Entry | Fault], *, now: datetime) -> None:
    entries = [item for item in part if isinstance(item, Entry)]
    faults = [item for item in part if isinstance(item, Fault)]
    in_force = _wordings_in_force(now=now)
    outcomes = _judged(entries, in_force, now=now)
    for entry in entries:
        outcome = outcomes[entry.line]
        is_due = outcome is Outcome.TAKEN and not row.check_only
        if is_due and not _is_taken(entry, in_force[entry.wording], source=row.digest, now=now):
            faults.append(Fault(entry.line, Reason.STUCK))
        else:
            setattr(row, outcome, getattr(row, outcome) + 1)
    RefusedLine.objects.bulk_create(
        RefusedLine(list=row, line=fault.line, reason=fault.reason, facts=dict(fault.facts)) for fault in faults
    )
    row.refused += len(faults)
    row.attempts = 0
    if part:
        row.cursor = part[-1].line
    if len(part) < PART:
        _finish(row, now=now)
    else:
        row.save()


def _finish(row: ListImport, *, now: datetime) -> None:
    end(row, ImportState.DONE, now=now)
    if not row.check_only:
        details: dict[str, str | int] = {outcome.value: getattr(row, outcome) for outcome in Outcome}
        record("newsletter.imported", actor=SYSTEM, about=row, details=details, now=now)


def _wordings_in_force(*, now: datetime) -> dict[str, str]:
    """What a list may call the wording that holds now, by version or hash -> the hash of it, or empty for any language.

    Words that have been replaced since were consented to once, but whoever agreed to them must be asked anew (Q20.3).
    """
    version = current_text(_PURPOSE, language="lv", on=now.date()).version
    hashes = TextVersion.objects.filter(code=_PURPOSE, version=version).values_list("sha256", flat=True)
    return {version: ""} | {one: one for one in hashes}


def _judged(entries: list[Entry], in_force: Collection[str], *, now: datetime) -> dict[int, Outcome]:
    """Line -> what becomes of it; what the person said here goes before what the list says."""
    tokens = {entry.line: email_token(entry.address) for entry in entries}
    owners = _owners(entries)
    said = decided({*tokens.values(), *owners.values()}, _PURPOSE, now=now)
    suppressed = set(Suppression.objects.filter(email_token__in=tokens.values()).values_list("email_token", flat=True))
    outcomes = {}
    for entry in entries:
        token = tokens[entry.line]
        if token in suppressed:
            outcomes[entry.line] = Outcome.SUPPRESSED
        elif token in said or owners.get(entry.address) in said:
            outcomes[entry.line] = Outcome.DECIDED
        else:
            is_proved = entry.has_evidence and entry.wording in in_force
            outcomes[entry.line] = Outcome.TAKEN if is_proved else Outcome.UNKNOWN
    return outcomes


def _owners(entries: list[Entry]) -> dict[str, str]:
    """Address -> the pseudonym of the account that has confirmed it."""
    addresses = [entry.address for entry in entries]
    confirmed: Collection[tuple[str, UUID]] = EmailAddress.objects.filter(
        email__in=addresses, verified=True
    ).values_list("email", "user_id")
    return {email: subject_token(number) for email, number in confirmed}


def _is_taken(entry: Entry, wording: str, *, source: str, now: datetime) -> bool:
    """Take one line over; one that cannot be recorded keeps no other from it. What stops all of them is raised."""
    try:
        with transaction.atomic():
            _take(entry, wording, source=source, now=now)
    except (OperationalError, WrongMasterKey):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it was, the next line is somebody else's
        log.warning("a line was set aside: %s", name_of(error))
        return False
    return True


def _take(entry: Entry, wording: str, *, source: str, now: datetime) -> None:
    """The consent goes on record as of now, with what the list says about it as its evidence."""
    give_by_address(
        entry.address,
        _PURPOSE,
        language=entry.language,
        method=entry.how,
        place=_PLACE,
        wording=wording,
        evidence={
            "consented_at": entry.consented_at.isoformat() if entry.consented_at else "",
            "list": source,
            "line": entry.line,
        },
        now=now,
    )
    Subscription.objects.get_or_create(
        email_token=email_token(entry.address),
        defaults={"email": entry.address, "language": entry.language, "confirmed_at": now},
    )
