"""Staff see how each recipient stands, and can ask it; a look alone asks nobody (Art. 19, 28)."""

from datetime import timedelta
from typing import Any, Final

import pytest
from django.urls import reverse

from accounts.models import User
from cookies.recipients import GoogleHandler
from datamap.catalogue import catalogue
from datamap.processors import Outcome, RecipientHandler
from datamap.terms import Right
from datamap.trace import Subject
from dsar.deadlines import Channel
from dsar.models import RecipientNotice
from dsar.services import file_request
from mailing.processor import MailgunHandler
from mailing.services import send
from outbox.models import Effect, ProviderGate
from payments.cards.processor import BraintreeHandler
from payments.escrow.recipient import EscrowHandler
from qlekta.catalogue.recipients import GOOGLE
from registers.alarms import alarms
from registers.health import NotAsked, ask_now, health_of
from tests.mailing.emulated import EmulatedMailgun, mailgun
from tests.registers.conftest import NOW, desk, expired

__all__ = ["mailgun"]

pytestmark = pytest.mark.django_db
EVERYBODY: Final[tuple[RecipientHandler, ...]] = (
    BraintreeHandler(),
    MailgunHandler(),
    EscrowHandler(),
    GoogleHandler(),
)
LIST = "admin:registers_contractversion_changelist"
ASK = "admin:registers_contractversion_ask"


@pytest.fixture
def waiting(settings: Any) -> None:
    """A letter waits for Mailgun, whose gate is shut."""
    settings.EMAIL_BACKEND = "tests.registers.mailgun.Backend"
    Effect.objects.all().delete()
    context = {"heading": "Hello", "paragraphs": ["x"]}
    send("notice", to="anna@example.lv", language="en", purpose="ACCOUNTABILITY", context=context, now=NOW)
    until = NOW + timedelta(minutes=5)
    ProviderGate.objects.create(provider="MAILGUN", failures=5, shut_at=NOW, shut_until=until, last_error="It is 503.")


@pytest.mark.usefixtures("waiting")
def test_the_page_says_what_waits_and_why(first: User) -> None:
    assert health_of(["MAILGUN"])["MAILGUN"].waiting == 1
    page = desk(first).get(reverse(LIST)).content.decode()
    assert "It is 503." in page
    assert "Orders that wait" in page
    assert page.count("Ask now whether it answers") == 3


@pytest.mark.usefixtures("waiting")
def test_what_was_carried_out_last_is_its_last_answer() -> None:
    assert health_of(["MAILGUN"])["MAILGUN"].last_answer_at is None
    Effect.objects.update(state="done", finished_at=NOW, lease_token=None, leased_until=None)
    assert health_of(["MAILGUN"])["MAILGUN"].last_answer_at == NOW


@pytest.mark.clause("Q8.6")
def test_the_alarm_of_an_expired_contract_names_the_requests_that_wait(first: User, person: User) -> None:
    expired(first, on=NOW.date() - timedelta(hours=24))
    case = file_request(user=person, right=Right.RECTIFICATION, channel=Channel.PORTAL_AUTH, now=NOW)
    (before,) = [alarm.sentence for alarm in alarms(now=NOW) if alarm.code.startswith("contract:MAILGUN")]
    assert case.number not in before
    name = catalogue().recipients["MAILGUN"].name
    RecipientNotice.objects.create(
        case=case, recipient=name, article="16", ordered_at=NOW, told_at=NOW, outcome="waits"
    )
    (after,) = [alarm.sentence for alarm in alarms(now=NOW) if alarm.code.startswith("contract:MAILGUN")]
    assert after == f"{before} Requests that wait for it: {case.number}."


def test_nobody_asks_for_a_recipient_that_does_not_exist() -> None:
    with pytest.raises(NotAsked):
        ask_now("NOBODY", now=NOW)


@pytest.mark.parametrize("handler", EVERYBODY, ids=lambda handler: type(handler).__name__)
def test_nobody_is_asked_or_told_about_a_stranger(handler: RecipientHandler) -> None:
    """No socket is open to this test, so whoever asked would fail."""
    stranger = Subject(emails=frozenset({"nobody@example.lv"}))
    assert handler.describe(stranger) == ""
    verbs = (handler.collect, handler.rectify, handler.erase, handler.restrict)
    assert {verb(stranger, now=NOW).outcome for verb in verbs} == {Outcome.NOTHING_HELD}
    assert not Effect.objects.exists()


def test_everybody_with_an_adapter_is_here() -> None:
    declared = {*catalogue().recipients.values(), GOOGLE}
    assert {one.handler.rpartition(".")[2] for one in declared if one.handler} == {
        type(one).__name__ for one in EVERYBODY
    }


@pytest.mark.network
@pytest.mark.django_db(transaction=True)
def test_staff_ask_by_a_press_and_a_look_asks_nobody(first: User, mailgun: EmulatedMailgun) -> None:
    browser = desk(first)
    browser.get(reverse(LIST))
    assert browser.get(reverse(ASK, args=["MAILGUN"])).status_code == 405
    assert mailgun.journal() == []
    page = browser.post(reverse(ASK, args=["MAILGUN"]), follow=True).content.decode()
    assert "confirmed: mg.example.lv" in page
    assert len(mailgun.journal()) == 1
    mailgun.faults(queue=[{"fault": "status", "status": 401}])
    page = browser.post(reverse(ASK, args=["MAILGUN"]), follow=True).content.decode()
    assert "refused there" in page
    assert "shut until staff open it" in page
    assert "no processor of this code" in browser.post(reverse(ASK, args=["NOBODY"]), follow=True).content.decode()
