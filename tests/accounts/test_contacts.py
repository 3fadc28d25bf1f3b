"""A contact detail is shown with the one listing and in the one way its owner chose, and only while she does (K7)."""

from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.contacts import Channel, published_contact
from accounts.models import Profile, User
from consent.services import give, withdraw
from consent.terms import Method
from datamap.gate import may_process
from datamap.scopes import contact_scope
from datamap.trace import Subject, subject_of_user
from datamap.uses import NotPermitted
from retention.restriction import place
from retention.standing import RestrictionGround

HOW: dict[str, Any] = {"language": "lv", "method": Method.CONSENTS_PAGE, "place": "/listings/"}
LISTING, OTHER = uuid4(), uuid4()
PHONE = "+371 20000001"

pytestmark = pytest.mark.usefixtures("published_texts")


@pytest.fixture
def anna(person: User) -> Subject:
    Profile.objects.update_or_create(user=person, defaults={"phone": PHONE})
    return subject_of_user(person)


def agree(person: User) -> None:
    give(person.pk, "CONTACT_PUBLISH", **HOW, scope=contact_scope(LISTING, Channel.PHONE), now=timezone.now())


@pytest.mark.clause("Q8.13", "Q8.15")
def test_a_telephone_is_shown_only_where_its_owner_agreed(anna: Subject, person: User) -> None:
    with pytest.raises(NotPermitted):
        published_contact(anna, LISTING, Channel.PHONE, now=timezone.now())
    agree(person)
    assert published_contact(anna, LISTING, Channel.PHONE, now=timezone.now()) == PHONE
    for listing, channel in ((OTHER, Channel.PHONE), (LISTING, Channel.EMAIL)):
        with pytest.raises(NotPermitted):
            published_contact(anna, listing, channel, now=timezone.now())


@pytest.mark.clause("Q16.6")
def test_after_the_withdrawal_it_is_shown_nowhere(anna: Subject, person: User) -> None:
    agree(person)
    scope = contact_scope(LISTING, Channel.PHONE)
    withdraw(person.pk, "CONTACT_PUBLISH", **HOW, scope=scope, now=timezone.now())
    with pytest.raises(NotPermitted, match="withdrawn"):
        published_contact(anna, LISTING, Channel.PHONE, now=timezone.now())


def test_nobody_else_is_shown_by_her_consent(anna: Subject, person: User, other_person: User) -> None:
    agree(person)
    with pytest.raises(NotPermitted):
        published_contact(subject_of_user(other_person), LISTING, Channel.PHONE, now=timezone.now())


def test_while_her_data_are_restricted_nothing_is_shown(anna: Subject, person: User, officer: User) -> None:
    agree(person)
    ground = RestrictionGround.ACCURACY
    place(person, ground=ground, case_number="QP-1", reason="disputed", by=officer, now=timezone.now())
    with pytest.raises(NotPermitted, match=r"Art\. 18"):
        published_contact(anna, LISTING, Channel.PHONE, now=timezone.now())


def test_the_gate_answers_for_a_piece_only_and_for_a_whole_only(anna: Subject, person: User) -> None:
    agree(person)
    give(person.pk, "LOYALTY", **HOW, now=timezone.now())
    now, scope = timezone.now(), contact_scope(LISTING, Channel.PHONE)
    assert may_process(anna, "CONTACT_PUBLISH", scope=scope, now=now)
    assert not may_process(anna, "CONTACT_PUBLISH", now=now)
    assert may_process(anna, "LOYALTY", now=now)
    assert not may_process(anna, "LOYALTY", scope=scope, now=now)
