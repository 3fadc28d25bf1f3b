"""Whoever withdraws takes the answers along, at once, whichever way she says it (Art. 7(3), Q16.6)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from consent.queries import current_status_of_token, scopes_of_token
from consent.services import withdraw, withdraw_by_token
from consent.terms import ConsentPurpose, Method
from consent.withdrawing import METHODS, PLACE
from datamap.refusing import Way
from datamap.registry import registry
from datamap.scopes import survey_in
from datamap.standstill import without_kept
from datamap.trace import Subject
from surveys.models import Participation, Survey
from vault.keys import destroy_keys
from vault.tokens import email_tokens


def end(user_id: UUID, purpose: str, *, scope: str, now: datetime) -> None:
    """Delete the answers of an account in the transaction that ends its consent to keep them."""
    if purpose == ConsentPurpose.SURVEY:
        forget(Participation.objects.filter(user_id=user_id, survey_id=survey_in(scope)), now=now)


def withdraw_account(user_id: UUID, survey: Survey, *, language: str, place: str, now: datetime) -> None:
    """An account takes its consent to one survey back, and its answers with it."""
    withdraw(
        user_id,
        ConsentPurpose.SURVEY,
        language=language,
        method=Method.SURVEY_FORM,
        place=place,
        now=now,
        scope=survey.scope,
    )


@transaction.atomic
def withdraw_address(token: str, scope: str, *, how: Mapping[str, Any], now: datetime) -> bool:
    """The same for the holder of an address, known by its token; False where there was nothing to end."""
    rows = Participation.objects.filter(email_token=token, survey_id=survey_in(scope))
    list(rows.select_for_update().values_list("pk", flat=True))  # before the turn, as whoever answers takes them
    held = current_status_of_token(token, ConsentPurpose.SURVEY, now=now, scope=scope).permits
    withdraw_by_token(token, ConsentPurpose.SURVEY, **how, now=now, scope=scope)
    gone = forget(rows, now=now)
    return held or bool(gone)


def withdraw_asked(
    subject: Subject, purposes: Iterable[str], *, language: str, way: Way, evidence: Mapping[str, str], now: datetime
) -> list[str]:
    """End what the person's addresses agreed to by themselves; those of an account end by its own consents."""
    if ConsentPurpose.SURVEY not in set(purposes):
        return []
    how = {"language": language, "method": METHODS[way], "place": PLACE, "evidence": evidence}
    ended = [
        withdraw_address(token, scope, how=how, now=now)
        for token in sorted(email_tokens(subject.emails))
        for scope in scopes_of_token(token, ConsentPurpose.SURVEY)
    ]
    return [str(ConsentPurpose.SURVEY)] if any(ended) else []


def forget(rows: QuerySet[Participation], *, now: datetime) -> int:
    """Delete answers, each with its key; what must be kept stays, and the gate keeps it from use (Art. 18)."""
    free = without_kept(rows, registry().holding(Participation))
    numbers = list(free.select_for_update(of=("self",)).values_list("pk", flat=True))
    count = int(Participation.objects.filter(pk__in=numbers).delete()[0])
    destroy_keys(numbers, now=now)
    return count


def forget_ended(*, now: datetime) -> None:
    """After a restore: answers of addresses whose consent ended since the backup."""
    rows = Participation.objects.exclude(email_token="").exclude(answers="").select_related("survey")
    for row in rows.iterator():
        status = current_status_of_token(row.email_token, ConsentPurpose.SURVEY, now=now, scope=row.survey.scope)
        if not status.permits:
            forget(Participation.objects.filter(pk=row.pk), now=now)
