"""A no by request ends a subscription too; a fresh yes of the account is not silenced by an old no (Q13.8, Q13.10)."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from consent.queries import current_status_of_token
from consent.services import give, give_by_address
from consent.terms import Method
from datamap.refusing import Way, withdraw_consents
from datamap.trace import Subject
from mailing.services import is_suppressed
from newsletters.models import Subscription
from newsletters.stopping import WayOut, stop
from vault.tokens import email_token

LIGA = "liga@example.lv"
HOW: dict[str, Any] = {"language": "lv", "method": Method.NEWSLETTER_FORM, "place": "/newsletter/"}

pytestmark = pytest.mark.usefixtures("published_texts")


@pytest.mark.clause("Q13.8", "Q19.5")
def test_a_withdrawal_by_letter_ends_a_subscription_without_an_account(db: None) -> None:
    now = timezone.now()
    give_by_address(LIGA, "MARKETING_EMAIL", **HOW, now=now)
    Subscription.objects.create(email_token=email_token(LIGA), email=LIGA, language="lv", confirmed_at=now)
    ended = withdraw_consents(Subject(emails=frozenset({LIGA})), language="lv", way=Way.PAPER, now=now)
    assert ended == ["MARKETING_EMAIL"]
    status = current_status_of_token(email_token(LIGA), "MARKETING_EMAIL", now=timezone.now())
    assert (status.state, status.event and status.event.method) == ("withdrawn", "paper")
    assert not Subscription.objects.exists()


@pytest.mark.clause("Q13.10")
def test_who_gives_the_consent_anew_is_taken_off_the_list(person: User) -> None:
    give(person.pk, "MARKETING_EMAIL", **HOW, now=timezone.now())
    stop(WayOut(email_token(person.email), person.pk), language="lv", place="/", now=timezone.now())
    assert is_suppressed(person.email)
    give(person.pk, "PROFILING", **HOW, now=timezone.now())
    assert is_suppressed(person.email), "another consent says nothing about advertising"
    give(person.pk, "MARKETING_EMAIL", **HOW, now=timezone.now())
    assert not is_suppressed(person.email)
