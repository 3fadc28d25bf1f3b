"""What becomes of the other requests of somebody who was erased: the desk knows, and has a way to close them."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from audit.trail import Actor
from datamap.terms import Right
from datamap.trace import Subject
from dsar import casework, linking
from dsar.desk import steps_for
from dsar.erasure import run_erasure
from dsar.identity import show_identity
from dsar.meanwhile import requests_of_erased
from dsar.models import SubjectRequest
from dsar.next_step import next_step
from dsar.queries import events_of
from dsar.replies import refusal
from dsar.terms import PERSON_ERASED, IdentityMethod, RefusalReason, Stage
from retention.minors import erase_child, plan_for_child
from retention.standing import RestrictionGround
from tests.dsar.conftest import NOW, File
from tests.dsar.test_desk_pages import by
from tests.dsar.test_erasure import DELETE, anna, confirm
from tests.dsar.test_identity import by_mail
from tests.dsar.test_looks import LIGA, MARIS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]
__all__ = ["anna"]


@pytest.fixture
def orphan(file: File, person: User) -> SubjectRequest:
    """A request that was running when its person had herself erased by another."""
    case = file(Right.OBJECTION)
    run_erasure(confirm(person).case.pk, now=NOW)
    case.refresh_from_db()
    return case


def test_a_running_request_says_that_its_person_was_erased(orphan: SubjectRequest) -> None:
    assert orphan.stage == Stage.OPEN
    assert [event.action for event in events_of(orphan)][-1] == PERSON_ERASED


def test_the_desk_does_not_ask_whose_data_it_is_but_says_how_to_close_it(
    orphan: SubjectRequest, officer: User, colleague: User
) -> None:
    assert not linking.is_unlinked(orphan)
    coming = next_step(orphan, steps_for(orphan), me=officer.pk)
    assert coming.steps == ("propose-refusal",)
    text = refusal(orphan)
    assert "[[" not in text
    casework.propose_refusal(orphan.pk, RefusalReason.NOTHING_HELD, text, step=by(officer))
    closed = casework.approve_refusal(orphan.pk, step=by(colleague))
    assert closed.stage == Stage.REFUSED


def test_a_request_of_somebody_else_hears_nothing_of_it(file: File, person: User, other_person: User) -> None:
    his = file(Right.OBJECTION, user=other_person)
    run_erasure(confirm(person).case.pk, now=NOW)
    assert PERSON_ERASED not in [event.action for event in events_of(his)]


@pytest.mark.clause("Q6.2")
def test_a_request_hears_of_the_erasure_of_a_child(file: File, person: User, officer: User) -> None:
    case = file(Right.OBJECTION)
    with translation.override(person.language):
        plan = plan_for_child(person, now=NOW)
    erase_child(person, plan_digest=plan.digest, reason="a teacher wrote", actor=Actor.of(officer), now=NOW)
    case.refresh_from_db()
    assert (case.stage, case.user_id) == (Stage.OPEN, None)
    assert [event.action for event in events_of(case)].count(PERSON_ERASED) == 1
    assert next_step(case, steps_for(case), me=officer.pk).steps == ("propose-refusal",)


def test_a_request_hears_of_an_erasure_from_the_command_line_once(file: File, person: User) -> None:
    erasure, other = file(Right.ERASURE), file(Right.OBJECTION)
    hers = Subject(user_id=person.pk)
    call_command("erase_subject", email=person.email, case=erasure.number, apply=True, stdout=StringIO())
    requests_of_erased(hers, case_number=erasure.number)(NOW)  # a restore tells it again
    assert [event.action for event in events_of(other)].count(PERSON_ERASED) == 1
    assert PERSON_ERASED not in [event.action for event in events_of(erasure)]


def test_a_request_without_account_hears_of_the_erasure_of_its_address_where_identity_was_shown() -> None:
    (shown,), (unshown,) = by_mail(Right.ACCESS, address=LIGA), by_mail(Right.PORTABILITY, address=LIGA)
    (others,) = by_mail(Right.ACCESS, address=MARIS)
    for case in (shown, others):
        show_identity(case.pk, IdentityMethod.EMAIL_CODE, actor=Actor.system("test"), now=NOW)
    write = requests_of_erased(Subject(emails=frozenset({LIGA})), case_number="QP-1")
    write(NOW)
    heard = {case.number for case in (shown, unshown, others) if PERSON_ERASED in {e.action for e in events_of(case)}}
    assert heard == {shown.number}


@pytest.mark.clause("Q17.1")
def test_who_has_objected_to_claims_is_not_asked_about_an_archive_that_is_not_kept(anna: Client, file: File) -> None:
    assert 'name="objection"' in anna.get(DELETE).content.decode()
    file(Right.OBJECTION)
    with translation.override("lv"):
        page = anna.get(DELETE).content.decode()
    assert 'name="objection"' not in page
    assert "arhīvu neglabāsim" in page


def test_after_a_restriction_only_the_answer_is_missing(file: File, officer: User) -> None:
    case = file(Right.RESTRICTION)
    assert next_step(case, steps_for(case), me=officer.pk).steps == ("restrict",)
    casework.restrict(case.pk, RestrictionGround.ACCURACY, step=by(officer))
    case.refresh_from_db()
    coming = next_step(case, steps_for(case), me=officer.pk)
    assert coming.steps == ("answer",)
    assert "Restrict" not in str(coming.sentence)


def test_a_signed_receipt_stays_in_its_language_and_says_so(client: Client, person: User) -> None:
    confirmed = confirm(person)
    receipt = run_erasure(confirmed.case.pk, now=NOW)
    assert receipt is not None
    address = reverse("privacy:receipt", args=[confirmed.secret])
    own = client.get(address, headers={"accept-language": "lv"}).content.decode()
    foreign = client.get(address, headers={"accept-language": "en"}).content.decode()
    for page in (own, foreign):
        assert "Jūsu dati pa tabulām" in page
        assert receipt.document["state_label"] in page
    assert ("Receipt of your erasure" in foreign, "stays in that language" in foreign) == (True, True)
    assert "paliek" in own
    assert "valodā (" not in own
