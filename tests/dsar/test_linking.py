"""Staff link the person of whom a code or a letter said nothing: for who is represented only that says who she is."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.trail import Actor
from datamap.terms import Right
from dsar import casework, staff_erasure
from dsar.access import build_package
from dsar.identity import check_authority, show_identity
from dsar.linking import is_unlinked, link_person
from dsar.models import Objection, Package, Representative, SubjectRequest
from dsar.queries import subject_of
from dsar.refusals import NobodyToErase, NoSuchAccount, OwnRequest, WrongStage
from dsar.steps import Step
from dsar.terms import IdentityMethod, IdentityOutcome, Stage
from tests.dsar.conftest import NOW
from tests.dsar.test_desk_pages import allow, page_address, step_address
from tests.dsar.test_identity import by_mail
from tests.people import log_in

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("I11")]


def by(user: User) -> Step:
    return Step(by=user, reason="she named her last order", now=NOW)


@pytest.fixture(autouse=True)
def confirmed(person: User, other_person: User) -> None:
    EmailAddress.objects.update(verified=True)


def represented(right: Right, address: str = "janis@example.lv") -> SubjectRequest:
    """Jānis, who has an account himself, acts for Anna and has shown that he reads his mail."""
    (case,) = by_mail(right, address=address)
    Representative.objects.create(case=case, name="Jānis Ozols", kind="lawyer")
    return show_identity(case.pk, IdentityMethod.EMAIL_CODE, actor=Actor.system("test"), now=NOW)


def checked(case: SubjectRequest, officer: User) -> SubjectRequest:
    check_authority(case.pk, actor=Actor.of(officer), now=NOW, by=officer.pk, document="mandate", reason="seen")
    return SubjectRequest.objects.get(pk=case.pk)


def led(case: SubjectRequest, person: User, officer: User, colleague: User) -> None:
    """By two: the address of the request is not the account's."""
    link_person(case.pk, person.email, step=by(officer))
    casework.agree_to_account(case.pk, person.email, step=by(colleague))


def test_the_mailbox_of_a_representative_never_leads_to_his_own_data(officer: User, other_person: User) -> None:
    case = checked(represented(Right.ERASURE), officer)
    assert (case.user, subject_of(case).is_somebody) == (None, False)
    with pytest.raises(NobodyToErase):
        staff_erasure.propose_erasure(case.pk, objection_to_archive=False, step=by(officer))
    assert User.objects.filter(pk=other_person.pk).exists()


@pytest.mark.parametrize("authority_first", [True, False])
def test_a_copy_is_begun_once_authority_and_person_are_both_known(
    officer: User, colleague: User, person: User, *, authority_first: bool
) -> None:
    case = represented(Right.ACCESS)
    steps = [lambda: checked(case, officer), lambda: led(case, person, officer, colleague)]
    first, second = steps if authority_first else reversed(steps)
    first()
    assert not Package.objects.exists()
    second()
    linked = SubjectRequest.objects.get(pk=case.pk)
    assert subject_of(linked).user_id == person.pk
    assert build_package(case.pk, now=NOW + timedelta(minutes=1)) is not None
    shown = linked.identity_checks.filter(method=IdentityMethod.KNOWN_FACTS, outcome=IdentityOutcome.SHOWN)
    assert (shown.get().by, shown.get().agreed_by) == (officer.pk, colleague.pk)


def test_an_objection_stops_the_processing_once_the_person_is_linked(
    officer: User, colleague: User, person: User
) -> None:
    case = checked(represented(Right.OBJECTION), officer)
    assert not Objection.objects.exists()
    led(case, person, officer, colleague)
    assert set(Objection.objects.values_list("user_id", flat=True)) == {person.pk}


def test_who_was_shown_by_facts_without_an_account_gets_no_copy_of_nobody(
    officer: User, colleague: User, person: User
) -> None:
    (case,) = by_mail(Right.ACCESS, address="new@example.lv")
    casework.accept_identity(case.pk, IdentityMethod.KNOWN_FACTS, step=by(officer))
    assert not Package.objects.exists()
    led(case, person, officer, colleague)
    assert Package.objects.get().request_id == case.pk


def test_only_an_open_request_is_linked_to_a_confirmed_account_and_never_to_ones_own(
    officer: User, colleague: User, person: User
) -> None:
    case = represented(Right.ACCESS)
    with pytest.raises(NoSuchAccount):
        link_person(case.pk, "nobody@example.lv", step=by(officer))
    with pytest.raises(OwnRequest):
        link_person(case.pk, officer.email, step=by(officer))
    led(case, person, officer, colleague)
    with pytest.raises(WrongStage):
        link_person(case.pk, person.email, step=by(officer))


def test_the_desk_offers_the_link_as_the_next_step(
    client: Client, officer: User, colleague: User, person: User
) -> None:
    case = represented(Right.OBJECTION)
    allow(officer, "change_subjectrequest", "view_subjectrequest")
    log_in(client, officer)

    def first() -> list[str]:
        return [name for name, _step in client.get(page_address(case)).context["first_steps"]]

    assert first() == ["check-authority"]
    client.post(step_address(case, "check-authority"), {"document": "mandate of 3 May", "reason": "seen"})
    assert first() == ["link-person"]
    done = client.post(step_address(case, "link-person"), {"account_address": person.email, "reason": "named in it"})
    assert done.headers["Location"] == reverse("admin:dsar_subjectrequest_change", args=[case.pk])
    assert first() == []
    casework.agree_to_account(case.pk, person.email, step=by(colleague))
    linked = SubjectRequest.objects.get(pk=case.pk)
    assert (linked.user_id, linked.stage, is_unlinked(linked)) == (person.pk, Stage.OPEN, False)
