"""What a seller is owed after a payment by card: asked where to, sent once, the number forgotten (clause 9.1)."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.models import Entry
from audit.trail import Actor
from mailing.sealing import open_letter
from payments.models import Payout, PayoutState
from payments.payables import Payable
from payments.payouts.services import PayoutRefused, give_account, note_sent, owe, owed_in_all
from tests.letters import last_message
from tests.marketplace.test_leaving import leave
from tests.people import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]

IBAN = "LV80BANK0000435195001"
ACCOUNTANT = Actor.system("test")


@pytest.fixture
def owed(person: User) -> Payout:
    return owe(Payable("order", uuid4(), Decimal("40.00")), person, now=timezone.now())


@pytest.fixture
def seller(client: Client, person: User) -> Client:
    """Anna, who has just given her password."""
    client.force_login(person)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def letter_to(person: User) -> str:
    return open_letter(last_message(to_address=person.email)).text


def page(owed: Payout) -> str:
    return reverse("payments:payout", args=[owed.pk])


def test_the_same_is_owed_once_and_the_seller_is_asked_where_to(person: User, owed: Payout) -> None:
    assert owe(Payable("order", owed.payable_id, Decimal("40.00")), person, now=timezone.now()) == owed
    assert page(owed) in letter_to(person)
    assert owed_in_all() == Decimal("40.00")


def test_where_the_money_goes_is_said_after_the_password_and_by_the_seller_alone(
    client: Client, person: User, other_person: User, owed: Payout
) -> None:
    client.force_login(other_person)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.post(page(owed), {"iban": IBAN}).status_code == 404
    client.force_login(person)
    assert client.post(page(owed), {"iban": IBAN}).status_code == 302
    owed.refresh_from_db()
    assert (owed.state, owed.iban) == (PayoutState.NO_ACCOUNT, "")
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.post(page(owed), {"iban": "lv80 bank 0000 4351 9500 1"}).status_code == 302
    owed.refresh_from_db()
    assert (owed.state, owed.iban) == (PayoutState.READY, IBAN)


@pytest.mark.parametrize("iban", ["", "LV80BANK0000435195002", "LV80BANK000043519500", "<script>", "9" * 60, "LV80\0"])
def test_what_is_no_account_number_gets_its_sentence(seller: Client, owed: Payout, iban: str) -> None:
    answer = seller.post(page(owed), {"iban": iban})
    owed.refresh_from_db()
    assert (answer.status_code, owed.iban) == (400, "")


@pytest.mark.requirement("C1")
def test_the_number_is_sealed_while_it_waits_and_gone_when_the_money_is_sent(person: User, owed: Payout) -> None:
    give_account(owed, IBAN)
    with connection.cursor() as cursor:
        cursor.execute("SELECT iban, payments_payout::text FROM payments_payout")
        kept, row = cursor.fetchone()
    assert kept
    assert IBAN not in row
    assert IBAN.encode() not in bytes(kept)
    note_sent(owed.pk, bank_reference="FT-77", actor=ACCOUNTANT, now=timezone.now())
    owed.refresh_from_db()
    assert (owed.state, owed.iban, owed.bank_reference) == (PayoutState.SENT, "", "FT-77")
    assert Entry.objects.filter(action="payout.sent").count() == 1
    assert page(owed) in letter_to(person)


def test_nothing_is_sent_twice_nor_nowhere_nor_led_elsewhere_afterwards(owed: Payout) -> None:
    sent: dict[str, Any] = {"actor": ACCOUNTANT, "now": timezone.now()}
    with pytest.raises(PayoutRefused):
        note_sent(owed.pk, bank_reference="FT-1", **sent)
    give_account(owed, IBAN)
    note_sent(owed.pk, bank_reference="FT-1", **sent)
    with pytest.raises(PayoutRefused):
        note_sent(owed.pk, bank_reference="FT-2", **sent)
    with pytest.raises(PayoutRefused):
        give_account(owed, "LV97HABA0012345678910")
    owed.refresh_from_db()
    assert (owed.bank_reference, owed.iban) == ("FT-1", "")


@pytest.mark.clause("Q9.3")
def test_the_debt_and_the_number_outlive_the_account_until_it_is_paid(person: User, owed: Payout) -> None:
    give_account(owed, IBAN)
    leave(person)
    owed.refresh_from_db()
    assert (owed.user_id, owed.iban, owed.amount) == (None, IBAN, Decimal("40.00"))
    note_sent(owed.pk, bank_reference="FT-9", actor=ACCOUNTANT, now=timezone.now())
    owed.refresh_from_db()
    assert (owed.state, owed.iban) == (PayoutState.SENT, "")


@pytest.mark.requirement("G3", "G6")
def test_an_accountant_sees_a_number_for_a_reason_on_record_and_others_none(
    client: Client, officer: User, owed: Payout
) -> None:
    give_account(owed, IBAN)
    change = reverse("admin:payments_payout_change", args=[owed.pk])
    sent = reverse("admin:payments_payout_sent", args=[owed.pk])
    client.force_login(officer)
    assert client.get(change).status_code == 403
    assert client.post(sent, {"bank_reference": "FT-3"}).status_code == 403
    officer.user_permissions.add(Permission.objects.get(codename="send_payout"))
    assert IBAN not in client.get(reverse("admin:payments_payout_changelist")).content.decode()
    assert IBAN not in client.get(change).content.decode()
    reveal = reverse("admin:payments_payout_reveal", args=[owed.pk])
    assert IBAN not in client.post(reveal, {"reason": ""}).content.decode()
    assert IBAN in client.post(reveal, {"reason": "to_answer"}).content.decode()
    assert Entry.objects.filter(action="revealed", subject=str(owed.user_id)).exists()
    client.post(sent, {"bank_reference": ""})
    owed.refresh_from_db()
    assert owed.state == PayoutState.READY
    client.post(sent, {"bank_reference": "FT-3"})
    owed.refresh_from_db()
    assert (owed.state, owed.bank_reference) == (PayoutState.SENT, "FT-3")
