"""Data go to a processor only while its contract is in force, and what waits goes when it is renewed (Q8.6)."""

from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.ledger import verify
from audit.models import Entry
from datamap.catalogue import catalogue
from datamap.terms import RecipientRole
from datamap.transfers import UnknownRecipient, may_hand_over
from mailing.models import OutgoingMessage, State
from mailing.services import send
from outbox.contracts import require_contract
from outbox.handlers import Waits
from outbox.models import Effect
from outbox.queries import backlog
from outbox.services import drain
from registers.contracts import contract_on, decide, handed_over
from registers.models import ContractVersion, Reminder
from registers.refusals import RegisterRefused
from registers.watch import watch
from tests.registers.conftest import NOW, columns, contract, desk, expired

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
YESTERDAY, TOMORROW = date(2026, 11, 21), date(2026, 11, 23)


@pytest.fixture
def mailgun(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.registers.mailgun.Backend"


@pytest.mark.clause("Q8.6")
def test_a_fresh_installation_has_a_contract_with_every_processor() -> None:
    codes = [code for code, item in catalogue().recipients.items() if item.role is RecipientRole.PROCESSOR]
    assert codes
    assert [code for code in codes if not may_hand_over(code, now=NOW)] == []


@pytest.mark.clause("Q8.6")
def test_the_last_day_of_a_contract_still_counts(first: User) -> None:
    expired(first, on=TODAY)
    assert decide("MAILGUN", TODAY)
    assert not decide("MAILGUN", TOMORROW)


@pytest.mark.clause("Q8.6")
def test_the_end_of_the_transfer_mechanism_ends_the_hand_over_too(first: User) -> None:
    contract(first, transfer_ends_on=YESTERDAY)
    assert "transfer mechanism ended" in may_hand_over("MAILGUN", now=NOW).reason


def test_a_renewal_that_begins_later_leaves_today_as_it_is(first: User) -> None:
    contract(first, starts_on=TOMORROW, ends_on=date(2028, 1, 1))
    assert decide("MAILGUN", TODAY)
    assert contract_on("MAILGUN", TODAY).pk is None  # type: ignore[union-attr]
    assert not decide("MAILGUN", date(2028, 1, 2))


def test_nobody_asks_for_a_recipient_that_does_not_exist() -> None:
    with pytest.raises(UnknownRecipient):
        may_hand_over("NOBODY", now=NOW)


def test_what_is_for_a_service_that_nobody_declared_waits_too() -> None:
    with pytest.raises(Waits, match="no recipient of the catalogue"):
        require_contract("SENDGRID", now=NOW)


@pytest.mark.clause("Q8.6")
@pytest.mark.django_db(transaction=True)
def test_a_letter_waits_while_the_contract_is_expired_and_goes_when_it_is_renewed(first: User, mailgun: None) -> None:
    drain(now=NOW)  # what the accounts of the staff wrote
    mail.outbox.clear()
    expired(first, on=YESTERDAY)
    send("notice", to="anna@example.lv", language="en", purpose="ACCOUNTABILITY", context=_notice(), now=NOW)
    for hours in range(30):  # longer than the attempts of an effect last
        drain(now=NOW + timedelta(hours=hours))
    effect = Effect.objects.get(kind="mailing.deliver", finished_at=None)
    assert (effect.state, effect.attempts) == ("pending", 0)
    assert effect.last_error == "Waits: MAILGUN: the contract ended on 2026-11-21"
    assert (len(mail.outbox), OutgoingMessage.objects.filter(state=State.QUEUED).count()) == (0, 1)
    assert not backlog(now=NOW + timedelta(hours=29)).is_stuck
    contract(first, starts_on=TODAY)
    assert drain(now=NOW + timedelta(hours=31)).done == 1
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_a_server_of_our_own_needs_no_contract(first: User) -> None:
    drain(now=NOW)
    mail.outbox.clear()
    expired(first, on=YESTERDAY)
    send("notice", to="anna@example.lv", language="en", purpose="ACCOUNTABILITY", context=_notice(), now=NOW)
    assert drain(now=NOW).done == 1
    assert len(mail.outbox) == 1


@pytest.mark.clause("Q8.6")
def test_readiness_names_the_processor_that_gets_nothing(first: User, client: Client) -> None:
    assert client.get(reverse("readyz")).json()["checks"]["contracts"] == {"ok": True, "stopped": []}
    expired(first, on=YESTERDAY)
    assert client.get(reverse("readyz")).json()["checks"]["contracts"] == {"ok": False, "stopped": ["MAILGUN"]}


def test_staff_are_reminded_before_the_end_once_at_each_stage(first: User) -> None:
    expired(first, on=date(2027, 1, 15))
    letters = [watch(now=NOW + timedelta(days=days)) for days in (0, 1, 30, 31, 50, 51, 55, 56)]
    assert letters == [1, 0, 1, 0, 1, 0, 1, 0]
    stages = Reminder.objects.filter(code__contains="contract").order_by("id").values_list("code", flat=True)
    assert [code.rpartition(":")[2] for code in stages] == ["60", "30", "7", "0"]
    assert OutgoingMessage.objects.filter(to_address=catalogue().controller.email).count() == 4


def test_a_contract_that_was_not_looked_at_again_in_time_is_called_up(first: User) -> None:
    contract(first, review_on=TODAY)
    assert watch(now=NOW) == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"recipient": "NOBODY"}, "no processor"),
        ({"ends_on": date(2020, 1, 1)}, "end before it begins"),
        ({"signed_on": TOMORROW}, "not signed yet"),
        ({"transfer": " "}, "name the transfer mechanism"),
    ],
)
def test_a_contract_with_a_hole_is_refused_in_a_sentence(first: User, changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(RegisterRefused, match=sentence):
        contract(first, **changes)
    assert not ContractVersion.objects.exists()


def test_the_database_keeps_entered_contracts_as_they_are(first: User) -> None:
    entered = contract(first)
    assert verify(ContractVersion).is_whole
    with pytest.raises(DatabaseError), transaction.atomic():
        ContractVersion.objects.filter(pk=entered.pk).update(reference="another")
    assert Entry.objects.filter(action="contract.entered").count() == 1


def test_what_a_processor_gets_is_read_from_the_map() -> None:
    found = handed_over("MAILGUN")
    assert "E-mail address" in found["categories"]
    assert found["subjects"]


def test_staff_see_each_contract_and_enter_its_renewal(first: User) -> None:
    browser, name = desk(first), "admin:registers_contractversion"
    assert "in force: data may go out" in browser.get(reverse(f"{name}_changelist")).content.decode()
    address = reverse(f"{name}_enter", args=["MAILGUN"])
    page = browser.get(address).content.decode()
    assert "Data Processing Addendum" in page
    form = {key: "" if value is None else value for key, value in columns(ends_on=date(2024, 1, 1)).items()}
    file = SimpleUploadedFile("contract.pdf", b"signed")
    assert browser.post(address, {**form, "starts_on": "2025-01-01"}).status_code == 400
    assert browser.post(address, {**form, "file": file}).status_code == 302
    entered = ContractVersion.objects.get()
    assert entered.file_sha256 == sha256(b"signed").hexdigest()
    text = browser.get(reverse(f"{name}_changelist")).content.decode()
    assert "not in force: nothing goes out" in text
    assert "renewed" in browser.get(reverse(f"{name}_change", args=[entered.pk])).content.decode()


def test_entering_contracts_is_for_its_staff_only(officer: User) -> None:
    assert desk(officer).get(reverse("admin:registers_contractversion_enter", args=["MAILGUN"])).status_code == 403


def _notice() -> dict[str, Any]:
    return {"heading": "Ready", "paragraphs": ["Hello."], "link": "/", "link_label": "Open"}
