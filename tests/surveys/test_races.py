"""A change of answers beside a withdrawal or an erasure of the same moment brings nothing back (Art. 7(3), Q16.6)."""

import time
from collections.abc import Callable
from threading import Thread

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from consent.services import AccountGone, give, give_by_address, withdraw
from datamap.uses import NotPermitted
from surveys.answering import Given, NotOpen, answer, answer_by_link
from surveys.ending import withdraw_address
from surveys.models import Participation, Survey, fingerprint
from surveys.terms import Audience
from tests.consents import HOW
from tests.surveys.making import made
from vault.tokens import email_token

LIGA = "liga@example.lv"

pytestmark = [pytest.mark.usefixtures("published_texts"), pytest.mark.django_db(transaction=True)]


def given(survey: Survey) -> Given:
    """A change: the consent is on record already."""
    return Given({}, asked=fingerprint(survey), language="lv", place="/surveys/")


def beside(first: Callable[[], object], second: Callable[[], object]) -> Exception | None:
    """The second begins while the first is not yet committed, and waits for it; what it raised."""
    raised: list[Exception] = []

    def run() -> None:
        try:
            second()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            raised.append(error)
        finally:
            connection.close()

    thread = Thread(target=run)
    with transaction.atomic():
        first()
        thread.start()
        time.sleep(0.3)
        assert thread.is_alive(), "it waits"
    thread.join()
    return raised[0] if raised else None


@pytest.mark.requirement("L7")
def test_a_change_beside_a_withdrawal_brings_nothing_back(person: User) -> None:
    survey = made()
    give(person.pk, "SURVEY", **HOW, now=timezone.now(), scope=survey.scope)
    answer(person.pk, survey.pk, given(survey), now=timezone.now())
    raised = beside(
        lambda: withdraw(person.pk, "SURVEY", **HOW, now=timezone.now(), scope=survey.scope),
        lambda: answer(person.pk, survey.pk, given(survey), now=timezone.now()),
    )
    assert isinstance(raised, NotPermitted)
    assert not Participation.objects.exists()


@pytest.mark.requirement("L7")
def test_a_change_by_link_beside_a_withdrawal_brings_nothing_back() -> None:
    survey = made(audience=Audience.ADDRESS)
    give_by_address(LIGA, "SURVEY", **HOW, now=timezone.now(), scope=survey.scope)
    row = Participation(survey=survey, email=LIGA, email_token=email_token(LIGA), ends_at=survey.answers_end_at)
    row.save()
    answer_by_link(row.pk, given(survey), now=timezone.now())
    raised = beside(
        lambda: withdraw_address(row.email_token, survey.scope, how=HOW, now=timezone.now()),
        lambda: answer_by_link(row.pk, given(survey), now=timezone.now()),
    )
    assert isinstance(raised, NotOpen)
    assert not Participation.objects.exists()


@pytest.mark.requirement("L7")
def test_answers_of_an_account_that_is_erased_at_this_moment_are_not_kept(person: User) -> None:
    survey = made()
    give(person.pk, "SURVEY", **HOW, now=timezone.now(), scope=survey.scope)
    raised = beside(
        lambda: User.objects.filter(pk=person.pk).delete(),
        lambda: answer(person.pk, survey.pk, given(survey), now=timezone.now()),
    )
    assert isinstance(raised, AccountGone)
    assert not Participation.objects.exists()
