"""What an erasure must leave because of a hold: out of use, sealed apart, gone with the release (Art. 17(3), 18).

The live rows go as planned, so that nothing refers to an erased account and nobody sees more than before; of the held
ones a copy stays under a key of its own until two people release the hold.
"""

import base64
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth import get_user_model
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q, QuerySet

from datamap.declarations import Holding
from datamap.registry import registry
from datamap.terms import Erasure
from datamap.trace import Subject, rows_about
from retention.models import ErasureRun
from retention.standing import HeldCopy, LegalHold
from vault.keys import seal, unseal
from vault.tokens import email_token, email_tokens


def copy_held_rows(subject: Subject, holds: Iterable[LegalHold], *, now: datetime) -> list[HeldCopy]:
    """Seal a copy of each row of the person that one of these holds covers, in the transaction that takes the rows."""
    copies = []
    for hold in holds:
        holding = registry().holding(hold.table)
        if is_taken(holding):
            rows = list(rows_about(holding, subject, owned_only=True).filter(Q(**hold.query)).distinct())
            if rows:
                copies.append(_copy(hold, rows, subject, now=now))
    return copies


def name_erasure(copies: Iterable[HeldCopy], run: ErasureRun) -> None:
    """Write down which erasure the copies were kept from, so that the release can finish it."""
    HeldCopy.objects.filter(pk__in=[copy.pk for copy in copies]).update(erasure=run)


def is_taken(holding: Holding) -> bool:
    """True for tables of which an erasure takes or changes rows; what stays anyway needs no copy."""
    return not holding.ledger and holding.erasure is not Erasure.KEEP


def copies_of(user_ids: Iterable[UUID | None]) -> QuerySet[HeldCopy]:
    """The copies that are kept of these accounts."""
    return HeldCopy.objects.filter(subject_id__in=[item for item in user_ids if item is not None])


def copies_under(addresses: Iterable[str]) -> QuerySet[HeldCopy]:
    """The copies that are kept of people who were erased under these addresses."""
    return HeldCopy.objects.filter(email_token__in=email_tokens(addresses))


def numbers_of_copies(user_ids: Iterable[UUID]) -> QuerySet[HeldCopy, UUID]:
    """The copies of these accounts that may be told of; of a secret hold nobody learns (Art. 23)."""
    return copies_of(user_ids).filter(hold__secrecy="").values_list("pk", flat=True)


def numbers_of_copies_under(addresses: Iterable[str]) -> QuerySet[HeldCopy, UUID]:
    """The same for somebody who comes back with her old address."""
    return copies_under(addresses).filter(hold__secrecy="").values_list("pk", flat=True)


def content_of(copy: HeldCopy) -> dict[str, Any]:
    """The rows in clear and their keys. Whoever shows them writes down who looked first: `retention.openings` does."""
    content: dict[str, Any] = json.loads(unseal(copy.id, bytes(copy.sealed), context=_context(copy)))
    return content


def _copy(hold: LegalHold, rows: list[models.Model], subject: Subject, *, now: datetime) -> HeldCopy:
    copy = HeldCopy(id=uuid4(), hold=hold, subject_id=subject.user_id, count=len(rows), kept_at=now)
    copy.email_token = _token_of(subject)
    content = {"keys": [str(row.pk) for row in rows], "rows": [_values(row) for row in rows]}
    plaintext = json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False).encode()
    copy.sealed = seal(copy.id, plaintext, context=_context(copy))
    copy.save(force_insert=True)
    return copy


def _token_of(subject: Subject) -> str:
    """What an access answer and an opening find the copy by: the address of the account, or the only one known."""
    model: Any = get_user_model()
    own = model._base_manager.filter(pk=subject.user_id).values_list(model.get_email_field_name(), flat=True).first()
    address = own or min(subject.emails, default="")
    return email_token(address) if address else ""


def _values(row: models.Model) -> dict[str, Any]:
    return {field.attname: _plain(getattr(row, field.attname)) for field in row._meta.concrete_fields}


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    return value


def _context(copy: HeldCopy) -> str:
    return f"retention_heldcopy|sealed|{copy.pk}"
