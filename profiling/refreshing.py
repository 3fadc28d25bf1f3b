"""Once a day every profile is computed anew, so that it forgets with its views; without consent it ends (Q7.5)."""

import logging
from datetime import datetime
from typing import Final
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction

from consent.queries import current_status
from consent.turns import take_turn
from datamap.catalogue import length_of
from datamap.trace import subject_of_user
from datamap.uses import NotPermitted
from profiling.models import Interest, ItemView
from profiling.services import compute, end
from profiling.terms import PURPOSE
from vault.tokens import subject_token

EVERY: Final = length_of("ATTEMPTS")

log = logging.getLogger(__name__)


def refresh(*, now: datetime) -> int:
    """Compute what is a day old; how many profiles were. Whoever does not consent (any more) has hers ended."""
    return sum(_refresh(user_id, now=now) for user_id in _due(now=now))


def _due(*, now: datetime) -> list[UUID]:
    known = ItemView.objects.order_by().values_list("user_id").union(Interest.objects.order_by().values_list("user_id"))
    fresh = set(Interest.objects.filter(computed_at__gt=now - EVERY).values_list("user_id", flat=True))
    return sorted(user_id for (user_id,) in known if user_id not in fresh)


def _refresh(user_id: UUID, *, now: datetime) -> bool:
    user = get_user_model()._default_manager.filter(pk=user_id).first()
    if user is None:
        return False
    try:
        compute(subject_of_user(user), now=now)
    except NotPermitted as refusal:
        log.info("profile not computed: %s", refusal.decision.reason)
        _end_without_consent(user_id, now=now)
        return False
    return True


def _end_without_consent(user_id: UUID, *, now: datetime) -> None:
    """New words that nobody agreed to end it without an event (Q20.3). Restricted data stay, unused."""
    with transaction.atomic():
        take_turn(subject_token(user_id))
        if not current_status(user_id, PURPOSE, now=now).permits:
            end(user_id, PURPOSE, now=now)
