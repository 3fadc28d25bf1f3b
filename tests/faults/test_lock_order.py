"""Who files a request takes the ledger last: whoever holds the account, or a request, meanwhile can still write a line
of his own."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.trail import Actor
from datamap.terms import Right
from dsar.cases import note
from dsar.deadlines import Channel
from dsar.filing import Filed, file_several
from dsar.intake import Arrival
from dsar.models import CaseEvent, SubjectRequest
from dsar.services import file_by_address
from tests.faults.beside import elsewhere
from tests.faults.test_locks import until_somebody_waits

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("published_texts")]

ADDRESS = "janis@example.lv"


def file_for(person: User, *rights: Right) -> Filed:
    return file_several(person, rights, text="", now=timezone.now())


def file_under_address(*rights: Right) -> list[SubjectRequest]:
    arrival = Arrival(channel=Channel.PORTAL_TOKEN, at=timezone.now(), sender=ADDRESS)
    return file_by_address(ADDRESS, rights, arrival=arrival, language="lv", now=timezone.now())


@pytest.mark.requirement("F11")
def test_a_filing_beside_an_erasure_waits_without_the_ledger(person: User, other_person: User) -> None:
    """The erasure holds the account from its first statement on, and appends to the ledger with its last."""
    (case,) = file_for(other_person, Right.ACCESS).opened
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            User.objects.select_for_update().get(pk=person.pk)
            filing = pool.submit(elsewhere, lambda: file_for(person, Right.ACCESS, Right.OBJECTION))
            until_somebody_waits()
            note(case, "looked_at", actor=Actor.system("test"), now=timezone.now())
        filed = filing.result(timeout=60)
    assert len(filed.opened) == 2
    assert CaseEvent.objects.filter(case_number=case.number, action="looked_at").exists()


@pytest.mark.requirement("F11")
def test_a_message_that_goes_on_in_a_request_waits_for_who_works_on_it_without_the_ledger() -> None:
    (running,) = file_under_address(Right.ACCESS)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            SubjectRequest.objects.select_for_update().get(pk=running.pk)
            filing = pool.submit(elsewhere, lambda: file_under_address(Right.GENERAL, Right.ACCESS))
            until_somebody_waits()
            note(running, "looked_at", actor=Actor.system("test"), now=timezone.now())
        question, same = filing.result(timeout=60)
    assert (question.right, same.pk) == (Right.GENERAL, running.pk)
    assert CaseEvent.objects.filter(case_number=running.number, action="asked_again").exists()


@pytest.mark.requirement("F11")
def test_two_messages_of_a_person_wait_for_each_other_without_the_ledger(person: User) -> None:
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            file_for(person, Right.ACCESS)
            other = pool.submit(elsewhere, lambda: file_for(person, Right.ERASURE))
            until_somebody_waits()
            (erasure,) = file_for(person, Right.ERASURE).opened
        assert other.result(timeout=60).under_way == (erasure.number,)
