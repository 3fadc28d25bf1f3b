"""The desk says what comes next, shows what a second person must read, and never offers it to the first."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from datamap.terms import Right
from dsar import assigning, casework, corrections, marking, replies, staff_erasure
from dsar.models import Objection, SubjectRequest
from dsar.objections import overrule, propose_grounds
from dsar.queries import events_of
from dsar.terms import RefusalReason
from qlekta import roles
from retention import lifting
from retention.restriction import RestrictionGround
from retention.standing import Restriction
from tests.dsar.conftest import NOW, File
from tests.dsar.test_desk_pages import QUEUE, allow, by, page_address, reveal, step_address
from tests.people import log_in, prove_again

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client, officer: User) -> Client:
    allow(officer, "change_subjectrequest", "view_subjectrequest", "approve_subjectrequest")
    log_in(client, officer)
    prove_again(client)
    return client


def first(client: Client, case: SubjectRequest) -> list[str]:
    return [name for name, _step in client.get(page_address(case)).context["first_steps"]]


def offered(client: Client, case: SubjectRequest) -> set[str]:
    groups = client.get(page_address(case)).context["groups"]
    return {name for _label, steps in groups for name, _step in steps} | set(first(client, case))


def test_each_right_has_its_next_step(desk: Client, file: File, officer: User) -> None:
    wanted = {
        Right.RECTIFICATION: ["correct"],
        Right.RESTRICTION: ["restrict"],
        Right.OBJECTION: ["answer", "propose-grounds"],
        Right.GENERAL: ["answer", "turn-into"],
        Right.COMPLAINT: ["complained-of", "answer"],
        Right.ERASURE: ["propose-erasure"],
        Right.ACCESS: [],
    }
    assert {right: first(desk, file(right)) for right in wanted} == wanted
    done = file(Right.HUMAN_REVIEW)
    casework.answer_request(done.pk, "Looked at again.", step=by(officer))
    assert first(desk, done) == []


@pytest.mark.requirement("G4")
def test_what_needs_two_is_offered_to_the_second_person_only(
    desk: Client, file: File, officer: User, colleague: User
) -> None:
    mine, theirs, erasure = file(Right.COMPLAINT), file(Right.HUMAN_REVIEW), file(Right.ERASURE)
    casework.propose_refusal(mine.pk, RefusalReason.UNFOUNDED, "No.", step=by(officer))
    casework.propose_refusal(theirs.pk, RefusalReason.UNFOUNDED, "No.", step=by(colleague))
    staff_erasure.propose_erasure(erasure.pk, objection_to_archive=False, step=by(officer))
    assert "approve-refusal" not in offered(desk, mine)
    assert "approve-erasure" not in offered(desk, erasure)
    assert first(desk, theirs) == ["approve-refusal", "return-refusal"]


@pytest.mark.clause("Q16.5")
def test_who_approves_grounds_reads_them_and_chooses_among_those_that_were_proposed(
    desk: Client, file: File, officer: User, colleague: User
) -> None:
    case = file(Right.OBJECTION)
    others = Objection.objects.filter(case_number=case.number).exclude(purpose="SECURITY")
    mine = Objection.objects.get(case_number=case.number, purpose="SECURITY")
    propose_grounds(mine.pk, "An attack is being traced.", by=officer, now=NOW)
    assert "overrule" not in offered(desk, case)
    assert events_of(case).filter(action="grounds_proposed").count() == 1
    propose_grounds(mine.pk, "An attack is being traced still.", by=colleague, now=NOW)
    assert first(desk, case) == ["overrule", "answer"]
    page = desk.get(step_address(case, "overrule")).content.decode()
    assert "An attack is being traced still." in page
    assert str(mine.pk) in page
    assert not [item for item in others if str(item.pk) in page]


@pytest.mark.clause("Q16.3")
@pytest.mark.requirement("G6")
def test_a_correction_shows_before_and_after_masked_until_a_reason_is_given(
    desk: Client, file: File, officer: User, person: User
) -> None:
    case = file(Right.RECTIFICATION)
    (key,) = [item.key for item in corrections.correctable(case) if item.key.endswith("|family_name")]
    before = person.family_name
    corrections.correct(case.pk, key, "Kalna-Upe", step=by(officer))
    masked = desk.get(page_address(case)).content.decode()
    assert before not in masked
    assert "Kalna-Upe" not in masked
    clear = reveal(desk, case)
    assert before in clear
    assert "Kalna-Upe" in clear
    assert first(desk, case)[0] in {"answer", "settle-notice"}


def test_a_restriction_stands_on_the_page_and_is_not_offered_again(desk: Client, file: File, officer: User) -> None:
    case = file(Right.RESTRICTION)
    casework.restrict(case.pk, RestrictionGround.ACCURACY, step=by(officer))
    assert "restrict" not in offered(desk, case)
    assert [item.case_number for item in desk.get(page_address(case)).context["restrictions"]] == [case.number]


def test_a_restriction_that_has_ended_is_off_the_page_and_may_be_placed_again(
    desk: Client, file: File, officer: User
) -> None:
    case = file(Right.RESTRICTION)
    casework.restrict(case.pk, RestrictionGround.ACCURACY, step=by(officer))
    (placed,) = Restriction.objects.filter(case_number=case.number)
    day = timedelta(days=1)
    delivered_on, letter = (NOW + day).date(), "RR123456789LV"
    lifting.tell_by_post(placed.pk, delivered_on=delivered_on, by=officer, reason=letter, now=NOW + 2 * day)
    lifting.lift(placed.pk, by=officer, reason="it is right", now=NOW + 3 * day)
    assert "restrict" in offered(desk, case)
    assert desk.get(page_address(case)).context["restrictions"] == []


def test_who_is_marked_as_young_is_not_offered_for_it_again(desk: Client, file: File, officer: User) -> None:
    case = file(Right.GENERAL)
    assert "mark-young" in offered(desk, case)
    marking.mark_young(case.pk, step=by(officer))
    assert "mark-young" not in offered(desk, case)


def test_where_all_is_overruled_nothing_is_left_to_object_against(
    desk: Client, file: File, officer: User, colleague: User
) -> None:
    case = file(Right.OBJECTION)
    assert "propose-grounds" in offered(desk, case)
    for objection in Objection.objects.filter(case_number=case.number):
        propose_grounds(objection.pk, "An attack is being traced.", by=officer, now=NOW)
        overrule(objection.pk, by=colleague, reason="agreed", now=NOW)
    assert not offered(desk, case) & {"propose-grounds", "overrule"}


def test_the_reason_is_asked_last(desk: Client, file: File) -> None:
    case = file(Right.COMPLAINT)
    for name in ("answer", "extend", "propose-refusal"):
        assert list(desk.get(step_address(case, name)).context["form"].fields)[-1] == "reason"


@pytest.fixture
def agent(client: Client, officer: User) -> Client:
    """Ieva with the role of somebody who only works on requests."""
    roles.set_up(now=timezone.now())
    roles.give("agent", officer, now=timezone.now())
    log_in(client, officer)
    return client


@pytest.mark.requirement("G3")
@pytest.mark.requirement("G6")
def test_an_agent_sees_masked_data_and_no_page_about_people_but_requests(
    agent: Client, file: File, colleague: User, person: User
) -> None:
    case, other = file(Right.COMPLAINT, text="Call me on 20000001"), file(Right.OBJECTION)
    assigning.take_over(other.pk, step=by(colleague))
    page = agent.get(page_address(case)).content.decode()
    for secret in (person.email, person.family_name, "20000001", str(person.pk)):
        assert secret not in page
        assert secret not in agent.get(reverse(QUEUE)).content.decode()
    assert person.email in reveal(agent, case)
    assert agent.get(page_address(other)).status_code == 404
    closed = [
        reverse("admin:accounts_user_change", args=[person.pk]),
        reverse("admin:accounts_profile_changelist"),
        reverse("admin:mailing_outgoingmessage_changelist"),
        reverse("admin:visits_visit_changelist"),
        reverse("admin:retention_opening_changelist"),
        reverse("admin:dsar_intake_changelist"),
    ]
    assert [agent.get(address).status_code for address in closed] == [403] * len(closed)


def test_the_page_says_that_nobody_handles_it_until_somebody_does(desk: Client, file: File, officer: User) -> None:
    case = file(Right.RESTRICTION)
    assert "Vēl neviens" in desk.get(page_address(case)).text
    assert "vēl neviens" in desk.get(reverse(QUEUE)).text
    assert "vēl neviens neizskata" in desk.get(step_address(case, "restrict")).text
    assigning.take_over(case.pk, step=by(officer))
    for address in (page_address(case), reverse(QUEUE), step_address(case, "restrict")):
        assert "vēl neviens" not in desk.get(address).text.lower()


def test_each_page_leads_to_what_people_are_told_about_its_right(desk: Client, file: File) -> None:
    for right, slug in ((Right.COMPLAINT, "complain"), (Right.RESTRICTION, "restrict"), (Right.ACCESS, "see")):
        assert reverse("privacy:help-topic", args=[slug]) in desk.get(page_address(file(right))).text


def test_a_later_day_is_named_and_explained(desk: Client, file: File) -> None:
    case = file(Right.RESTRICTION)
    assert "iespējama vēlāka diena" not in desk.get(reverse(QUEUE)).text
    SubjectRequest.objects.filter(pk=case.pk).update(due_cap=case.due_on)
    assert "iespējama vēlāka diena" in desk.get(reverse(QUEUE)).text
    assert "svētku dienu tabula" in desk.get(page_address(case)).text


def test_a_copy_that_comes_first_is_named_before_the_erasure_is_proposed(desk: Client, file: File) -> None:
    erasure = file(Right.ERASURE)
    said = "Tā pati persona ir lūgusi savu datu kopiju"
    assert said not in desk.get(step_address(erasure, "propose-erasure")).text
    file(Right.ACCESS)
    assert said in desk.get(step_address(erasure, "propose-erasure")).text


def test_an_answer_begins_with_what_the_record_says_was_done(file: File, officer: User) -> None:
    stopped, complaint = file(Right.OBJECTION), file(Right.COMPLAINT)
    assert "apstrāde, pret kuru iebildāt, tika apturēta" in replies.answer(stopped)
    assert "[[kas izdarīts un kad]]" not in replies.answer(stopped)
    assert "[[kas izdarīts un kad]]" in replies.answer(complaint)


def test_what_the_site_noted_by_itself_is_not_offered_for_correction(file: File, person: User) -> None:
    offered = [item.key.rpartition("|")[2] for item in corrections.correctable(file(Right.RECTIFICATION))]
    assert "given_name" in offered
    assert [name for name in offered if name.endswith("_at")] == []
