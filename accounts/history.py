"""What stood in the record entry before the person changed it: sealed, shown to nobody else, deleted by her (Q5.9)."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import models, transaction

from accounts.models import EarlierValue, Profile, User
from datamap.terms import Text
from vault.fields import UNREADABLE
from vault.keys import VaultError

MOST_OF_FIELD: Final = 20
"""So many earlier values of one field are enough to see what happened to it."""

log = logging.getLogger(__name__)


def keep_earlier(user: User, changes: Mapping[str, tuple[str, str]], *, now: datetime) -> None:
    """Keep what was replaced; `changes` maps a field to what stood in it and what stands in it now.

    What is emptied is deleted, with all that stood in that field before. Without the key of the account nothing can be
    kept: the person corrects her data all the same (Art. 16).
    """
    emptied = [name for name, (_before, after) in changes.items() if not after]
    EarlierValue.objects.filter(user=user, field__in=emptied).delete()
    replaced = {name: before for name, (before, after) in changes.items() if before and after}
    try:
        with transaction.atomic():
            for name, before in replaced.items():
                EarlierValue(user=user, at=now, field=name, value=before).save(force_insert=True)
    except VaultError:
        log.warning("earlier values of account %s could not be sealed: not kept", user.pk)
    for name in replaced:
        _drop_oldest(user, name)


@dataclass(frozen=True, slots=True)
class Earlier:
    """One line of the history; what does not open says so."""

    at: datetime
    name: Text
    value: Text


def earlier_values(user: User) -> list[Earlier]:
    """What the person is shown of it, the latest first."""
    names, found = names_of_fields(), EarlierValue.objects.filter(user=user).order_by("-at", "-pk")
    return [Earlier(row.at, names.get(row.field, row.field), row.value or UNREADABLE) for row in found]


def forget_earlier(user: User) -> int:
    """Delete all of it; how many there were."""
    count, _by_table = EarlierValue.objects.filter(user=user).delete()
    return count


def names_of_fields() -> dict[str, Text]:
    """What the fields of the record entry are called."""
    return {field.name: field.verbose_name for field in (*_plain(User), *_plain(Profile))}


def _plain(model: type[models.Model]) -> Iterable[models.CharField[str, str]]:
    return (field for field in model._meta.concrete_fields if isinstance(field, models.CharField))


def _drop_oldest(user: User, name: str) -> None:
    kept = EarlierValue.objects.filter(user=user, field=name).order_by("-at", "-pk").values("pk")[:MOST_OF_FIELD]
    EarlierValue.objects.filter(user=user, field=name).exclude(pk__in=kept).delete()
