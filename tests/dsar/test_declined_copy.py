"""A copy that lies ready is declined before an erasure on record, or it is waited for (Q18.3)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from datamap.terms import Right
from datamap.trace import subject_of_user
from dsar import staff_erasure
from dsar.access import build_package
from dsar.erasure import confirm_erasure
from dsar.models import SubjectRequest
from dsar.queries import events_of
from dsar.refusals import AccessComesFirst, ProposalChanged
from dsar.steps import Step
from retention.erasure import plan_erasure
from tests.dsar.conftest import NOW, File
from tests.people import log_in, prove_again

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def ready(file: File) -> SubjectRequest:
    """A request for erasure beside a copy that lies ready."""
    build_package(file().pk, now=NOW)
    return file(Right.ERASURE)


def by(person: User) -> Step:
    return Step(by=person, reason="she said so by telephone", now=NOW)


def actions(case: SubjectRequest) -> list[str]:
    return [event.action for event in events_of(case)]


@pytest.mark.clause("Q18.3")
def test_what_she_declined_stands_with_the_proposal_and_is_what_the_second_person_agrees_to(
    ready: SubjectRequest, officer: User, colleague: User
) -> None:
    with pytest.raises(AccessComesFirst):
        staff_erasure.propose_erasure(ready.pk, objection_to_archive=False, step=by(officer))
    case = staff_erasure.propose_erasure(ready.pk, objection_to_archive=False, waive_copy=True, step=by(officer))
    assert case.copy_waived_at == NOW
    staff_erasure.approve_erasure(case.pk, step=Step(by=colleague, reason="agreed", now=LATER))
    case.refresh_from_db()
    assert case.copy_waived_at == NOW, "when she said it, not when it was agreed to"
    assert actions(case)[-3:] == ["copy_waived", "erasure_proposed", "erasure_approved"]


@pytest.mark.clause("Q18.3")
def test_nobody_agrees_past_a_copy_that_she_was_never_asked_about(file: File, officer: User, colleague: User) -> None:
    case = file(Right.ERASURE)
    staff_erasure.propose_erasure(case.pk, objection_to_archive=False, step=by(officer))
    build_package(file().pk, now=NOW)
    SubjectRequest.objects.filter(pk=case.pk).update(plan_digest=plan_of(case))
    with pytest.raises(AccessComesFirst):
        staff_erasure.approve_erasure(case.pk, step=by(colleague))


def plan_of(case: SubjectRequest) -> str:
    assert case.user is not None
    return plan_erasure(subject_of_user(case.user), now=NOW, archive=True).digest


@pytest.mark.requirement("G4")
def test_a_proposal_taken_back_takes_the_declined_copy_along(
    ready: SubjectRequest, officer: User, colleague: User
) -> None:
    staff_erasure.propose_erasure(ready.pk, objection_to_archive=False, waive_copy=True, step=by(officer))
    case = staff_erasure.take_back(ready.pk, step=by(officer))
    assert case.copy_waived_at is None
    staff_erasure.propose_erasure(ready.pk, objection_to_archive=False, waive_copy=True, step=by(officer))
    with pytest.raises(ProposalChanged):
        staff_erasure.approve_erasure(ready.pk, step=by(colleague), seen="0" * 64)


@pytest.mark.clause("Q18.3")
def test_the_second_person_reads_when_it_was_declined(
    ready: SubjectRequest, officer: User, colleague: User, client: Client
) -> None:
    User.objects.filter(pk=colleague.pk).update(is_superuser=True)
    staff_erasure.propose_erasure(ready.pk, objection_to_archive=False, waive_copy=True, step=by(officer))
    log_in(client, colleague)
    prove_again(client)
    page = client.get(reverse("admin:dsar_subjectrequest_step", args=[ready.pk, "approve-erasure"]), {"lang": "en"})
    assert page.context["text"], "nothing says that a copy was declined"
    assert str(timezone.localtime(NOW).year) in page.context["text"]


@pytest.mark.clause("Q18.3")
@pytest.mark.usefixtures("published_texts")
def test_who_confirms_herself_leaves_the_same_record(ready: SubjectRequest, person: User) -> None:
    confirmed = confirm_erasure(
        user=person, plan_digest=plan_of(ready), objection_to_archive=False, waive_copy=True, now=LATER
    )
    assert confirmed.case.copy_waived_at == LATER
    assert actions(confirmed.case)[-2:] == ["copy_waived", "erasure_confirmed"]
