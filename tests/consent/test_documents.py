"""A consent by letter or mail: as good as a click, recorded by staff with the sealed document as evidence (Q19.5)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.models import Entry
from consent import purging
from consent.documents import (
    LARGEST,
    DecidedSince,
    DocumentRefused,
    DocumentTooLarge,
    Letter,
    NoDocument,
    NotArrivedYet,
    contents_of,
    purge,
    record_letter,
)
from consent.models import ConsentDocument, ConsentEvent
from consent.queries import current_status
from consent.services import WordingChanged, current_text, give, withdraw
from consent.terms import ConsentState, Method
from datamap.registry import registry
from datamap.terms import Right
from dsar import casework
from dsar.deadlines import Channel
from dsar.entering import Told, enter_message
from dsar.inbound import original_of
from dsar.steps import Step
from dsar.terms import IdentityMethod
from tests.dsar.conftest import colleague
from tests.people import log_in, prove_again
from vault.keys import has_key

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SCAN = b"%PDF-1.7 I agree to the newsletter. \xc4\x80nna \x00\xff"
ONLINE: dict[str, Any] = {"language": "lv", "method": Method.CONSENTS_PAGE, "place": "/privacy/consents/"}

__all__ = ["colleague"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts"), pytest.mark.clause("Q19.5")]


def letter(person: User, *, gives: bool = True, **more: Any) -> Letter:
    said: dict[str, Any] = {
        "subject_id": person.pk,
        "purpose": "MARKETING_EMAIL",
        "gives": gives,
        "method": Method.PAPER,
        "language": "lv",
        "arrived_at": NOW - timedelta(days=2),
        "content": SCAN,
        "shown_by": "signature compared with her contract",
    }
    return Letter(**said | more)


def status_of(person: User) -> ConsentState:
    return current_status(person.pk, "MARKETING_EMAIL", now=NOW).state


@pytest.mark.parametrize("method", [Method.PAPER, Method.EMAIL])
def test_a_letter_gives_and_another_one_withdraws(person: User, officer: User, method: Method) -> None:
    given = record_letter(letter(person, method=method), by=officer, now=NOW)
    assert status_of(person) is ConsentState.GIVEN
    ended = record_letter(letter(person, method=method, gives=False), by=officer, now=NOW + timedelta(hours=1))
    assert current_status(person.pk, "MARKETING_EMAIL", now=NOW + timedelta(hours=1)).state is ConsentState.WITHDRAWN
    for kept in (given, ended):
        assert kept.event.method == method
        assert kept.event.evidence["document"] == kept.sha256
        assert kept.recorded_by == officer.pk
        assert b"".join(contents_of(kept)) == SCAN
    assert given.event.text_sha256 == current_text("MARKETING_EMAIL", language="lv", on=NOW.date()).sha256
    assert Entry.objects.filter(action="recorded", subject=person.pk, actor_id=str(officer.pk)).count() == 2


def test_the_document_lies_sealed_and_no_word_of_it_stands_in_sql(person: User, officer: User) -> None:
    kept = record_letter(letter(person), by=officer, now=NOW)
    raw = (Path(settings.VAR_DIR) / "sealed" / kept.file_name).read_bytes()
    assert b"newsletter" not in raw
    with connection.cursor() as cursor:
        cursor.execute("SELECT e::text FROM consent_consentdocument e")
        assert "signature" not in str(cursor.fetchone())


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"content": b""}, NoDocument),
        ({"content": b"x" * (LARGEST + 1)}, DocumentTooLarge),
        ({"arrived_at": NOW + timedelta(minutes=1)}, NotArrivedYet),
        ({"wording": "0" * 64}, WordingChanged),
    ],
)
def test_what_proves_nothing_is_refused_and_leaves_nothing(
    person: User, officer: User, change: dict[str, Any], refusal: type[DocumentRefused]
) -> None:
    before = set((Path(settings.VAR_DIR) / "sealed").glob("*"))
    with pytest.raises(refusal):
        record_letter(letter(person, **change), by=officer, now=NOW)
    assert not ConsentDocument.objects.exists()
    assert not ConsentEvent.objects.filter(purpose="MARKETING_EMAIL").exists()
    assert set((Path(settings.VAR_DIR) / "sealed").glob("*")) == before


def test_a_letter_does_not_give_back_what_was_withdrawn_after_it_was_written(person: User, officer: User) -> None:
    give(person.pk, "MARKETING_EMAIL", **ONLINE, now=NOW - timedelta(days=3))
    withdraw(person.pk, "MARKETING_EMAIL", **ONLINE, now=NOW - timedelta(days=1))
    with pytest.raises(DecidedSince):
        record_letter(letter(person), by=officer, now=NOW)
    assert status_of(person) is ConsentState.WITHDRAWN


def test_the_document_goes_with_the_proof_and_not_before(
    person: User, officer: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    long_ago = datetime(2018, 6, 1, 12, tzinfo=UTC)
    with django_capture_on_commit_callbacks(execute=True):
        old = record_letter(letter(person, gives=False, arrived_at=long_ago), by=officer, now=long_ago)
        young = record_letter(letter(person, purpose="LOYALTY"), by=officer, now=NOW)
        path = Path(settings.VAR_DIR) / "sealed" / old.file_name
        holding = registry().holding(ConsentDocument)
        assert purge(holding, now=timezone.now(), apply=True).deleted == 1
        assert purging.purge(registry().holding(ConsentEvent), now=timezone.now(), apply=True).deleted
    assert list(ConsentDocument.objects.all()) == [young]
    assert not path.exists()
    assert not has_key(old.pk)
    assert b"".join(contents_of(young)) == SCAN


@pytest.fixture
def staff(client: Client, officer: User) -> Client:
    codenames = ["record_letter", "view_consentdocument"]
    officer.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    log_in(client, officer)
    prove_again(client)
    return client


def form(person: User, **more: Any) -> dict[str, Any]:
    wording = current_text("MARKETING_EMAIL", language="lv", on=timezone.now().date())
    return {
        "address": person.email,
        "shown_by": "sent from the confirmed address",
        "purpose": "MARKETING_EMAIL",
        "gives": "yes",
        "wording": str(wording.pk),
        "method": "email",
        "language": "lv",
        "arrived_on": "2026-01-20",
        "arrived_at": "10:00",
        "document": SimpleUploadedFile("../../etc/passwd\u202egpj.exe", SCAN),
        **more,
    }


def test_staff_record_it_on_a_page_and_may_save_the_document(staff: Client, person: User) -> None:
    EmailAddress.objects.filter(user=person).update(verified=True)
    assert staff.get(reverse("admin:consent_consentdocument_new")).status_code == 200
    assert staff.post(reverse("admin:consent_consentdocument_new"), form(person)).status_code == 302
    kept = ConsentDocument.objects.get()
    assert current_status(person.pk, "MARKETING_EMAIL", now=timezone.now()).permits
    page = staff.get(reverse("admin:consent_consentdocument_change", args=[kept.pk])).content.decode()
    assert "passwd" not in page
    answer = staff.post(reverse("admin:consent_consentdocument_file", args=[kept.pk]))
    assert answer.content == SCAN
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert Entry.objects.filter(action="opened", object_id=str(kept.pk)).exists()


@pytest.mark.parametrize(
    "change", [{"gives": ""}, {"gives": "yes", "wording": ""}, {"document": ""}, {"address": "nobody@example.lv"}]
)
def test_what_is_missing_is_said_and_nothing_is_recorded(staff: Client, person: User, change: dict[str, Any]) -> None:
    EmailAddress.objects.filter(user=person).update(verified=True)
    assert staff.post(reverse("admin:consent_consentdocument_new"), form(person, **change)).status_code == 400
    assert not ConsentDocument.objects.exists()


def test_who_may_not_record_sees_neither_page_nor_document(client: Client, officer: User, person: User) -> None:
    kept = record_letter(letter(person), by=officer, now=NOW)
    officer.user_permissions.set(Permission.objects.filter(codename="view_consentdocument"))
    log_in(client, officer)
    prove_again(client)
    assert client.get(reverse("admin:consent_consentdocument_new")).status_code == 403
    assert client.post(reverse("admin:consent_consentdocument_file", args=[kept.pk])).status_code == 403


def test_a_withdrawal_by_letter_keeps_the_letter_and_every_event_names_it(
    person: User, officer: User, colleague: User
) -> None:
    EmailAddress.objects.filter(user=person).update(verified=True)
    give(person.pk, "LOYALTY", **ONLINE, now=NOW - timedelta(days=30))
    told = Told(
        channel=Channel.POST,
        arrived_at=NOW - timedelta(days=1),
        rights=[Right.WITHDRAWAL],
        text="I take my consents back.",
        language="lv",
        postal_address="Brīvības iela 1, Rīga",
        document=SCAN,
    )
    (case,) = enter_message(told, step=Step(by=officer, reason="read in the letter", now=NOW))
    step = Step(by=officer, reason="signature", now=NOW)
    casework.accept_identity(case.pk, IdentityMethod.KNOWN_FACTS, step=step, account_address=person.email)
    casework.agree_to_account(case.pk, person.email, step=Step(by=colleague, reason="the same", now=NOW))
    event = ConsentEvent.objects.get(purpose="LOYALTY", state=ConsentState.WITHDRAWN)
    case.refresh_from_db()
    assert case.intake is not None
    assert event.method == Method.PAPER
    assert event.evidence == {"request": case.number, "document": case.intake.raw_sha256}
    assert original_of(case.intake) == SCAN
    assert case.intake.entered_by == officer.pk
