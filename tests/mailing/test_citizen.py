"""Mailgun as a citizen of the data map: asked what it holds, believed at the second look, looked up until it forgot."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import translation

from accounts.models import User
from datamap.catalogue import length_of
from datamap.processors import FINAL, Outcome
from datamap.trace import Subject
from mailing.models import Forgetting
from mailing.processor import MailgunHandler
from outbox.models import ProviderGate
from outbox.services import drain
from tests.mailing.conftest import ANNA, NOW, deliver, notice
from tests.mailing.emulated import EmulatedMailgun as Mailgun
from tests.mailing.emulated import mailgun
from tests.registers.conftest import contract, expired

__all__ = ["mailgun"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.network, pytest.mark.clause("Q9.6")]
SUBJECT = Subject(emails=frozenset({ANNA}))
LATER = NOW + timedelta(minutes=5)
YESTERDAY = NOW.date() - timedelta(hours=24)


@pytest.fixture
def handed_over(mailgun: Mailgun) -> Mailgun:
    """A letter went to Anna, and one to somebody else."""
    notice()
    notice(to="janis@example.lv")
    deliver()
    return mailgun


def test_it_is_asked_what_it_logged_and_where_it_lists_the_address(handed_over: Mailgun) -> None:
    handed_over.put_on("bounces", ANNA)
    handed_over.put_on("bounces", "janis@example.lv")
    with translation.override("en"):
        found = MailgunHandler().collect(SUBJECT, now=LATER)
    assert found.outcome is Outcome.CONFIRMED
    assert len(found.held) == 2
    assert found.held[0] == f"{ANNA}: on its list “bounces”"
    assert found.held[1].startswith(f"{ANNA}: an e-mail, taken for sending (")
    assert "janis" not in str(found.held)


def test_that_it_holds_nothing_is_believed_at_the_second_look(handed_over: Mailgun) -> None:
    handed_over.forget()
    before = len(handed_over.journal())
    assert MailgunHandler().collect(SUBJECT, now=LATER).outcome is Outcome.NOTHING_LEFT
    assert len(handed_over.journal()) - before == 8, "its log and its three lists, twice"


def test_who_never_got_a_letter_is_not_asked_about(mailgun: Mailgun) -> None:
    handler = MailgunHandler()
    told = [ask(SUBJECT, now=NOW) for ask in (handler.collect, handler.rectify, handler.restrict, handler.erase)]
    assert {one.outcome for one in told} == {Outcome.NOTHING_HELD}
    assert mailgun.journal() == []


def test_a_letter_whose_answer_was_lost_is_asked_about_and_forgotten_too(mailgun: Mailgun) -> None:
    mailgun.faults(queue=[{"fault": "reset_after"}])
    notice()
    deliver()
    handler = MailgunHandler()
    with translation.override("en"):
        assert "1 e-mail with your address" in str(handler.describe(SUBJECT))
    assert handler.collect(SUBJECT, now=LATER).outcome is Outcome.CONFIRMED
    assert handler.erase(SUBJECT, now=NOW).outcome is Outcome.KEPT
    assert Forgetting.objects.get().email == ANNA


@pytest.mark.parametrize(
    ("plan", "outcome"),
    [
        ([{"fault": "status", "status": 503}], Outcome.UNKNOWN),
        ([{"fault": "reset_before"}], Outcome.UNKNOWN),
        ([{"fault": "huge"}], Outcome.UNKNOWN),
        ([{"fault": "status", "status": 401}], Outcome.REFUSED),
    ],
)
def test_no_answer_is_not_nothing(handed_over: Mailgun, plan: list[dict[str, object]], outcome: Outcome) -> None:
    handed_over.faults(queue=plan)
    found = MailgunHandler().collect(SUBJECT, now=LATER)
    assert (found.outcome, found.held) == (outcome, ())
    assert found.outcome not in FINAL
    assert ANNA not in str(found.detail)


def test_a_shut_gate_is_not_pushed_open_by_a_question(handed_over: Mailgun) -> None:
    ProviderGate.objects.create(provider="MAILGUN", needs_staff=True, shut_at=NOW)
    before = len(handed_over.journal())
    assert MailgunHandler().collect(SUBJECT, now=LATER).outcome is Outcome.UNKNOWN
    assert MailgunHandler().health(now=LATER).outcome is Outcome.UNKNOWN
    assert len(handed_over.journal()) == before


@pytest.mark.clause("Q8.6")
def test_without_a_contract_it_is_asked_nothing(handed_over: Mailgun, officer: User) -> None:
    expired(officer, on=YESTERDAY)
    before = len(handed_over.journal())
    assert MailgunHandler().collect(SUBJECT, now=LATER).outcome is Outcome.WAITS
    assert len(handed_over.journal()) == before


def test_what_cannot_be_done_there_is_said_with_its_reason(handed_over: Mailgun) -> None:
    with translation.override("en"):
        corrected, set_aside = (
            verb(SUBJECT, now=NOW) for verb in (MailgunHandler().rectify, MailgunHandler().restrict)
        )
        assert "sent cannot be changed" in str(corrected.detail)
        assert "cannot be set aside" in str(set_aside.detail)
        assert "30 days" in str(corrected.detail)
    assert corrected.outcome is set_aside.outcome is Outcome.NOT_POSSIBLE


def test_an_erasure_is_looked_up_until_it_is_seen_to_be_true(handed_over: Mailgun) -> None:
    handler = MailgunHandler()
    ordered = handler.erase(SUBJECT, now=NOW)
    assert (ordered.outcome, ordered.until) == (Outcome.KEPT, (NOW + length_of("MAILGUN_LOG")).date())
    assert handler.probe(ordered.reference, now=LATER).outcome is Outcome.KEPT
    drain(now=LATER)
    after = NOW + length_of("MAILGUN_LOG") + timedelta(hours=1)
    drain(now=after)
    assert handler.probe(ordered.reference, now=after).outcome is Outcome.KEPT, "its log still speaks of her"
    handed_over.forget()
    drain(now=after + timedelta(hours=24))
    assert not Forgetting.objects.exists()
    assert handler.probe(ordered.reference, now=after).outcome is Outcome.NOTHING_LEFT


@pytest.mark.clause("Q8.6")
def test_an_erasure_waits_for_the_contract_and_goes_on_when_it_is_renewed(handed_over: Mailgun, officer: User) -> None:
    handler = MailgunHandler()
    handed_over.put_on("bounces", ANNA)
    drain(now=LATER)  # what the account of the officer wrote
    expired(officer, on=YESTERDAY)
    ordered = handler.erase(SUBJECT, now=NOW)
    assert drain(now=LATER).waiting == 1
    assert ordered.outcome is handler.probe(ordered.reference, now=LATER).outcome is Outcome.WAITS
    assert handed_over.lists()["bounces"] == [ANNA]
    contract(officer)
    assert handler.probe(ordered.reference, now=LATER).outcome is Outcome.KEPT
    drain(now=LATER + timedelta(hours=1))
    assert handed_over.lists()["bounces"] == []


def test_it_answers_for_our_key_and_our_domain(mailgun: Mailgun) -> None:
    found = MailgunHandler().health(now=NOW)
    assert (found.outcome, found.held) == (Outcome.CONFIRMED, ("mg.example.lv",))
    mailgun.faults(queue=[{"fault": "status", "status": 404}])
    assert MailgunHandler().health(now=NOW).outcome is Outcome.REFUSED
    assert ProviderGate.objects.get(provider="MAILGUN").needs_staff


def test_a_site_that_sends_by_a_server_of_its_own_asks_nobody() -> None:
    assert MailgunHandler().health(now=NOW).outcome is Outcome.NOT_POSSIBLE
    assert MailgunHandler().probe(str(uuid4()), now=NOW).outcome is Outcome.NOTHING_LEFT
