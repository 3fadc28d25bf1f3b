"""Orders the letter about a materially changed policy, in the transaction that publishes it (Q20.2)."""

from datetime import datetime

from django.contrib.auth import get_user_model

from consent.models import PolicyMailing, TextKind, TextVersion


def order_letters(master: TextVersion, *, now: datetime) -> PolicyMailing | None:
    """Everybody who has an account now gets one letter; nobody for an editorial change or the very first version."""
    earlier = TextVersion.objects.filter(code=master.code, language=master.language).exclude(pk=master.pk)
    if master.kind != TextKind.POLICY or not master.material or not earlier.exists():
        return None
    people = get_user_model()._default_manager.filter(date_joined__lte=now).count()
    return PolicyMailing.objects.create(text=master, ordered_at=now, people=people)
