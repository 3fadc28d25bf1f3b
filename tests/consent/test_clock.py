"""What a person decided last holds, also after a clock that had run ahead was set back (Art. 7(3))."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from consent.models import ConsentEvent, SubscriptionEvidence
from consent.queries import current_status
from consent.services import give, note_subscription, withdraw
from consent.terms import ConsentPurpose
from datamap.gate import may_process
from datamap.trace import subject_of_user

pytestmark = pytest.mark.usefixtures("published_texts")

PURPOSE = ConsentPurpose.MARKETING_EMAIL
AHEAD = datetime(2031, 5, 1, 12, tzinfo=UTC)
BACK = AHEAD - timedelta(days=60)
WHERE: dict[str, Any] = {"language": "lv", "method": "consents_page", "place": "/privacy/consents/"}


@pytest.mark.clause("Q16.6")
@pytest.mark.requirement("F20")
def test_a_withdrawal_after_the_clock_was_set_back_holds_now_and_when_it_has_caught_up(person: User) -> None:
    give(person.pk, PURPOSE, now=AHEAD, **WHERE)
    withdraw(person.pk, PURPOSE, now=BACK, **WHERE)
    assert ConsentEvent.objects.count() == 2
    assert not any(
        may_process(subject_of_user(person), PURPOSE, now=at) for at in (BACK, AHEAD, AHEAD + (AHEAD - BACK))
    )


@pytest.mark.clause("Q16.6")
@pytest.mark.requirement("F20")
def test_a_withdrawal_made_before_the_clock_was_set_back_is_not_forgotten(person: User) -> None:
    give(person.pk, PURPOSE, now=BACK - timedelta(days=1), **WHERE)
    withdraw(person.pk, PURPOSE, now=AHEAD, **WHERE)
    assert not may_process(subject_of_user(person), PURPOSE, now=BACK)


@pytest.mark.clause("Q16.6")
@pytest.mark.requirement("F20")
def test_a_consent_given_after_the_clock_was_set_back_holds_and_its_evidence_ends_with_it(person: User) -> None:
    withdraw(person.pk, PURPOSE, now=AHEAD, **WHERE)
    note_subscription(give(person.pk, PURPOSE, now=BACK, **WHERE), ip="192.0.2.1")
    assert current_status(person.pk, PURPOSE, now=BACK).permits
    withdraw(person.pk, PURPOSE, now=BACK, **WHERE)
    assert SubscriptionEvidence.objects.get().ends_at is not None
