"""Codes by mail: few tries, a short life, one use, for one request and one purpose (security I3-I6; clauses.md D8)."""

import secrets
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.utils.crypto import constant_time_compare

from datamap.catalogue import period
from dsar.models import Challenge, SubjectRequest
from dsar.terms import CHALLENGE_TRIES, ChallengePurpose
from vault.tokens import token

_ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_LENGTH: Final = 10
"""Ten of 32 letters are 50 bits; none of them looks like another."""

_TRY: Final = """
UPDATE dsar_challenge SET tries = tries + 1
WHERE case_id = %(case)s AND purpose = %(purpose)s AND burned_at IS NULL AND ends_at > %(now)s AND tries < %(tries)s
RETURNING id, digest
"""


def new_challenge(case: SubjectRequest, purpose: ChallengePurpose, *, now: datetime) -> str:
    """Make a code for this request and purpose, and burn the one before; the caller mails it."""
    code = "".join(secrets.choice(_ALPHABET) for _letter in range(_LENGTH))
    ends_at = period("CODE").ends_at(now)
    if ends_at is None:
        raise TypeError("A code needs a period with an end.")
    with transaction.atomic():
        SubjectRequest.objects.select_for_update().get(pk=case.pk)
        Challenge.objects.filter(case=case, purpose=purpose, burned_at__isnull=True).update(burned_at=now)
        Challenge.objects.create(
            case=case,
            purpose=purpose,
            digest=_digest(case.pk, purpose, code),
            created_at=now,
            ends_at=ends_at,
        )
    return f"{code[:5]}-{code[5:]}"


def answer_challenge(case: SubjectRequest, purpose: ChallengePurpose, code: str, *, now: datetime) -> bool:
    """Judge a code; every judged guess is counted before it is compared, so that many at once get five (I4)."""
    values: dict[str, Any] = {"case": case.pk, "purpose": purpose.value, "now": now, "tries": CHALLENGE_TRIES}
    with connection.cursor() as cursor:
        cursor.execute(_TRY, values)
        live = cursor.fetchone()
    if live is None:
        return False
    challenge_id, digest = live
    if not constant_time_compare(digest, _digest(case.pk, purpose, code)):
        return False
    return bool(Challenge.objects.filter(pk=challenge_id, burned_at__isnull=True).update(burned_at=now))


def _digest(case_id: UUID, purpose: ChallengePurpose, code: str) -> str:
    letters = "".join(letter for letter in code.upper() if letter.isalnum())
    return token(f"{case_id}|{purpose.value}|{letters}", purpose="dsar.challenge")
