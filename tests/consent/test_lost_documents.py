"""A consent by letter stands after a restore; a document that was lost is recorded once more (Q19.5, Q10.9)."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import User
from consent.documents import DecidedSince, lost_documents, record_letter
from consent.models import ConsentDocument, ConsentEvent
from consent.replays import end_again, give_once_more
from consent.services import current_text
from consent.terms import ConsentState
from replay.segments import Line
from tests.consent.test_documents import NOW, SCAN, letter, status_of
from tests.database import as_owner
from tests.people import log_in, prove_again
from tests.retention.test_replay_standing import lines

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("published_texts"),
    pytest.mark.clause("Q19.5", "Q10.9"),
]


def lost(kind: str) -> Line:
    """The backup had neither the event nor its document: both are gone, the line of the journal is there."""
    ConsentDocument.objects.all().delete()
    with as_owner():
        ConsentEvent.objects.all()._raw_delete("default")
    return next(line for line in reversed(lines()) if line.kind == kind)


def test_a_withdrawal_by_letter_stands_again_and_names_its_document(person: User, officer: User) -> None:
    kept = record_letter(letter(person, gives=False), by=officer, now=NOW)
    line = lost("consent.ended")
    assert end_again(line, now=NOW)
    event = ConsentEvent.objects.get()
    assert status_of(person) is ConsentState.WITHDRAWN
    assert (event.evidence["document"], event.evidence["repeated"]) == (kept.sha256, "after a restore")
    assert list(lost_documents()) == [event]


def test_a_consent_by_letter_is_whole_again_when_the_same_document_is_recorded(person: User, officer: User) -> None:
    wording = str(current_text("MARKETING_EMAIL", language="lv", on=NOW.date()).sha256)
    yes = letter(person, wording=wording)
    record_letter(yes, by=officer, now=NOW)
    assert give_once_more(lost("consent.given"), now=NOW)
    with pytest.raises(DecidedSince):
        record_letter(letter(person, wording=wording, content=b"another"), by=officer, now=NOW + timedelta(hours=1))
    again = record_letter(yes, by=officer, now=NOW + timedelta(hours=1))
    event = ConsentEvent.objects.get()
    assert (again.event, status_of(person)) == (event, ConsentState.GIVEN)
    assert not lost_documents().exists()


def test_staff_see_which_document_is_to_be_found(person: User, officer: User, client: Client) -> None:
    kept = record_letter(letter(person, gives=False), by=officer, now=NOW)
    end_again(lost("consent.ended"), now=NOW)
    officer.user_permissions.set(
        Permission.objects.filter(
            codename__in=["record_letter", "view_consentdocument"], content_type__app_label="consent"
        )
    )
    log_in(client, officer)
    prove_again(client)
    page = client.get(reverse("admin:consent_consentdocument_changelist")).content.decode()
    assert kept.sha256 in page
    assert SCAN.decode(errors="ignore") not in page
