"""What happens between queue and hand-over: the gate is asked last, the body vanishes, errors mean what they say."""

import smtplib
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from anymail.message import AnymailMessage
from django.core import mail
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from datamap.registry import registry
from datamap.trace import Subject, rows_about
from mailing import delivery, services
from mailing.effects import refusal
from mailing.models import OutgoingMessage, State, Suppression
from mailing.sealing import open_letter
from outbox.handlers import AnswerLost, EffectError, Permanent, Transient
from outbox.models import Effect
from outbox.models import State as EffectState
from tests.mailing.conftest import ANNA, NOW, deliver, notice, offer
from vault.keys import destroy_key, has_key

pytestmark = pytest.mark.django_db(transaction=True)


def everything_in(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} t")
        return str(cursor.fetchone()[0])


@pytest.mark.requirement("O5")
def test_the_words_of_a_waiting_mail_lie_nowhere_in_clear() -> None:
    message = notice()
    assert "Dear Anna Bērziņa" in open_letter(message).text  # it is there, behind the seal
    stored = everything_in("mailing_outgoingmessage") + everything_in("outbox_effect")
    assert str(message.pk) in stored
    assert "Bērziņa" not in stored
    assert "Bērziņa".encode().hex() not in stored
    assert ANNA not in everything_in("outbox_effect")


def test_after_the_hand_over_the_body_and_its_key_are_gone() -> None:
    message = notice()
    assert has_key(message.pk)
    assert deliver().done == 1
    message.refresh_from_db()
    assert message.state == State.SENT
    assert message.handed_over_at is not None
    assert message.handed_over_at >= NOW + timedelta(minutes=1)
    assert message.body_sealed is None
    assert not has_key(message.pk)


@pytest.mark.clause("Q9.6")
def test_mails_go_through_anymail_with_all_tracking_off() -> None:
    message = notice()
    deliver()
    (sent,) = mail.outbox
    assert isinstance(sent, AnymailMessage)
    assert (sent.track_opens, sent.track_clicks) == (False, False)
    assert sent.metadata == {"message": str(message.pk)}
    assert sent.to == [ANNA]
    assert "privacy@qlekta.example" in sent.from_email
    assert sent.attachments == []


def test_a_mail_is_handed_over_once() -> None:
    notice()
    deliver()
    deliver()
    assert len(mail.outbox) == 1


def test_a_mail_of_a_change_that_is_rolled_back_is_never_sent() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        raise IntegrityError(notice())
    deliver()
    assert mail.outbox == []
    assert not OutgoingMessage.objects.exists()


@pytest.mark.clause("Q7.4", "Q13.7")
@pytest.mark.usefixtures("mail_templates")
def test_a_consent_withdrawn_between_queue_and_hand_over_stops_the_mail(consents: set[str]) -> None:
    consents.add(ANNA)
    first = offer()
    deliver()
    assert len(mail.outbox) == 1  # while the consent stands it goes
    second = offer()
    consents.remove(ANNA)
    assert deliver().done == 1
    assert len(mail.outbox) == 1
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (State.SENT, State.REFUSED_BY_GATE)
    assert second.refused_reason == "consent withdrawn"
    assert second.body_sealed is None
    assert not has_key(second.pk)


@pytest.mark.clause("Q7.4", "Q13.7")
@pytest.mark.usefixtures("mail_templates")
def test_an_unsubscription_in_the_middle_of_a_drain_stops_all_later_mails(
    consents: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    consents.add(ANNA)
    original = delivery.AnymailMessage.send

    def send(self: AnymailMessage, *arguments: Any, **named: Any) -> int:
        if len(mail.outbox) == 2:
            consents.discard(ANNA)
        return original(self, *arguments, **named)

    monkeypatch.setattr(delivery.AnymailMessage, "send", send)
    for _ in range(6):
        offer()
    deliver()
    assert len(mail.outbox) == 3


@pytest.mark.usefixtures("mail_templates")
@pytest.mark.clause("Q13.1")
def test_advertising_is_not_sent_where_nobody_answers_for_consent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datamap.gate.registry", lambda: type("Nobody", (), {"gatekeepers": ()}))
    offer()
    notice()
    deliver()
    (sent,) = mail.outbox
    assert sent.subject == "Your copy is ready"


@pytest.mark.clause("Q13.10")
@pytest.mark.usefixtures("mail_templates")
def test_a_suppressed_address_gets_no_advertising_but_still_gets_its_answers(consents: set[str]) -> None:
    consents.add(ANNA)  # a list imported again would say so
    services.suppress(" ANNA@example.lv ", reason="unsubscribed", now=NOW)
    services.suppress(ANNA, reason="unsubscribed", now=NOW)
    assert "suppression list" in refusal(offer(), now=NOW)
    notice()
    deliver()
    assert [sent.subject for sent in mail.outbox] == ["Your copy is ready"]
    assert Suppression.objects.count() == 1
    assert "anna" not in everything_in("mailing_suppression").lower()


@pytest.mark.clause("Q13.10")
def test_a_suppression_is_found_for_its_address_and_survives_an_erasure() -> None:
    services.suppress(ANNA, reason="unsubscribed", now=NOW)
    services.suppress("janis@example.lv", reason="unsubscribed", now=NOW)
    holding = registry().holding(Suppression)
    assert rows_about(holding, Subject(emails=frozenset({ANNA}))).count() == 1
    assert holding.erasure == "keep"


def test_a_message_erased_while_it_waits_is_not_sent_and_its_key_goes() -> None:
    message = notice()
    OutgoingMessage.objects.all().delete()
    assert deliver().done == 1
    assert mail.outbox == []
    assert not has_key(message.pk)


@pytest.mark.requirement("E7")
def test_a_message_written_beside_an_erasure_that_did_not_see_it_is_not_sent_and_goes(person: User) -> None:
    orphan = notice(user_id=uuid4())
    notice(user_id=person.pk)
    assert deliver().done == 2
    assert len(mail.outbox) == 1
    assert [message.user_id for message in OutgoingMessage.objects.all()] == [person.pk]
    assert not has_key(orphan.pk)


def test_the_last_message_to_an_erased_person_leaves_no_row() -> None:
    notice(forget_after_delivery=True)
    deliver()
    assert len(mail.outbox) == 1
    assert not OutgoingMessage.objects.exists()


def test_a_message_that_cannot_be_opened_is_given_up() -> None:
    message = notice()
    destroy_key(message.pk, now=NOW)
    assert deliver().failed == 1
    message.refresh_from_db()
    assert (message.state, message.error) == (State.FAILED, "The body cannot be opened.")


@pytest.mark.requirement("O5")
def test_a_refusing_mail_server_is_recorded_without_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def send(self: AnymailMessage, *_: Any, **__: Any) -> int:
        raise smtplib.SMTPRecipientsRefused({ANNA: (550, b"no mailbox anna@example.lv")})

    monkeypatch.setattr(delivery.AnymailMessage, "send", send)
    message = notice()
    assert deliver().failed == 1
    message.refresh_from_db()
    assert message.error == "The mail server refused the mail (550)."
    assert "anna" not in Effect.objects.get().last_error
    assert message.body_sealed is not None  # staff can put it back


def test_a_message_put_back_by_staff_is_sent_after_all() -> None:
    message = notice()
    Effect.objects.update(state=EffectState.FAILED, last_error="Permanent")
    OutgoingMessage.objects.update(state=State.FAILED, error="Permanent")
    Effect.objects.update(state=EffectState.UNKNOWN)
    deliver()
    message.refresh_from_db()
    assert (message.state, message.error) == (State.SENT, "")


@pytest.mark.network
def test_a_mail_waits_for_a_mail_server_that_is_down(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    message = notice()
    assert deliver().retried == 1
    message.refresh_from_db()
    assert message.state == State.QUEUED
    assert Effect.objects.get().last_error == "Transient: The mail server does not answer."


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (smtplib.SMTPRecipientsRefused({ANNA: (450, b"later")}), Transient),
        (smtplib.SMTPDataError(421, b"busy"), Transient),
        (smtplib.SMTPDataError(554, b"spam"), Permanent),
        (smtplib.SMTPServerDisconnected("bye"), AnswerLost),
        (ConnectionRefusedError(), Transient),
        (TimeoutError(), AnswerLost),
        (ValueError("bad header"), Permanent),
    ],
)
def test_what_an_error_of_the_mail_server_means(error: Exception, meaning: type[EffectError]) -> None:
    assert type(delivery.what_it_means(error)) is meaning
