"""A sign-up that nobody confirms is gone after seven days (retention rule T22, Art. 5(1)(c))."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from datamap.catalogue import length_of


def unconfirmed_accounts(*, now: datetime) -> QuerySet[User]:
    """Accounts whose address was never confirmed in the seven days after sign-up; the sweep erases them whole.

    Staff are left out: theirs are opened by hand and wait for their first log-in.
    """
    confirmed = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    old = User.objects.filter(date_joined__lte=now - length_of("OPT_IN"), is_staff=False)
    return old.filter(~Exists(confirmed)).order_by("pk")
