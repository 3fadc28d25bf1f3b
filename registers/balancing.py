"""Balancing tests: kept in each wording, looked at again by a day that is written down (Art. 6(1)(f), Q7.14)."""

from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from audit import trail
from audit.ledger import append, lock
from audit.trail import Actor
from datamap.canonical import canonical_json
from datamap.catalogue import catalogue
from datamap.declarations import BalancingTest, Purpose
from datamap.periods import RIGA
from datamap.terms import LawfulBasis
from registers.models import BalancingVersion
from registers.refusals import RegisterRefused
from registers.remembering import remember


def balanced_purposes() -> dict[str, BalancingTest]:
    """The test of every purpose that rests on a legitimate interest; the system check refuses one without it."""
    return {
        code: purpose.balancing
        for code, purpose in catalogue().purposes.items()
        if purpose.basis is LawfulBasis.LEGITIMATE_INTERESTS and purpose.balancing is not None
    }


def keep_tests(*, now: datetime) -> list[BalancingVersion]:
    """Write down every test whose words are not those of its last version; the new rows."""
    kept = []
    for code, test in balanced_purposes().items():
        with transaction.atomic():
            lock(BalancingVersion)
            document = _document(catalogue().purposes[code], test)
            digest = sha256(canonical_json(document)).hexdigest()
            last = latest(code)
            if last is None or last.digest != digest:
                row = BalancingVersion(at=now, purpose=code, digest=digest, document=document)
                row.decided_on, row.review_on = test.decided_on, test.review_on
                kept.append(append(row))
    return kept


def _document(purpose: Purpose, test: BalancingTest) -> dict[str, Any]:
    found = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found[language] = {
                "purpose": str(purpose.label),
                "interest": str(test.interest),
                "necessity": str(test.necessity),
                "balance": str(test.balance),
                "author": test.author,
            }
    return found


def latest(purpose: str) -> BalancingVersion | None:
    """What was kept last about a purpose."""
    return BalancingVersion.objects.filter(purpose=purpose).first()


def reviews_due() -> dict[str, date]:
    """By when the test of each purpose must be looked at again: as last decided by staff, else as declared."""
    declared = {code: test.review_on for code, test in balanced_purposes().items()}
    last = BalancingVersion.objects.filter(purpose__in=declared).order_by("purpose", "-id").distinct("purpose")
    return declared | dict(last.values_list("purpose", "review_on"))


def review(purpose: str, *, conclusion: str, review_on: date, by: models.Model, now: datetime) -> BalancingVersion:
    """Somebody looked at a test again and it still holds: why, and by when the next look is due.

    Raises RegisterRefused without a conclusion, for a day in the past, and for a purpose without a test.
    """
    if purpose not in balanced_purposes():
        raise RegisterRefused(_("This purpose has no balancing test."))
    if not conclusion.strip():
        raise RegisterRefused(_("Please say what the look at the test showed."))
    if review_on <= now.astimezone(RIGA).date():
        raise RegisterRefused(_("The next look must lie in the future."))
    keep_tests(now=now)
    with transaction.atomic():
        trail.record(
            "balancing.reviewed",
            actor=Actor.of(by),
            kind=BalancingVersion._meta.label,
            details={"purpose": purpose, "review_on": review_on.isoformat()},
            now=now,
        )
        lock(BalancingVersion)
        last = latest(purpose)
        if last is None:
            raise RegisterRefused(_("This purpose has no balancing test."))
        row = BalancingVersion(
            at=now,
            purpose=purpose,
            digest=last.digest,
            document=last.document,
            decided_on=now.astimezone(RIGA).date().isoformat(),
            review_on=review_on,
            conclusion=conclusion,
        )
        remember(append(row), now=now)
    return row
