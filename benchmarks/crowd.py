"""People with rows in the tables that an erasure empties, made as fast as the database takes them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession

from accounts.models import LoginEvent, Profile, User
from datamap.registry import model_of, registry
from mailing.models import OutgoingMessage
from visits.models import Visit
from visits.partitions import ensure_days
from visits.terms import Kind, Platform

BATCH = 5000
SHARED = {"vault.DataKey", "replay.JournalEntry", "retention.ErasureRun", "retention.ArchiveRecord"}
"""Tables that an erasure writes to, or that a cascade of foreign keys knows nothing of."""


def make_people(count: int, *, log_ins: int, at: datetime) -> list[UUID]:
    """Accounts with a profile, an address, a session and some log-ins each."""
    users = [User(id=uuid4(), email=f"{uuid4().hex}@example.lv", given_name="A", date_joined=at) for _ in range(count)]
    User.objects.bulk_create(users, BATCH)
    Profile.objects.bulk_create([Profile(user=user) for user in users], BATCH)
    EmailAddress.objects.bulk_create([EmailAddress(user=user, email=user.email, primary=True) for user in users], BATCH)
    UserSession.objects.bulk_create(
        [UserSession(user=user, session_key=uuid4().hex, ip="192.0.2.1", last_seen_at=at) for user in users], BATCH
    )
    events = (
        LoginEvent(user=user, at=at + timedelta(minutes=n), kind="login") for user in users for n in range(log_ins)
    )
    LoginEvent.objects.bulk_create(events, BATCH)
    return [user.pk for user in users]


def give_rows(user_id: UUID, rows: int, *, at: datetime) -> None:
    """So many more rows of one person, over the tables that grow."""
    user = User.objects.get(pk=user_id)
    each = rows // 3
    ensure_days({at.date()})
    LoginEvent.objects.bulk_create(LoginEvent(user=user, at=at, kind="login") for _ in range(rows - 2 * each))
    OutgoingMessage.objects.bulk_create(
        OutgoingMessage(to_address=user.email, purpose="SERVICE", language="lv", subject="x", created_at=at)
        for _ in range(each)
    )
    page: dict[str, Any] = {"kind": Kind.PAGE, "platform": Platform.DESKTOP, "path": "/", "status": 200}
    Visit.objects.bulk_create(Visit(at=at, user_id=user_id, response_ms=1, **page) for _ in range(each))


def left() -> dict[str, int]:
    """How many rows every declared table holds now, ledgers and what only erasures write left out."""
    return {
        holding.model: model_of(holding)._base_manager.count()
        for holding in registry().holdings
        if not holding.ledger and holding.model not in SHARED
    }
