"""A sign that somebody is under 16 restricts everything about her at once, whichever way it comes (Q6.2, I12)."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from consent.services import give
from datamap.gate import may_process
from datamap.registry import tables
from datamap.terms import Right
from datamap.trace import Subject, subject_of_user
from dsar import casework, linking
from dsar.codes import identify
from dsar.desk import steps_for
from dsar.filing import Form, file_form
from dsar.marking import mark_young
from dsar.queries import events_of
from dsar.refusals import NoSuchAccount
from dsar.terms import AuthorityKind
from mailing.models import OutgoingMessage
from mailing.sealing import open_letter
from retention import lifting, restriction
from retention.minors import StaffAccount, erase_child, is_suspected, plan_for_child, suspect
from retention.standing import Restriction
from tests.dsar.conftest import File
from tests.dsar.test_case_page import mailed_code
from tests.dsar.test_representative_fetches import by
from tests.people import PASSWORD, log_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts"), pytest.mark.requirement("I12")]

PARENT = "mamma@example.lv"


@pytest.fixture
def confirmed(person: User) -> User:
    EmailAddress.objects.filter(user=person).update(verified=True)
    return person


@pytest.mark.clause("Q6.2", "Q6.3")
def test_nothing_on_consent_goes_on_and_the_person_reads_why(person: User, officer: User) -> None:
    now = timezone.now()
    give(person.pk, "PROFILING", language="lv", method="account", place="/", now=now)
    assert may_process(subject_of_user(person), "PROFILING", now=now).allowed
    for _twice in range(2):
        suspect(person, case_number="QP-1", reason="the school called", by=officer, now=now)
    assert not may_process(subject_of_user(person), "PROFILING", now=now).allowed
    assert restriction.is_restricted(subject_of_user(person))
    (letter,) = [open_letter(item).text for item in OutgoingMessage.objects.filter(to_address=person.email)]
    assert "16" in letter


def test_the_page_of_who_is_logged_in_restricts_her_though_the_request_runs_already(
    person: User, client: Client, file: File
) -> None:
    log_in(client, person)
    running = file(Right.COMPLAINT)
    form = {"right": [Right.RECTIFICATION.value], "young": "on"}
    assert client.post(reverse("privacy:request-new"), form).status_code == 302
    assert is_suspected(person)
    assert Restriction.objects.get().case_number != running.number


def test_a_stranger_silences_nobody_but_the_owner_of_the_address_is_restricted_with_the_code(confirmed: User) -> None:
    form = Form(address=confirmed.email, rights=(Right.ACCESS,), language="lv", young=True)
    (case,) = file_form(form, ip="192.0.2.1", now=timezone.now())
    assert not is_suspected(confirmed)
    assert identify(case, mailed_code(confirmed.email), ip="192.0.2.1", now=timezone.now())
    assert is_suspected(confirmed)


def test_a_parent_whose_authority_is_checked_is_such_a_sign(confirmed: User, officer: User, colleague: User) -> None:
    form = Form(address=PARENT, rights=(Right.ACCESS,), language="lv", name="Anda", capacity=AuthorityKind.PARENT)
    (case,) = file_form(form, ip="192.0.2.1", now=timezone.now())
    assert identify(case, mailed_code(PARENT), ip="192.0.2.1", now=timezone.now())
    casework.accept_authority(case.pk, "Certificate of birth", step=by(officer))
    linking.link_person(case.pk, confirmed.email, step=by(officer))
    assert not is_suspected(confirmed)
    casework.agree_to_account(case.pk, confirmed.email, step=by(colleague))
    assert is_suspected(confirmed)


def test_staff_who_read_it_in_a_message_restrict_with_one_step(confirmed: User, officer: User) -> None:
    form = Form(address=confirmed.email, rights=(Right.GENERAL,), language="lv", text="Man ir 14 gadi")
    (case,) = file_form(form, ip="192.0.2.1", now=timezone.now())
    assert case.user is None
    assert "mark-young" in steps_for(case)
    mark_young(case.pk, step=by(officer))
    assert is_suspected(confirmed)
    assert events_of(case).filter(action="child_marked").exists()


def test_a_mark_on_a_request_of_nobody_says_so(officer: User) -> None:
    (case,) = file_form(Form(address=PARENT, rights=(Right.GENERAL,), language="lv"), ip="", now=timezone.now())
    with pytest.raises(NoSuchAccount):
        mark_young(case.pk, step=by(officer))


def test_who_has_no_account_is_restricted_by_the_address_that_is_hers(officer: User) -> None:
    (case,) = file_form(Form(address=PARENT, rights=(Right.ACCESS,), language="lv"), ip="", now=timezone.now())
    assert identify(case, mailed_code(PARENT), ip="192.0.2.1", now=timezone.now())
    for _twice in range(2):
        mark_young(case.pk, step=by(officer))
    assert restriction.is_restricted(Subject(emails=frozenset({PARENT})))
    letters = [open_letter(item).text for item in OutgoingMessage.objects.filter(to_address=PARENT)]
    assert len([text for text in letters if "16 gadu" in text]) == 1


def test_staff_restrict_from_the_account_s_page_and_may_lift_it_after_telling(
    person: User, officer: User, client: Client
) -> None:
    User.objects.filter(pk=officer.pk).update(is_superuser=True)
    client.post(reverse("account_login"), {"login": officer.email, "password": PASSWORD})
    at = reverse("admin:retention_suspect_child", args=[person.pk])
    assert at in client.get(reverse("admin:accounts_user_change", args=[person.pk])).content.decode()
    assert client.post(at, {"reason": "the school called"}).status_code == 302
    assert is_suspected(person)
    found = Restriction.objects.get()
    lifting.tell(found.pk, by=officer, reason="she showed that she is 19", now=timezone.now())
    assert "QP-" not in str([open_letter(item).text for item in OutgoingMessage.objects.filter(user_id=person.pk)])


def test_a_sign_about_staff_is_refused(officer: User) -> None:
    with pytest.raises(StaffAccount):
        suspect(officer, case_number="QP-1", reason="x", by=officer, now=timezone.now())


@pytest.mark.clause("Q6.2")
def test_a_restricted_child_is_erased_like_any_other(person: User, officer: User) -> None:
    now = timezone.now()
    suspect(person, case_number="QP-1", reason="the school called", by=officer, now=now)
    plan = plan_for_child(person, now=now)
    erase_child(person, plan_digest=plan.digest, reason="confirmed", actor=by(officer).actor, now=now)
    assert not User.objects.filter(pk=person.pk).exists()
    assert not restriction.active().exists()


def test_no_form_and_no_table_holds_a_date_of_birth() -> None:
    names = {field.name for model in tables() for field in model._meta.concrete_fields}
    assert [name for name in names if "birth" in name or name.startswith("born_")] == []
