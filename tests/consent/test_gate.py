"""What the gate hears from consent: yes only on an express consent that holds at the moment of use."""

from datetime import timedelta
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from accounts.models import User
from consent.cookie_choices import CookieAnswer, record_cookie_choice
from consent.services import give, withdraw
from consent.terms import Method
from datamap.gate import may_process
from datamap.trace import Subject, subject_of_user
from tests.consents import HOW

pytestmark = pytest.mark.usefixtures("published_texts")


@pytest.mark.clause("Q7.4", "Q13.1")
def test_commercial_mail_needs_a_consent_that_still_holds_when_it_is_sent(person: User) -> None:
    now = timezone.now()
    anna = subject_of_user(person)
    assert not may_process(anna, "MARKETING_EMAIL", now=now)
    give(person.pk, "MARKETING_EMAIL", **HOW, now=now)
    assert may_process(anna, "MARKETING_EMAIL", now=now + timedelta(hours=1))
    withdraw(person.pk, "MARKETING_EMAIL", **HOW, now=now + timedelta(hours=2))
    assert not may_process(anna, "MARKETING_EMAIL", now=now + timedelta(hours=2))


@pytest.mark.clause("Q13.1")
def test_commercial_mail_goes_only_to_a_verified_address_of_the_person_who_agreed(person: User) -> None:
    now = timezone.now()
    give(person.pk, "MARKETING_EMAIL", **HOW, now=now)
    elsewhere = Subject(user_id=person.pk, emails=frozenset({"other@example.lv"}))
    assert not may_process(elsewhere, "MARKETING_EMAIL", now=now)
    EmailAddress.objects.update(verified=False)
    assert not may_process(subject_of_user(person), "MARKETING_EMAIL", now=now)


def test_an_address_alone_leads_to_the_account_that_verified_it(person: User, other_person: User) -> None:
    now = timezone.now()
    give(person.pk, "MARKETING_EMAIL", **HOW, now=now)
    assert may_process(Subject(emails=frozenset({person.email})), "MARKETING_EMAIL", now=now)
    assert not may_process(Subject(emails=frozenset({other_person.email})), "MARKETING_EMAIL", now=now)
    assert not may_process(Subject(emails=frozenset({"nobody@example.lv"})), "MARKETING_EMAIL", now=now)


@pytest.mark.clause("Q7.5")
def test_a_profile_needs_its_own_consent(person: User) -> None:
    now = timezone.now()
    give(person.pk, "MARKETING_EMAIL", **HOW, now=now)
    assert not may_process(subject_of_user(person), "PROFILING", now=now)


def test_a_purpose_on_another_basis_is_not_the_business_of_consent(person: User) -> None:
    assert may_process(subject_of_user(person), "SERVICE", now=timezone.now())


def test_a_cookie_consent_belongs_to_its_receipt_and_runs_out() -> None:
    now = timezone.now()
    yes = CookieAnswer("COOKIE_FUNCTIONAL", "language", yes=True)
    receipt = record_cookie_choice([yes], receipt=None, language="lv", method=Method.COOKIE_BANNER, now=now)
    visitor = Subject(visitors=frozenset({str(receipt)}))
    assert may_process(visitor, "COOKIE_FUNCTIONAL", now=now)
    assert not may_process(visitor, "COOKIE_ANALYTICS", now=now)
    assert may_process(visitor, "COOKIE_FUNCTIONAL", now=now + timedelta(days=181))
    assert not may_process(visitor, "COOKIE_FUNCTIONAL", now=now + timedelta(days=182))
    assert not may_process(Subject(visitors=frozenset({str(uuid4()), "no receipt"})), "COOKIE_FUNCTIONAL", now=now)


def test_a_no_to_one_service_is_a_no_to_the_kind_as_a_whole() -> None:
    now, how = timezone.now(), {"language": "lv", "method": Method.COOKIE_SETTINGS}
    both = [CookieAnswer("COOKIE_ANALYTICS", key, yes=True) for key in ("measuring", "counting")]
    receipt = record_cookie_choice(both, receipt=None, now=now, **how)
    visitor = Subject(visitors=frozenset({str(receipt)}))
    assert may_process(visitor, "COOKIE_ANALYTICS", now=now)
    no = CookieAnswer("COOKIE_ANALYTICS", "counting", yes=False)
    record_cookie_choice([no], receipt=receipt, now=now + timedelta(seconds=1), **how)
    assert not may_process(visitor, "COOKIE_ANALYTICS", now=now + timedelta(seconds=1))
