"""Every odd text goes in through every door and comes back as it was: page, desk, JSON; inert in CSV (issue 4)."""

import csv
import io
import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any
from zipfile import ZipFile

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from accounts.models import User
from datamap.sheets import safe_text
from datamap.terms import Right
from datamap.trace import subject_of_user
from dsar.access_copy import write_copy
from dsar.conversation import write_to_us
from dsar.deadlines import Channel
from dsar.inbound import original_of
from dsar.models import CaseMessage, Intake, SubjectRequest
from dsar.services import file_request
from mailing.inbound import ReceivedMail, receive
from mailing.inbound_reading import cleaned
from tests.naughty import CORPUS, packs
from tests.people import log_in, prove_again

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]

PACKS = packs(longest=9_900)
DOORS = ("form", "api", "staff")


def test_the_corpus_is_large_and_whole() -> None:
    assert len(CORPUS) >= 300
    assert all(any(item in pack for pack in PACKS) for item in CORPUS)
    assert not any(set(item) & {"\x00", "\ufffd", "\r", "\n"} for item in CORPUS)


@pytest.fixture
def anna(person: User) -> User:
    cache.clear()
    EmailAddress.objects.filter(user=person).update(verified=True)
    return person


@pytest.fixture
def desk(officer: User) -> Client:
    codenames = ["change_subjectrequest", "view_subjectrequest"]
    officer.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    log_in(client, officer)
    return client


def by_form(anna: User, text: str, number: int, **_: Any) -> int:
    words = {"email": anna.email, "right": "objection", "language": "lv", "text": text}
    return Client().post(reverse("privacy:request-new"), words, REMOTE_ADDR=f"203.0.113.{number}").status_code


def by_api(anna: User, text: str, number: int, **_: Any) -> int:
    client = Client()
    log_in(client, anna)
    prove_again(client)
    body = {"rights": ["objection"], "text": text, "language": "lv"}
    return client.post("/api/v1/requests/", json.dumps(body), content_type="application/json").status_code


def by_staff(anna: User, text: str, number: int, *, desk: Client) -> int:
    arrived = timezone.now() - timedelta(hours=number + 1)
    words = {
        "channel": Channel.ORAL,
        "arrived_on": arrived.date().isoformat(),
        "arrived_at": "00:00",
        "rights": ["objection"],
        "text": text,
        "language": "lv",
        "email": anna.email,
    }
    return desk.post(reverse("admin:dsar_subjectrequest_enter"), words).status_code


SENDERS: dict[str, Callable[..., int]] = {"form": by_form, "api": by_api, "staff": by_staff}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.requirement("P3")
def test_whatever_is_written_comes_back_as_it_was(door: str, anna: User, desk: Client) -> None:
    for number, pack in enumerate(PACKS):
        assert SENDERS[door](anna, pack, number, desk=desk) in {201, 302}
    cases = list(SubjectRequest.objects.filter(right="objection").order_by("number"))
    assert [case.text for case in cases] == PACKS
    for case, pack in zip(cases, PACKS, strict=True):
        reveal = reverse("admin:dsar_subjectrequest_reveal", args=[case.pk])
        assert shown(desk.post(reveal, {"reason": "to_answer"})) >= {escape(pack)}
        masked = desk.get(reverse("admin:dsar_subjectrequest_change", args=[case.pk])).content.decode()
        assert "onerror" not in masked
    check_copy(anna, PACKS)


def test_a_message_on_the_page_comes_back_as_it_was(anna: User) -> None:
    case = file_request(user=anna, right=Right.OBJECTION, channel=Channel.PORTAL_AUTH, now=timezone.now())
    for pack in PACKS:
        write_to_us(case, pack, now=timezone.now())
    assert [row.text for row in CaseMessage.objects.filter(case=case)] == PACKS
    client = Client()
    log_in(client, anna)
    page = client.get(reverse("privacy:request-detail", args=[case.number])).content.decode()
    assert all(escape(pack) in page for pack in PACKS)
    assert not re.search(r"<script>alert|<img src=x|<svg/onload", page)


def test_a_mail_is_kept_to_the_byte_and_shown_without_what_nobody_sees(anna: User) -> None:
    sent = set()
    for pack in PACKS:
        now = timezone.now()
        raw = _mail(anna.email, pack)
        sent.add(raw)
        receive(ReceivedMail.of(raw, envelope_sender=anna.email, received_at=now), now=now)
    words = [row.text for row in CaseMessage.objects.filter(case__channel=Channel.EMAIL)]
    for pack in PACKS:
        assert any(cleaned(pack) in text for text in words)
    assert {original_of(intake) for intake in Intake.objects.all()} == sent


@pytest.mark.parametrize("text", ["a\x00b", "\x00"])
@pytest.mark.parametrize("door", DOORS)
def test_what_cannot_be_stored_is_refused_with_a_sentence(door: str, text: str, anna: User, desk: Client) -> None:
    assert SENDERS[door](anna, text, 1, desk=desk) == 400
    assert not SubjectRequest.objects.exists()


def shown(answer: Any) -> set[str]:
    """The texts of the person on a page of the desk, as they stand in the markup."""
    assert answer.status_code == 200
    page = answer.content.decode()
    assert not re.search(r"<script>alert|<img src=x|<svg/onload", page)
    return {escape(pack) for pack in PACKS if escape(pack) in page}


def check_copy(anna: User, texts: list[str]) -> None:
    """JSON says the very text, the CSV file the same where no spreadsheet runs it."""
    out = io.BytesIO()
    write_copy(out, subject_of_user(anna), case=None, package=None, now=timezone.now())
    copy = ZipFile(io.BytesIO(out.getvalue()))
    found = set(_strings(json.loads(copy.read("data.json"))))
    assert set(texts) <= found
    rows = csv.reader(io.StringIO(copy.read("tables/dsar_subjectrequest.csv").decode("utf-8-sig"), newline=""))
    cells = {cell for row in rows for cell in row}
    assert {safe_text(text) for text in texts} <= cells
    page = copy.read("index.html").decode()
    assert not re.search(r"<script>alert|<img src=x|<svg/onload", page)


def _strings(found: Any) -> Iterator[str]:
    match found:
        case dict():
            for value in found.values():
                yield from _strings(value)
        case list():
            for value in found:
                yield from _strings(value)
        case str():
            yield found


def _mail(sender: str, text: str) -> bytes:
    """By hand: Python's own writer takes many of these signs for ends of lines."""
    head = {
        "From": sender,
        "To": "privacy@qlekta.example",
        "Subject": "Personas datu apstrade",
        "Message-ID": f"<{sha256(text.encode()).hexdigest()}@example.lv>",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "base64",
    }
    lines = [f"{name}: {value}" for name, value in head.items()]
    return "\r\n".join([*lines, "", b64encode(text.encode()).decode()]).encode()
