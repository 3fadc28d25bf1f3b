"""The way out of advertising: one click, no log-in, no cookie, for years, after an erasure (Q13.6, Q13.7, Q13.10)."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.trail import Actor
from consent.models import ConsentEvent
from consent.queries import current_status, current_status_of_token
from consent.services import give, give_by_address
from consent.terms import Method
from datamap.gate import may_process
from datamap.trace import Subject, subject_of_user
from mailing.models import OutgoingMessage, State
from mailing.services import is_suppressed, send
from newsletters.models import Subscription
from newsletters.stopping import WayOut, stop, way_out
from outbox.services import drain
from retention.erasure import execute_erasure, plan_erasure
from vault.models import DataKey
from vault.tokens import email_token

LIGA = "liga@example.lv"
HOW: dict[str, Any] = {"language": "lv", "method": Method.NEWSLETTER_FORM, "place": "/newsletter/"}

pytestmark = pytest.mark.usefixtures("published_texts")


def advertise(address: str, *, user: User | None = None) -> OutgoingMessage:
    return send(
        "notice",
        to=address,
        language="lv",
        purpose="MARKETING_EMAIL",
        user_id=user.pk if user else None,
        context={
            "heading": "Jaunumi",
            "paragraphs": ["Zaļi kalni."],
            "unsubscribe_url": way_out(address, user_id=user.pk if user else None),
        },
        now=timezone.now(),
    )


def subscriber(address: str = LIGA) -> Subscription:
    give_by_address(address, "MARKETING_EMAIL", **HOW, now=timezone.now())
    return Subscription.objects.create(
        email_token=email_token(address), email=address, language="lv", confirmed_at=timezone.now()
    )


def erase(subject: Subject, *, case: str) -> None:
    execute_erasure(
        case_number=case,
        subject=subject,
        plan_digest=plan_erasure(subject, now=timezone.now(), archive=True).digest,
        objection_to_archive=False,
        actor=Actor.system("test"),
        now=timezone.now(),
    )


@pytest.mark.clause("Q13.6", "Q13.8")
def test_a_subscriber_without_an_account_is_out_with_one_press(client: Client) -> None:
    row = subscriber()
    link = way_out(LIGA)
    assert client.get(link).status_code == 200  # a scanner of mails opens it
    assert Subscription.objects.exists()
    assert client.post(link).status_code == 200
    assert is_suppressed(LIGA)
    assert not Subscription.objects.exists()
    assert not DataKey.objects.filter(owner=row.pk, wrapped__isnull=False).exists()
    status = current_status_of_token(email_token(LIGA), "MARKETING_EMAIL", now=timezone.now())
    assert (status.state, status.event and status.event.method) == ("withdrawn", "unsubscribe_link")
    assert not client.cookies


@pytest.mark.clause("Q13.7")
def test_mail_programs_call_the_link_by_themselves_and_twice_is_once(client: Client) -> None:
    subscriber()
    enforcing = Client(enforce_csrf_checks=True)
    for _ in range(2):
        answer = enforcing.post(
            way_out(LIGA),
            "List-Unsubscribe=One-Click",
            content_type="application/x-www-form-urlencoded",
            headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://mail.example"},
        )
        assert answer.status_code == 200
    assert ConsentEvent.objects.filter(state="withdrawn").count() == 1


@pytest.mark.clause("Q13.7")
@pytest.mark.django_db(transaction=True)
def test_what_waits_in_the_outbox_is_not_sent_any_more(person: User) -> None:
    give(person.pk, "MARKETING_EMAIL", **HOW, now=timezone.now())
    subscriber()
    waiting = [advertise(person.email, user=person), advertise(LIGA)]
    for address, user_id in ((person.email, person.pk), (LIGA, None)):
        stop(WayOut(email_token(address), user_id), language="lv", place="/", now=timezone.now())
    drain(now=timezone.now())
    states = set(OutgoingMessage.objects.filter(pk__in=[one.pk for one in waiting]).values_list("state", flat=True))
    assert states == {State.REFUSED_BY_GATE}


@pytest.mark.django_db(transaction=True)
def test_while_the_consent_holds_the_message_goes_out(person: User) -> None:
    give(person.pk, "MARKETING_EMAIL", **HOW, now=timezone.now())
    subscriber()
    sent = [advertise(person.email, user=person), advertise(LIGA)]
    drain(now=timezone.now())
    states = set(OutgoingMessage.objects.filter(pk__in=[one.pk for one in sent]).values_list("state", flat=True))
    assert states == {State.SENT}


@pytest.mark.clause("Q13.6", "Q13.10")
@pytest.mark.django_db(transaction=True)
def test_the_link_works_after_the_erasure_and_no_import_brings_advertising_back(client: Client, person: User) -> None:
    give(person.pk, "MARKETING_EMAIL", **HOW, now=timezone.now())
    link = way_out(person.email, user_id=person.pk)
    erase(subject_of_user(person), case="Q-1")
    assert is_suppressed("anna@example.lv"), "an erasure leaves the code of the address on the list"
    assert client.post(link).status_code == 200
    token = email_token("anna@example.lv")
    assert not may_process(Subject(emails=frozenset({"anna@example.lv"})), "MARKETING_EMAIL", now=timezone.now())
    assert current_status(person.pk, "MARKETING_EMAIL", now=timezone.now()).state == "withdrawn"
    give_by_address("anna@example.lv", "MARKETING_EMAIL", **HOW, now=timezone.now())  # as an import would claim
    message = advertise("anna@example.lv")
    drain(now=timezone.now())
    message.refresh_from_db()
    assert message.state == State.REFUSED_BY_GATE
    assert WayOut(token, person.pk).path == link, "the link is the same for years"


@pytest.mark.clause("Q13.8")
def test_a_subscriber_without_an_account_can_be_erased_by_her_address() -> None:
    row = subscriber()
    other = subscriber("janis@example.lv")
    erase(Subject(emails=frozenset({LIGA})), case="Q-2")
    assert list(Subscription.objects.all()) == [other]
    assert not DataKey.objects.filter(owner=row.pk, wrapped__isnull=False).exists()
    assert is_suppressed(LIGA)
    assert not is_suppressed("janis@example.lv")


def test_the_preview_says_that_the_code_of_the_address_stays(person: User) -> None:
    plan = plan_erasure(subject_of_user(person), now=timezone.now(), archive=True)
    (line,) = [line for line in plan.kept if line.table == "mailing.Suppression"]
    assert line.count == 1
    assert line.until is None


def test_a_link_says_nothing_about_whom_it_lets_out() -> None:
    link, user_id = way_out(LIGA), uuid4()
    assert email_token(LIGA) not in link
    assert WayOut.read(link.split("/")[-2]) == WayOut(email_token(LIGA))
    assert WayOut.read(WayOut(email_token(LIGA), user_id).path.split("/")[-2]) == WayOut(email_token(LIGA), user_id)
