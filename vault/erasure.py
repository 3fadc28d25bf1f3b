"""What the vault does when a person or a row is erased: the key goes, and with it all that it sealed (Art. 17)."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Now

from datamap.terms import SubjectKey
from datamap.trace import Subject
from vault.fields import sealed_fields
from vault.keys import destroy_keys
from vault.models import DataKey


def destroy_subject_key(subject: Subject, *, now: datetime) -> int:
    """Destroy the data key of this account, or of all of them; the number destroyed, 0 on every repetition."""
    return destroy_keys(subject.keys(SubjectKey.USER), now=now)


def destroy_keys_of(rows: QuerySet[Any]) -> int:
    """Destroy the keys that belong to these rows themselves and not to a person, before the rows go: one statement,
    none for a table without such keys. The number of keys destroyed.
    """
    key = rows.model._meta.pk
    if not any(field.owner == key.attname and not key.is_relation for field in sealed_fields(rows.model)):
        return 0
    live = DataKey.objects.filter(owner__in=rows.order_by().values("pk"), destroyed_at=None)
    return live.update(wrapped=None, destroyed_at=Now())
