"""What those of the demo have who take part in the loyalty programme, or agreed to a profile."""

from datetime import datetime, timedelta
from decimal import Decimal

from accounts.models import User
from datamap.trace import subject_of_user
from loyalty.services import credit, take_back
from loyalty.terms import Purchase, Refund
from profiling.services import record_view
from profiling.terms import Seen

_ORDERS = (("0001", "24.90", 50), ("0002", "7.35", 20), ("0003", "112.00", 3))
_SEEN = ("fishing", "fishing", "books", "fishing", "tools", "books", "fishing", "books", "shoes")


def seed_offers(user: User, purposes: set[str], *, now: datetime) -> None:
    """Orders with points and a refund; items looked at. Only for the purposes that she consents to."""
    person = subject_of_user(user)
    if "LOYALTY" in purposes:
        number = f"DEMO-{user.email.partition('@')[0].upper()}"
        for order, euros, hours_ago in _ORDERS:
            at = now - timedelta(hours=hours_ago)
            credit(person, Purchase(f"{number}-{order}", Decimal(euros), at), now=at)
        at = now - timedelta(hours=2)
        take_back(Refund(f"{number}-0001", f"{number}-R1", Decimal("4.90"), at), now=at)
    if "PROFILING" in purposes:
        for place, category in enumerate(_SEEN):
            at = now - timedelta(hours=2 * len(_SEEN) - place)
            record_view(person, Seen(f"DEMO-{place + 1:04}", category, at), now=at)
