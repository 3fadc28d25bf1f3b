"""What the record says about many people at once, with one query: to count and to prepare, never instead of the gate.

Whoever hands over asks the gate again for the one person (Q7.4): what is read here is over when it is read.
"""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Case, IntegerField, Value, When

from consent.models import ConsentEvent, TextVersion
from consent.terms import PERMITTING, ConsentPurpose


def decided(tokens: Collection[str], purpose: ConsentPurpose, *, now: datetime, scope: str = "") -> dict[str, bool]:
    """Token -> whether its consent permits; a token that never said anything is missing (as `current_status_of_token`).

    Not for cookies' consents, which end by time.
    """
    permits = Case(When(state__in=PERMITTING, then=Value(1)), default=Value(0), output_field=IntegerField())
    events = ConsentEvent.objects.filter(subject_token__in=tokens, purpose=purpose, scope=scope).annotate(
        permits=permits
    )
    # Of several at the same instant the one that permits least (L7).
    last = events.order_by("subject_token", "-at", "permits", "-pk").distinct("subject_token")
    overtaken = _overtaken(purpose, at=now)
    return {
        token: bool(permitted) and wording not in overtaken
        for token, permitted, wording in last.values_list("subject_token", "permits", "lv_sha256")
    }


def _overtaken(purpose: str, *, at: datetime) -> set[str]:
    """The hashes of the Latvian wordings after which a materially new one has come into force (Q20.3)."""
    masters = list(TextVersion.objects.filter(code=purpose, language="lv"))
    changes = [
        one.valid_from for one in masters if one.material and one.valid_from <= at.date() and one.published_at <= at
    ]
    if not changes:
        return set()
    newest = max(changes)
    return {one.sha256 for one in masters} - {one.sha256 for one in masters if one.valid_from >= newest}
