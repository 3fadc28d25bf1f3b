"""Who files a request takes the ledger last: whoever holds the account meanwhile can still write a line of his own."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from audit.trail import Actor
from datamap.terms import Right
from dsar.cases import note
from dsar.filing import Filed, file_several
from dsar.models import CaseEvent
from tests.faults.test_locks import until_somebody_waits

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("published_texts")]


def file_for(person: User, *rights: Right) -> Filed:
    try:
        return file_several(person, rights, text="", now=timezone.now())
    finally:
        connection.close()


@pytest.mark.requirement("F11")
def test_a_filing_beside_an_erasure_waits_without_the_ledger(person: User, other_person: User) -> None:
    """The erasure holds the account from its first statement on, and appends to the ledger with its last."""
    (case,) = file_for(other_person, Right.ACCESS).opened
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            User.objects.select_for_update().get(pk=person.pk)
            filing = pool.submit(file_for, person, Right.ACCESS, Right.OBJECTION)
            until_somebody_waits()
            note(case, "looked_at", actor=Actor.system("test"), now=timezone.now())
        filed = filing.result(timeout=60)
    assert len(filed.opened) == 2
    assert CaseEvent.objects.filter(case_number=case.number, action="looked_at").exists()
