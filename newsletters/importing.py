"""Takes over subscribers of an earlier system: whole or not at all, and only with proof of their consent (K12, Q13.10).

A list never beats a person: whoever is on the list of those without advertising, or has ever decided here, stays as
she is, and a line without evidence counts as unknown, which permits nothing.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction

from audit.trail import Actor, record
from consent.crowds import decided
from consent.models import TextVersion
from consent.services import current_text, give_by_address
from consent.terms import ConsentPurpose
from mailing.models import Suppression
from newsletters.models import Subscription
from newsletters.old_lists import Entry, chunks, read
from vault.tokens import email_token, subject_token

_PURPOSE: Final = ConsentPurpose.MARKETING_EMAIL
_PLACE: Final = "import"


class Outcome(StrEnum):
    """What became of one line."""

    TAKEN = "taken"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class Report:
    """How many lines were taken over, proved nothing, name a suppressed address, or somebody who decided here."""

    taken: int = 0
    unknown: int = 0
    suppressed: int = 0
    decided: int = 0

    @property
    def lines(self) -> int:
        return self.taken + self.unknown + self.suppressed + self.decided


@transaction.atomic
def import_list(data: bytes, *, actor: Actor, now: datetime, apply: bool = True) -> Report:
    """Take a list over, or with `apply` false only say what would become of it.

    Raises BrokenList, with nothing taken over, and NotPublishedError where no wording was ever published.
    """
    entries, source = read(data, now=now), sha256(data).hexdigest()
    in_force = _wordings_in_force(now=now)
    counts: Counter[Outcome] = Counter()
    for part in chunks(entries):
        outcomes = _judged(part, in_force, now=now)
        counts.update(outcomes.values())
        for entry in part if apply else ():
            if outcomes[entry.line] is Outcome.TAKEN:
                _take(entry, in_force[entry.wording], source=source, now=now)
    report = Report(**{outcome.value: counts[outcome] for outcome in Outcome})
    if apply:
        details: dict[str, str | int] = {outcome.value: counts[outcome] for outcome in Outcome}
        record("newsletter.imported", actor=actor, kind=Subscription._meta.label, details=details, now=now)
    return report


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
