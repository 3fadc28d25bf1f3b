"""The last letter of an erasure comes back: the request says so, and nobody knows any more where it went (F28; X3)."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from datamap.trace import subject_of_user
from dsar.erasure import confirm_erasure, run_erasure
from dsar.models import SubjectRequest
from dsar.queries import events_of
from dsar.terms import ACTIONS, LAST_LETTER_BOUNCED, Stage
from mailing.inbound import came_back, came_back_again
from mailing.models import OutgoingMessage, State
from outbox.services import drain
from retention.erasure import plan_erasure
from tests.dsar.conftest import NOW
from tests.people import log_in
from vault.keys import has_key

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("published_texts")]

HERS = "anna@example.lv"


@pytest.fixture
def erased(person: User) -> SubjectRequest:
    digest = plan_erasure(subject_of_user(person), now=NOW, archive=False).digest
    wish = {"plan_digest": digest, "objection_to_archive": True, "waive_copy": False}
    case = confirm_erasure(user=person, now=NOW, **wish).case  # type: ignore[arg-type]
    run_erasure(case.pk, now=NOW)
    drain(now=NOW + timedelta(minutes=1), limit=100)
    case.refresh_from_db()
    return case


@pytest.mark.requirement("F28")
@pytest.mark.clause("Q16.7")
def test_the_request_says_that_it_came_back_and_no_address_is_kept(erased: SubjectRequest) -> None:
    assert [letter.to for letter in mail.outbox][-1] == [HERS]
    row = OutgoingMessage.objects.get(forget_after_delivery=True)
    assert (row.state, row.to_address, row.subject, row.user_id, row.body_sealed) == (State.SENT, "", "", None, None)
    assert not has_key(row.pk)
    assert came_back(row.pk, HERS, now=NOW + timedelta(minutes=5))
    assert not came_back(row.pk, HERS, now=NOW + timedelta(minutes=6)), "once"
    erased.refresh_from_db()
    assert (erased.stage, erased.email) == (Stage.ANSWERED, ""), "what was erased is not reopened"
    last = events_of(erased).last()
    assert last is not None
    assert last.action == LAST_LETTER_BOUNCED
    assert LAST_LETTER_BOUNCED in ACTIONS
    everything = str(list(OutgoingMessage.objects.values())) + str(list(events_of(erased).values()))
    assert HERS not in everything


def test_a_stranger_to_the_letter_reports_nothing(erased: SubjectRequest) -> None:
    assert not came_back(erased.pk, HERS, now=NOW)
    assert LAST_LETTER_BOUNCED not in [event.action for event in events_of(erased)]


@pytest.mark.requirement("F28", "X2")
def test_it_is_known_again_after_a_restore(erased: SubjectRequest) -> None:
    row = OutgoingMessage.objects.get(forget_after_delivery=True)
    assert came_back_again(row.pk, now=NOW)
    assert LAST_LETTER_BOUNCED in [event.action for event in events_of(erased)]


@pytest.mark.requirement("F28")
def test_the_desk_finds_such_requests(erased: SubjectRequest, officer: User, client: Client) -> None:
    User.objects.filter(pk=officer.pk).update(is_superuser=True)
    log_in(client, officer)
    queue = f"{reverse('admin:dsar_subjectrequest_changelist')}?standing=unreached"
    assert erased.number not in client.get(queue).content.decode()
    came_back(OutgoingMessage.objects.get(forget_after_delivery=True).pk, HERS, now=NOW)
    assert erased.number in client.get(queue).content.decode()
    page = client.get(reverse("admin:dsar_subjectrequest_change", args=[erased.pk])).content.decode()
    assert str(ACTIONS[LAST_LETTER_BOUNCED]) in page
