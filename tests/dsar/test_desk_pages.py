"""The desk in the browser: the queue, the page of a request, its steps; whoever looks is recorded (Q3.1)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.models import Entry
from audit.revealing import RevealReason
from datamap.terms import Right
from dsar import assigning, casework
from dsar.desk import STEPS, steps_for
from dsar.duedates import remember_due
from dsar.inbound import set_aside_mails
from dsar.models import CaseMessage, Objection, RecipientNotice, SubjectRequest
from dsar.steps import Step
from dsar.terms import RefusalReason, Stage
from tests.dsar.conftest import NOW, File, copy_of
from tests.mailing.calls import configured, deliver, mail
from tests.people import log_in, prove_again

pytestmark = pytest.mark.django_db
QUEUE = "admin:dsar_subjectrequest_changelist"


def by(user: User) -> Step:
    return Step(by=user, reason="as agreed", now=NOW)


@pytest.fixture
def desk(client: Client, officer: User) -> Client:
    """Somebody who may approve, with a fresh password."""
    allow(officer, "change_subjectrequest", "view_subjectrequest", "approve_subjectrequest")
    log_in(client, officer)
    prove_again(client)
    return client


def allow(user: User, *names: str) -> None:
    user.user_permissions.add(*Permission.objects.filter(codename__in=names))


def step_address(case: SubjectRequest, name: str) -> str:
    return reverse("admin:dsar_subjectrequest_step", args=[case.pk, name])


def page_address(case: SubjectRequest) -> str:
    return reverse("admin:dsar_subjectrequest_change", args=[case.pk])


def reveal(client: Client, case: SubjectRequest) -> str:
    address = reverse("admin:dsar_subjectrequest_reveal", args=[case.pk])
    return client.post(address, {"reason": RevealReason.WORK}).content.decode()


def make_old(case: SubjectRequest, days: int = 90) -> None:
    case.received_at = timezone.now() - timedelta(days=days)
    case.save()
    remember_due(case)


@pytest.mark.requirement("G4")
def test_who_finds_that_a_complaint_is_about_herself_says_so_and_has_it_no_more(
    desk: Client, file: File, officer: User
) -> None:
    case = file(Right.COMPLAINT)
    form = {"address": officer.email, "reason": "It is about me."}
    answer = desk.post(step_address(case, "complained-of"), form)
    assert (answer.status_code, answer["Location"]) == (302, reverse(QUEUE))
    case.refresh_from_db()
    assert case.complaint_about == officer.pk
    assert desk.get(page_address(case)).status_code == 404


@pytest.mark.clause("Q3.1")
def test_whoever_opens_a_request_is_recorded(desk: Client, file: File, person: User, officer: User) -> None:
    case = file()
    assert desk.get(page_address(case)).status_code == 200
    entry = Entry.objects.get(action="viewed", object_id=str(case.pk))
    assert (entry.actor_id, entry.subject) == (str(officer.pk), person.pk)
    assert case.number in entry.reason


@pytest.mark.clause("Q3.1")
def test_the_list_shows_what_is_overdue_and_records_the_look(desk: Client, file: File) -> None:
    case = file(Right.OBJECTION)
    make_old(case)
    page = desk.get(reverse(QUEUE)).content.decode()
    assert case.number in page
    assert "due-overdue" in page
    assert Entry.objects.filter(action="listed").exists()


@pytest.mark.requirement("G6")
def test_a_page_is_masked_until_a_reason_is_given_and_that_is_recorded(
    desk: Client, file: File, person: User, officer: User
) -> None:
    case = file(Right.COMPLAINT, text="<script>alert(1)</script>")
    casework.write_note(case.pk, step=Step(by=officer, reason="called Anna back", now=NOW))
    masked = desk.get(page_address(case)).content.decode()
    for secret in (person.email, "alert(1)", "called Anna back", str(person.pk)):
        assert secret not in masked
    clear = reveal(desk, case)
    assert person.email in clear
    assert "&lt;script&gt;alert(1)" in clear
    assert "<script>alert(1)" not in clear
    assert "called Anna back" in clear
    entry = Entry.objects.get(action="revealed")
    assert (entry.subject, RevealReason.WORK in entry.reason) == (person.pk, True)
    assert "alert(1)" not in desk.get(page_address(case)).content.decode()


@pytest.mark.requirement("G6")
def test_nothing_is_revealed_without_a_reason(desk: Client, file: File, person: User) -> None:
    case = file()
    answer = desk.post(reverse("admin:dsar_subjectrequest_reveal", args=[case.pk]), {"reason": "curious"})
    assert (answer.status_code, person.email in answer.content.decode()) == (400, False)
    assert desk.get(reverse("admin:dsar_subjectrequest_reveal", args=[case.pk])).status_code == 405


def test_the_desk_shows_what_is_to_be_done_unless_asked_for_all(desk: Client, file: File, officer: User) -> None:
    done, waiting = file(Right.HUMAN_REVIEW), file(Right.OBJECTION)
    casework.answer_request(done.pk, "Corrected.", step=by(officer))

    def listed(**query: str) -> set[SubjectRequest]:
        return set(desk.get(reverse(QUEUE), query).context["cl"].queryset)

    assert (listed(), listed(work="closed"), listed(work="all")) == ({waiting}, {done}, {waiting, done})


def test_the_queue_is_filtered_by_what_waits(desk: Client, file: File, officer: User, colleague: User) -> None:
    late, near, refused = file(Right.OBJECTION), file(Right.RECTIFICATION), file(Right.COMPLAINT)
    make_old(late)
    make_old(near, 27)
    assigning.take_over(near.pk, step=by(officer))
    casework.propose_refusal(refused.pk, RefusalReason.UNFOUNDED, "No.", step=by(colleague))

    def listed(**query: str) -> set[SubjectRequest]:
        return set(desk.get(reverse(QUEUE), query).context["cl"].queryset)

    assert listed(due="overdue") == {late}
    assert listed(due="10") == {late, near}
    assert listed(mine="handled") == {near}
    assert listed(mine="approval") == {refused}
    assert listed(right="objection") == {late}
    assert listed(standing="unidentified") == set()
    assert listed(standing="paused") == set()


@pytest.mark.requirement("G9")
def test_nothing_about_a_person_stands_in_an_address_line(desk: Client, file: File, person: User) -> None:
    first, second = file(Right.OBJECTION), file(Right.COMPLAINT)
    page = desk.get(reverse(QUEUE)).content.decode()
    assert 'name="q"' not in page
    assert set(desk.get(reverse(QUEUE), {"q": person.email}).context["cl"].queryset) == {first, second}
    find = reverse("admin:dsar_subjectrequest_find")
    assert desk.get(find, {"words": person.email}).status_code == 405
    found = desk.post(find, {"words": person.email.upper()}).content.decode()
    assert first.number in found
    assert second.number in found
    assert desk.post(find, {"words": first.number.lower()}).headers["Location"] == page_address(first)
    assert first.number not in desk.post(find, {"words": person.email[1:]}).content.decode()
    assert Entry.objects.filter(action="searched", details__found=2).count() == 1


def test_the_queue_asks_as_much_for_many_requests_as_for_few(desk: Client, file: File) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(reverse(QUEUE)).status_code == 200
        return len(queries)

    file(Right.OBJECTION)
    asked()  # what the first page of a log-in asks besides
    few = asked()
    for _number in range(8):
        file(Right.OBJECTION)
    assert asked() == few


@pytest.mark.requirement("G3")
def test_an_agent_sees_his_own_queue_and_approves_nothing(
    client: Client, file: File, officer: User, colleague: User
) -> None:
    mine, free, other = file(Right.OBJECTION), file(Right.RECTIFICATION), file(Right.COMPLAINT)
    assigning.take_over(mine.pk, step=by(officer))
    assigning.take_over(other.pk, step=by(colleague))
    allow(officer, "change_subjectrequest", "view_subjectrequest")
    log_in(client, officer)
    assert set(client.get(reverse(QUEUE)).context["cl"].queryset) == {mine, free}
    assert client.get(page_address(other)).status_code == 404
    assert client.get(step_address(other, "note")).status_code == 404
    casework.propose_refusal(mine.pk, RefusalReason.UNFOUNDED, "No.", step=by(colleague))
    page = client.get(page_address(mine)).content.decode()
    assert step_address(mine, "approve-refusal") not in page
    assert client.get(step_address(mine, "approve-refusal")).status_code == 403


@pytest.mark.requirement("G4")
def test_nobody_sees_a_request_of_his_own_or_a_complaint_about_himself(
    desk: Client, file: File, officer: User, colleague: User
) -> None:
    own, about = file(Right.OBJECTION, user=officer), file(Right.COMPLAINT)
    assigning.name_complained_of(about.pk, officer.email, step=by(colleague))
    assert set(desk.get(reverse(QUEUE), {"work": "all"}).context["cl"].queryset) == set()
    for case in (own, about):
        assert desk.get(page_address(case)).status_code == 404
        assert desk.post(step_address(case, "answer"), {"reason": "x", "answer": "x"}).status_code == 404
    own.refresh_from_db()
    assert own.stage == Stage.OPEN


@pytest.mark.requirement("G7")
def test_a_grave_step_asks_for_the_password_again(client: Client, file: File, officer: User) -> None:
    allow(officer, "change_subjectrequest", "view_subjectrequest", "approve_subjectrequest")
    client.force_login(officer)
    case = file(Right.OBJECTION)
    fields = {"reason": "checked", "answer": "Done."}
    for name in (name for name, step in STEPS.items() if step.grave):
        assert reverse("account_reauthenticate") in client.get(step_address(case, name)).headers["Location"]
    client.post(step_address(case, "answer"), fields)
    case.refresh_from_db()
    assert case.stage == Stage.OPEN
    assert client.get(step_address(case, "note")).status_code == 200


@pytest.mark.requirement("G5")
def test_nothing_is_done_in_bulk(desk: Client, file: File) -> None:
    case = file(Right.OBJECTION)
    page = desk.get(reverse(QUEUE)).content.decode()
    assert 'name="action"' not in page
    desk.post(reverse(QUEUE), {"action": "delete_selected", "_selected_action": str(case.pk), "post": "yes"})
    assert SubjectRequest.objects.filter(pk=case.pk).exists()


def test_each_step_has_its_page(desk: Client, file: File) -> None:
    case = file(Right.RECTIFICATION)
    page = desk.get(page_address(case)).content.decode()
    for name in steps_for(case):
        assert step_address(case, name) in page
        assert desk.get(step_address(case, name)).status_code == 200
    assert set(steps_for(case)) < set(STEPS)


def test_a_step_is_taken_through_its_service(desk: Client, file: File) -> None:
    case = file(Right.HUMAN_REVIEW)
    fields = {"reason": "checked", "answer": "Corrected."}
    desk.post(step_address(case, "answer"), fields)
    case.refresh_from_db()
    assert (case.stage, case.answer.startswith("Corrected.")) == (Stage.ANSWERED, True)
    assert desk.post(step_address(case, "answer"), fields).status_code == 400


@pytest.mark.parametrize("fields", [{"answer": "Corrected."}, {"reason": "x", "answer": "[[what was done]]"}])
def test_a_step_without_its_reason_or_with_a_blank_stays_on_its_page(
    desk: Client, file: File, fields: dict[str, str]
) -> None:
    case = file(Right.RECTIFICATION)
    assert desk.post(step_address(case, "answer"), fields).status_code == 400
    case.refresh_from_db()
    assert case.stage == Stage.OPEN


def test_the_desk_offers_only_grounds_that_fit(desk: Client, file: File) -> None:
    page = desk.get(step_address(file(Right.ACCESS), "propose-refusal")).content.decode()
    assert RefusalReason.OTHERS.value in page
    assert RefusalReason.CLAIMS.value not in page


def test_who_approves_reads_what_is_refused_and_what_is_erased(desk: Client, file: File, colleague: User) -> None:
    refusal, erasure = file(Right.OBJECTION), file(Right.ERASURE)
    casework.propose_refusal(refusal.pk, RefusalReason.UNFOUNDED, "Our reasons at length.", step=by(colleague))
    assert "Our reasons at length." in desk.get(step_address(refusal, "approve-refusal")).content.decode()
    assert "<table" in desk.get(step_address(erasure, "propose-erasure")).content.decode()


def test_messages_notes_and_linked_requests_stand_on_the_page(
    desk: Client, file: File, officer: User, person: User
) -> None:
    case = file(Right.OBJECTION)
    assert case.intake
    other = SubjectRequest.objects.get(pk=file(Right.COMPLAINT).pk)
    SubjectRequest.objects.filter(pk=other.pk).update(intake=case.intake)
    casework.write_to_person(case.pk, "We are looking into it.", step=by(officer))
    assert CaseMessage.objects.get().direction == "to_person"
    page = reveal(desk, case)
    assert "We are looking into it." in page
    assert other.number in page


def test_the_timeline_speaks_in_words_and_names_the_staff(desk: Client, file: File, officer: User) -> None:
    case = file(Right.HUMAN_REVIEW)
    casework.answer_request(case.pk, "Corrected.", step=by(officer))
    page = desk.get(page_address(case), headers={"accept-language": "en"})
    timeline = page.content.decode().rsplit("<ol>", 1)[1].split("</ol>")[0]
    assert officer.email in timeline
    assert "identified_by_login" not in timeline


def test_facts_cannot_be_typed_over(desk: Client, file: File) -> None:
    assert desk.post(page_address(file()), {"stage": "answered"}).status_code == 403


@pytest.mark.requirement("D2")
@pytest.mark.requirement("G8")
def test_staff_without_the_permission_get_nothing(client: Client, officer: User, file: File) -> None:
    case = file()
    allow(officer, "view_subjectrequest", "change_subjectrequest")
    client.force_login(officer)
    assert client.get(page_address(case)).status_code == 200
    officer.user_permissions.clear()
    pages: list[Callable[[], Any]] = [
        lambda: client.get(page_address(case)),
        lambda: client.get(step_address(case, "note")),
        lambda: client.post(reverse("admin:dsar_subjectrequest_reveal", args=[case.pk]), {"reason": "to_answer"}),
        lambda: client.get(reverse("admin:dsar_subjectrequest_enter")),
        lambda: client.post(reverse("admin:dsar_subjectrequest_find"), {"words": case.number}),
        lambda: client.get(reverse("admin:dsar_subjectrequest_calendar")),
    ]
    assert [page().status_code for page in pages] == [403] * len(pages)


def test_a_step_that_does_not_exist_is_not_found(desk: Client, file: File) -> None:
    assert desk.get(step_address(file(), "erase-now")).status_code == 404


@pytest.mark.clause("Q16.5")
def test_an_objection_is_overruled_by_two_from_the_desk(
    desk: Client, file: File, colleague: User, officer: User
) -> None:
    case = file(Right.OBJECTION)
    objection = Objection.objects.filter(case_number=case.number).first()
    assert objection
    fields = {"objection": str(objection.pk), "reason": "A claim is pending."}
    assert desk.post(step_address(case, "propose-grounds"), fields).status_code == 302
    assert desk.post(step_address(case, "overrule"), fields).status_code == 400
    Objection.objects.filter(pk=objection.pk).update(proposed_by=colleague.pk)
    assert desk.post(step_address(case, "overrule"), fields).status_code == 302


def test_a_value_is_corrected_and_recipients_are_settled_from_the_desk(desk: Client, file: File, person: User) -> None:
    case = file(Right.RECTIFICATION)
    page = desk.get(step_address(case, "correct"))
    assert person.family_name not in page.content.decode()
    keys = [key for key, _label in page.context["form"].fields["key"].choices if key.endswith("|family_name")]
    fields = {"key": keys[0], "value": "Bērziņa-Kalna", "reason": "shown in her account"}
    assert desk.post(step_address(case, "correct"), fields).status_code == 302
    person.refresh_from_db()
    assert person.family_name == "Bērziņa-Kalna"
    notice = RecipientNotice.objects.create(case=case, recipient="Mailgun", article="16", ordered_at=NOW)
    fields = {"notice": str(notice.pk), "outcome": "confirmed", "channel": "email", "reason": "mail of today"}
    assert desk.post(step_address(case, "settle-notice"), fields).status_code == 302
    notice.refresh_from_db()
    assert notice.outcome == "confirmed"


@pytest.mark.clause("Q3.1")
def test_a_look_appears_in_the_access_copy_of_the_person_without_the_name_of_the_staff(
    desk: Client, file: File, person: User, officer: User
) -> None:
    desk.get(page_address(file(Right.OBJECTION)))
    copy = copy_of(person, now=timezone.now())
    texts = [copy.read(name).decode(errors="replace") for name in copy.namelist()]
    assert any("viewed" in text for text in texts)
    assert not any(str(officer.pk) in text or officer.email in text for text in texts)


@pytest.mark.clause("Q19.3")
def test_a_mail_set_aside_is_read_on_record_by_who_may_and_by_nobody_else(
    client: Client, officer: User, settings: Any
) -> None:
    configured(settings)
    assert deliver(mail("Esmu atvaļinājumā.", Auto_Submitted="auto-replied")) == 200
    (kept,) = set_aside_mails()
    address = reverse("admin:dsar_intake_original", args=[kept.pk])
    log_in(client, officer)
    assert client.get(address).status_code == 403
    allow(officer, "change_subjectrequest", "view_intake")
    answer = client.get(address)
    assert "Esmu" in answer.content.decode()
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert Entry.objects.filter(action="viewed", object_id=str(kept.pk)).exists()
    page = client.get(reverse("admin:dsar_intake_changelist")).content.decode()
    assert "atvaļinājumā" not in page
