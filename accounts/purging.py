"""A sign-up that nobody confirms is gone after seven days (retention rule T22, Art. 5(1)(c))."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from datamap.catalogue import length_of
from datamap.declarations import Holding
from datamap.standstill import without_kept


def unconfirmed_accounts(*, now: datetime) -> QuerySet[User]:
    """Accounts whose address was never confirmed in the seven days after sign-up; the sweep erases them whole.

    Staff are left out: theirs are opened by hand and wait for their first log-in.
    """
    confirmed = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    old = User.objects.filter(date_joined__lte=now - length_of("OPT_IN"), is_staff=False)
    return old.filter(~Exists(confirmed)).order_by("pk")


def is_anybody_left(holding: Holding, *, now: datetime) -> bool:
    """Whether the sweep has left somebody, at a price that does not grow with those who have confirmed.

    Asked from the addresses that nobody confirmed, of which an index knows. An account without any address, which no
    page of ours makes, goes with the sweep too and raises no alarm.
    """
    waiting = EmailAddress.objects.filter(verified=False).values("user")
    return without_kept(unconfirmed_accounts(now=now).filter(pk__in=waiting), holding).exists()
