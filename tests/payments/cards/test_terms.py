"""How long a payment by card is kept: what was charged as the books are, what never was for a month (Art. 5(1)(e))."""

import json
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from audit.trail import Actor
from datamap.catalogue import length_of
from datamap.notice import notice
from datamap.periods import RIGA
from datamap.trace import subject_of_user
from payments.models import CardPayment
from payments.models.cards import NEVER_CHARGED, PaymentState
from retention.erasure import execute_erasure, plan_erasure
from retention.sweeps import sweep_all
from tests.dsar.conftest import copy_about

pytestmark = pytest.mark.django_db

MONTH = length_of("CARD_NEVER_CHARGED")


def one_of_each(person: User, *, age: timedelta = timedelta(0)) -> None:
    """A payment in every state, of which nobody has heard for so long."""
    at = timezone.now() - age
    for state in PaymentState:
        is_charged = state not in {*NEVER_CHARGED, PaymentState.CHARGING, PaymentState.UNCLEAR}
        CardPayment.objects.create(
            payable_kind="order",
            payable_id=uuid4(),
            payer=person,
            amount=Decimal(5),
            state=state,
            answer="x" if state == PaymentState.DECLINED else "",
            transaction_id=f"t-{state}" if is_charged else "",
            paid_at=at if is_charged else None,
            began_at=at,
            changed_at=at,
        )


def left() -> set[str]:
    return set(CardPayment.objects.values_list("state", flat=True))


@pytest.mark.clause("Q10.3")
def test_what_was_never_charged_goes_after_a_month_and_nothing_else(person: User) -> None:
    one_of_each(person, age=MONTH - timedelta(minutes=1))
    sweep_all(now=timezone.now(), apply=True)
    assert left() == set(PaymentState.values), "not a minute sooner"
    CardPayment.objects.update(changed_at=timezone.now() - MONTH)
    sweep_all(now=timezone.now(), apply=True)
    assert left() == set(PaymentState.values) - set(NEVER_CHARGED)


@pytest.mark.clause("Q10.3")
def test_with_the_account_goes_what_was_never_charged_at_once(person: User) -> None:
    one_of_each(person)
    subject, now = subject_of_user(person), timezone.now()
    plan = plan_erasure(subject, now=now, archive=False)
    execute_erasure(
        case_number="QP-2026-CARDS",
        subject=subject,
        plan_digest=plan.digest,
        objection_to_archive=True,
        actor=Actor.system("test"),
        now=now,
    )
    assert not left() & set(NEVER_CHARGED)
    assert left() >= {PaymentState.PAID, PaymentState.SETTLED}
    assert not CardPayment.objects.exclude(payer=None).exists()


def test_the_notice_says_both_terms() -> None:
    rows = [row for purpose in notice().purposes for row in purpose.rows]
    said = {str(row.label): str(row.period) for row in rows}
    assert said["maksājumi, kas tā arī nenotika"] == "30 dienas"


def test_her_copy_says_of_each_the_day_on_which_it_goes(person: User) -> None:
    one_of_each(person)
    with copy_about(subject_of_user(person)) as copy:
        tables = json.loads(copy.read("data.json"))["tables"]
    (table,) = (one for one in tables if one["table"] == "payments.CardPayment")
    month = (timezone.now() + MONTH).astimezone(RIGA).date()
    assert table["first_goes_on"] == month.isoformat()
    assert table["last_goes_on"] > month.replace(year=month.year + 4).isoformat()
