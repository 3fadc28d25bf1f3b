"""What Braintree calls a state is told in words to whoever reads a copy, in her language (Art. 12(1))."""

import json
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from datamap.trace import subject_of_user
from payments.cards.recording import _RANKS, _REFUSED
from payments.cards.words import STATUS
from payments.models import CardPayment
from payments.models.cards import PaymentState
from tests.dsar.conftest import copy_about


@pytest.mark.django_db
def test_her_copy_says_how_far_a_payment_is_in_words(person: User) -> None:
    now = timezone.now()
    CardPayment.objects.create(
        payable_kind="order",
        payable_id=uuid4(),
        payer=person,
        amount=Decimal(5),
        state=PaymentState.PAID,
        status="submitted_for_settlement",
        transaction_id="t1",
        paid_at=now,
        began_at=now,
        changed_at=now,
    )
    with copy_about(subject_of_user(person)) as copy:
        (table,) = (
            one for one in json.loads(copy.read("data.json"))["tables"] if one["table"] == "payments.CardPayment"
        )
    assert "banka piekritusi, nauda vēl jāpārskaita" in json.dumps(table["rows"], ensure_ascii=False)


def test_every_state_that_we_tell_apart_has_words() -> None:
    assert set(_RANKS) | set(_REFUSED) == set(STATUS)
