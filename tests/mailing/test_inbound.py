"""The doors for the mail service hear only what is signed, fresh and new, and the words of any mail can be read."""

import json
import time
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.checks import run_checks
from django.test import Client, override_settings

from dsar.models import Intake
from mailing.inbound_reading import read
from mailing.models import InboundEvent
from tests.mailing.calls import AUTHORIZED, INBOUND, NOW, TRACKING, configured, deliver, mail, signature

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _webhooks(settings: Any, time_machine: Any) -> None:
    configured(settings)
    time_machine.move_to(NOW, tick=False)


@pytest.mark.requirement("V2", "F17")
def test_a_forged_call_gets_400_and_leaves_nothing() -> None:
    assert deliver(mail(), key="another key") == 400
    assert deliver(mail(), authorization="Basic eDp5") == 400
    assert deliver(mail(), authorization="") == 400
    assert not Intake.objects.exists()
    assert not InboundEvent.objects.exists()
    assert deliver(mail()) == 200


@pytest.mark.requirement("V2", "F17")
def test_a_call_of_another_time_is_refused() -> None:
    assert deliver(mail(), at=NOW - timedelta(hours=13)) == 400
    assert deliver(mail(), at=NOW + timedelta(minutes=6)) == 400
    assert not Intake.objects.exists()
    assert deliver(mail(), at=NOW - timedelta(hours=8)) == 200


@pytest.mark.requirement("V2", "F17")
def test_the_same_call_with_another_mail_is_heard_once() -> None:
    assert deliver(mail("pirmā"), call="t1") == deliver(mail("cita"), call="t1") == 200
    assert Intake.objects.count() == 1


@pytest.mark.requirement("V2")
def test_old_calls_are_forgotten(time_machine: Any) -> None:
    deliver(mail(), call="t1")
    time_machine.move_to(NOW + timedelta(hours=25), tick=False)
    deliver(mail(), call="t2", at=NOW + timedelta(hours=25))
    assert InboundEvent.objects.count() == 1


@pytest.mark.requirement("V2")
def test_without_a_key_of_its_own_there_is_no_door(settings: Any) -> None:
    settings.ANYMAIL = {**settings.ANYMAIL, "MAILGUN_WEBHOOK_SIGNING_KEY": "", "MAILGUN_API_KEY": "api"}
    assert deliver(mail(), key="api") == 404
    assert deliver(mail(), key="") == 404


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"\xff", b"{}", b'{"signature": 1}', b'{"signature": {"token": 1, "timestamp": 2, "signature": 3}}'],
)
def test_a_call_that_is_none_gets_400(body: bytes) -> None:
    client = Client(raise_request_exception=False)
    more: Any = {"HTTP_AUTHORIZATION": AUTHORIZED}
    assert client.post(TRACKING, body, content_type="application/json", **more).status_code == 400
    assert client.post(INBOUND, body, content_type="application/json", **more).status_code == 400
    assert client.post(INBOUND, body, content_type="multipart/form-data; boundary=x", **more).status_code == 400
    assert client.post(INBOUND, body, content_type="application/x-www-form-urlencoded", **more).status_code == 400


def test_a_signature_in_other_letters_gets_400() -> None:
    client = Client(raise_request_exception=False)
    for change in ({"timestamp": "١٢٣"}, {"token": "ā"}, {"signature": "ā"}, {"timestamp": "9" * 30}):
        call = json.dumps({"signature": {**signature(NOW), **change}, "event-data": {}})
        answer = client.post(TRACKING, call, content_type="application/json", HTTP_AUTHORIZATION=AUTHORIZED)
        assert answer.status_code == 400


def test_a_mail_in_an_urlencoded_form_is_heard_too() -> None:
    form = {"sender": "liga@example.lv", "body-mime": mail().as_string(), **signature(NOW)}
    more: Any = {"HTTP_AUTHORIZATION": AUTHORIZED}
    answer = Client().post(INBOUND, urlencode(form), content_type="application/x-www-form-urlencoded", **more)
    assert answer.status_code == 200
    assert Intake.objects.count() == 1


def test_production_with_mailgun_needs_key_and_secret(settings: Any) -> None:
    mailgun = {"PRODUCTION": True, "EMAIL_BACKEND": "anymail.backends.mailgun.EmailBackend"}
    anymail = {"MAILGUN_API_KEY": "k", "MAILGUN_API_URL": "https://api.eu.mailgun.net/v3"}
    with override_settings(**mailgun, ANYMAIL=anymail):
        assert {"mailing.E001", "mailing.E003"} <= {found.id for found in run_checks(tags=["security"])}
    with override_settings(**mailgun, ANYMAIL={**anymail, "MAILGUN_WEBHOOK_SIGNING_KEY": "k", "WEBHOOK_SECRET": "a:b"}):
        assert {"mailing.E002"} == {found.id for found in run_checks(tags=["security"]) if "mailing" in str(found.id)}


@pytest.mark.requirement("V1")
@pytest.mark.parametrize("address", ["http://127.0.0.1:3020/v3", "https://api.eu.mailgun.net.evil.example/v3", ""])
def test_production_refuses_to_speak_to_an_emulated_mailgun(settings: Any, address: str) -> None:
    anymail = {**settings.ANYMAIL, "MAILGUN_API_URL": address}
    backend = "anymail.backends.mailgun.EmailBackend"
    with override_settings(PRODUCTION=True, EMAIL_BACKEND=backend, ANYMAIL=anymail):
        assert "mailing.E004" in {found.id for found in run_checks(tags=["security"])}


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        (b"", b"plain", "plain"),
        (b"Content-Type: text/plain; charset=nonsense\r\n", "dzēst".encode(), "dzēst"),
        (b"Content-Type: text/plain; charset=punycode\r\n", b"a" * 50_000, "a" * 50_000),
        (b"Content-Type: text/plain; charset=windows-1257\r\n", "dzēst".encode("windows-1257"), "dzēst"),
        (b"Content-Type: text/plain; charset=utf-8\r\n", b"a\x00b\xff\xe2\x80\xaec", "ab\ufffdc"),
        (b"Content-Transfer-Encoding: base64\r\n", b"!!!", ""),
        (b"Content-Type: text/html\r\n", b"<style>x{}</style><p>Hi &amp; <b>bye</b><script>alert(1)", "Hi & bye"),
        (b"Content-Type: multipart/mixed; boundary=x\r\n", b"no parts", "no parts"),
        (b"Content-Type: text/plain; charset=utf-8\r\n", "שלום".encode(), "שלום"),
    ],
)
def test_words_are_read_from_whatever_comes(head: bytes, body: bytes, expected: str) -> None:
    found = read(b"From: a@example.lv\r\n" + head + b"\r\n" + body)
    assert found.text == expected
    assert found.sender == "a@example.lv"


@pytest.mark.parametrize("header", [b"=?zip?b?eA==?=", b"=?utf-8?b?!!!?=", b"\xff\x00", b"a\r\n\t b", b"=?x" * 5000])
def test_a_broken_subject_is_read_as_it_is(header: bytes) -> None:
    found = read(b"Subject: " + header + b"\r\nFrom: =?q?x <<a@@b>\r\n\r\nwords")
    assert (found.text, found.sender) == ("words", "")
    assert "\x00" not in found.subject


@pytest.mark.parametrize(
    "raw",
    [
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(3000)),
        b"Content-Type: message/rfc822\r\n\r\n" * 3000,
        b"From: a@example.lv\r\n\r\n" + b"x\n" * 500_000,
        b"From: a@example.lv\r\nContent-Type: text/html\r\n\r\n" + b"<style><" * 100_000,
        b"From: a@example.lv\r\nContent-Type: text/html\r\n\r\n" + b"<!--" * 100_000,
        b"From: " + b"a@example.lv, <" * 60_000,
        b"References: " + b"<a@b> " * 100_000,
        b"\x00" * 1_000_000,
        b"",
    ],
)
def test_no_mail_takes_long(raw: bytes) -> None:
    started = time.process_time()
    read(raw)
    assert time.process_time() - started < 5


def test_attachments_are_named_without_their_paths_and_never_opened() -> None:
    message = mail("Pielikumā.")
    for name in ("../../etc/passwd", "C:\\Users\\x\\bomb.zip", "\u202egpj.exe", "a" * 300):
        message.add_attachment(b"PK\x03\x04" + b"\x00" * 100, maintype="application", subtype="zip", filename=name)
    found = read(message.as_bytes())
    assert found.attachments == ("passwd", "bomb.zip", "gpj.exe", "a" * 100)
    assert found.text == "Pielikumā."
