"""The letters say what is so: where the request waits, whether a log-in is needed, where the address still lies."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress

from accounts.models import User
from audit.trail import Actor
from datamap.terms import Right
from dsar import erasure_letters, letters
from dsar.cases import case_key
from dsar.deadlines import Channel
from dsar.identity import show_identity
from dsar.intake import Arrival
from dsar.models import SubjectRequest
from dsar.services import file_by_address
from dsar.terms import IdentityMethod
from mailing.models import OutgoingMessage
from mailing.sealing import open_letter
from tests.dsar.conftest import NOW, File

pytestmark = pytest.mark.django_db


@pytest.fixture
def by_code(person: User) -> SubjectRequest:
    """An erasure that somebody with an account filed without logging in, and whose code came back."""
    EmailAddress.objects.filter(user=person).update(verified=True)
    arrival = Arrival(channel=Channel.PORTAL_TOKEN, at=NOW)
    (case,) = file_by_address(person.email, [Right.ERASURE], arrival=arrival, language="en", now=NOW)
    return show_identity(case.pk, IdentityMethod.EMAIL_CODE, actor=Actor.system("test"), now=NOW)


def last_text() -> str:
    return open_letter(OutgoingMessage.objects.latest("created_at", "pk")).text


def texts() -> list[str]:
    return [open_letter(message).text for message in OutgoingMessage.objects.all()]


@pytest.mark.requirement("E1")
def test_an_erasure_filed_by_code_says_that_it_waits_and_leads_to_its_list(by_code: SubjectRequest) -> None:
    (waits,) = [text for text in texts() if "nothing is erased before" in text]
    assert f"/privacy/cases/{case_key(by_code)}/erasure/" in waits


@pytest.mark.requirement("D6")
def test_who_came_without_a_log_in_is_sent_to_none(by_code: SubjectRequest, person: User, file: File) -> None:
    assert by_code.user == person
    assert letters.link_to(by_code) == f"/privacy/cases/{case_key(by_code)}/"
    assert letters.link_to(case := file()) == f"/privacy/requests/{case.number}/"


@pytest.mark.clause("Q10.1")
def test_the_last_letter_says_whether_the_address_lies_in_the_archive(by_code: SubjectRequest) -> None:
    until = NOW + timedelta(days=6 * 365)
    for archive, said in ((until, "lie sealed in the archive until"), (None, "we do not know this address any more")):
        OutgoingMessage.objects.all().delete()
        erasure_letters.tell_erased(by_code, "anna@example.lv", "/r/", archive_until=archive, now=NOW)
        assert said in last_text()
