"""A sign-up that nobody confirms is gone after seven days (retention rule T22, Art. 5(1)(c))."""

from datetime import datetime
from typing import Final

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from datamap.catalogue import period
from datamap.declarations import Holding
from datamap.periods import Elapsed
from datamap.standstill import without_kept
from datamap.sweeping import SweepCounts

BATCH: Final = 200


def purge_unconfirmed(holding: Holding, *, now: datetime, apply: bool = True) -> SweepCounts:
    """Deletes accounts whose address was never confirmed in the seven days after sign-up; without `apply` only counts.

    Ends when a batch is empty: whoever confirms in between is no longer in it.
    """
    late = unconfirmed_accounts(now=now)
    due = without_kept(late, holding)
    deleted, found = 0, late.count()
    held = found - due.count()
    while apply and (gone := _delete_batch(due)):
        deleted += gone
    oldest = User.objects.order_by("date_joined").values_list("date_joined", flat=True).first()
    return SweepCounts(due=found, deleted=deleted, held=held, oldest_at=oldest)


def unconfirmed_accounts(*, now: datetime) -> QuerySet[User]:
    """Accounts that are due. Staff are left out: theirs are opened by hand and wait for their first log-in."""
    term = period("OPT_IN").term
    if not isinstance(term, Elapsed):
        raise TypeError("The opt-in period is counted in elapsed time.")
    confirmed = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    old = User.objects.filter(date_joined__lte=term.latest_due_start(now), is_staff=False)
    return old.filter(~Exists(confirmed)).order_by("pk")


@transaction.atomic
def _delete_batch(due: QuerySet[User]) -> int:
    locked = list(due.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[:BATCH])
    User.objects.filter(pk__in=locked).delete()
    return len(locked)
