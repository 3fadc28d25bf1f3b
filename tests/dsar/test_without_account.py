"""Who has no account and shows a code from her mailbox is restricted, corrected and heard like anybody (Q4.2, Q16)."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from datamap.gate import may_process
from datamap.processors import Outcome as Told
from datamap.standstill import without_restricted
from datamap.terms import Right
from datamap.trace import Subject
from dsar import casework
from dsar.corrections import correct, correctable
from dsar.deadlines import Channel
from dsar.desk import steps_for
from dsar.fulfilment import is_done
from dsar.identity import show_identity
from dsar.intake import Arrival
from dsar.models import Correction, Objection, RecipientNotice, SubjectRequest
from dsar.objections import erase, overrule, propose_grounds
from dsar.refusals import CannotBeCorrected, NotDoneYet, WrongStage
from dsar.remembering import OBJECTED, object_again
from dsar.services import file_by_address
from dsar.steps import Step
from dsar.terms import IdentityMethod, Stage
from mailing.models import OutgoingMessage, State
from newsletters.models import Subscription
from retention import restriction
from retention.models import Restriction
from retention.standing import RestrictionGround
from tests.dsar.conftest import NOW, copy_about
from tests.people import log_in, prove_again
from tests.retention.test_replay_standing import lines
from vault.keys import has_key
from vault.tokens import email_token

pytestmark = pytest.mark.django_db

HERS = "lasitaja@example.lv"
SUBJECT = Subject(emails=frozenset({HERS}))


def filed(right: Right, *, shown: bool = True, address: str = HERS, text: str = "") -> SubjectRequest:
    """A request by the public form; `shown` where the code from the mailbox was entered."""
    arrival = Arrival(channel=Channel.PORTAL_TOKEN, at=NOW, sender=address)
    (case,) = file_by_address(address, [right], arrival=arrival, language="lv", now=NOW, text=text)
    if shown:
        from audit.trail import Actor

        show_identity(case.pk, IdentityMethod.EMAIL_CODE, actor=Actor.system("test"), now=NOW)
    return SubjectRequest.objects.get(pk=case.pk)


def subscribe(address: str = HERS) -> Subscription:
    return Subscription.objects.create(email_token=email_token(address), email=address, language="lv", confirmed_at=NOW)


def by(person: User, reason: str = "as she asked") -> Step:
    return Step(by=person, reason=reason, now=NOW)


@pytest.mark.clause("Q16.10", "Q4.2")
def test_a_subscriber_is_restricted_from_the_desk_and_answered(officer: User) -> None:
    subscribe()
    case = filed(Right.RESTRICTION)
    assert "restrict" in steps_for(case)
    assert "answer" not in steps_for(case)
    with pytest.raises(NotDoneYet):
        casework.answer_request(case.pk, "Ierobežots.", step=by(officer))
    casework.restrict(case.pk, RestrictionGround.ACCURACY, step=by(officer))
    standing = Restriction.objects.get()
    assert (standing.user_id, standing.address, standing.case_number) == (None, HERS, case.number)
    assert not without_restricted(Subscription.objects.all()).exists()
    case = SubjectRequest.objects.get(pk=case.pk)
    assert is_done(case)
    assert casework.answer_request(case.pk, "Ierobežots.", step=by(officer)).stage == Stage.ANSWERED


@pytest.mark.clause("Q16.10")
@pytest.mark.requirement("D6")
def test_nobody_is_restricted_by_who_only_typed_her_address(officer: User) -> None:
    case = filed(Right.RESTRICTION, shown=False)
    assert "restrict" not in steps_for(case)
    with pytest.raises(WrongStage):
        casework.restrict(case.pk, RestrictionGround.ACCURACY, step=by(officer))
    SubjectRequest.objects.filter(pk=case.pk).update(stage=Stage.OPEN, identified_at=NOW)
    with pytest.raises(WrongStage):
        casework.restrict(case.pk, RestrictionGround.ACCURACY, step=by(officer))
    assert not Restriction.objects.exists()


@pytest.mark.clause("Q16.10")
def test_a_second_request_is_answered_by_the_restriction_that_stands_and_no_strangers_is(officer: User) -> None:
    casework.restrict(filed(Right.RESTRICTION).pk, RestrictionGround.ACCURACY, step=by(officer))
    again, strangers = filed(Right.RESTRICTION, text="Vēlreiz."), filed(Right.RESTRICTION, address="cits@example.lv")
    assert again.number != Restriction.objects.get().case_number
    assert [is_done(again), is_done(strangers)] == [True, False]
    assert casework.answer_request(again.pk, "Jau ierobežots.", step=by(officer)).stage == Stage.ANSWERED
    with pytest.raises(IntegrityError, match="nothing was done"), transaction.atomic():
        SubjectRequest.objects.filter(pk=strangers.pk).update(stage=Stage.ANSWERED, closed_at=NOW, ends_at=NOW)


@pytest.mark.clause("Q16.5", "Q4.2")
def test_an_objection_stops_the_processing_for_the_address_that_was_shown(officer: User, colleague: User) -> None:
    waiting = filed(Right.OBJECTION, shown=False, address="cits@example.lv")
    assert may_process(SUBJECT, "SECURITY", now=NOW)
    case = filed(Right.OBJECTION)
    assert not Objection.objects.filter(case_number=waiting.number).exists()
    assert not may_process(SUBJECT, "SECURITY", now=NOW)
    assert may_process(Subject(emails=frozenset({"cits@example.lv"})), "SECURITY", now=NOW)
    assert may_process(SUBJECT, "SERVICE", now=NOW)
    objection = Objection.objects.get(purpose="SECURITY")
    assert (objection.user_id, objection.email_token) == (None, email_token(HERS))
    propose_grounds(objection.pk, "An attack is being examined.", by=officer, now=NOW)
    overrule(objection.pk, by=colleague, reason="agreed", now=NOW)
    assert may_process(SUBJECT, "SECURITY", now=NOW)
    assert not may_process(SUBJECT, "CLAIMS", now=NOW)
    assert casework.answer_request(case.pk, "Apturēts.", step=by(officer)).stage == Stage.ANSWERED


@pytest.mark.clause("Q10.9", "Q16.5")
@pytest.mark.django_db(transaction=True)
def test_an_objection_of_an_address_stands_again_after_a_restore_and_goes_with_an_erasure(officer: User) -> None:
    filed(Right.OBJECTION)
    found = [line for line in lines() if line.kind == OBJECTED]
    assert {line.subject for line in found} == {None}
    assert HERS not in str([line.details for line in found])
    count = Objection.objects.count()
    Objection.objects.all().delete()
    assert [object_again(line, now=NOW) for line in (*found, *found)] == [True] * count + [False] * count
    objection = Objection.objects.get(purpose="SECURITY")
    propose_grounds(objection.pk, "An attack is being examined.", by=officer, now=NOW)
    assert has_key(objection.pk)
    assert erase(SUBJECT, now=NOW) == count
    assert not has_key(objection.pk)


def handed_to_mailgun() -> None:
    OutgoingMessage.objects.create(
        to_address=HERS, purpose="SERVICE", language="lv", subject="x", state=State.SENT, created_at=NOW,
        handed_over_at=NOW, handed_to="MAILGUN",
    )  # fmt: skip


@pytest.mark.clause("Q16.3", "Q4.2")
def test_a_subscribers_language_is_corrected_with_before_and_after_and_the_recipient_is_told(officer: User) -> None:
    row = subscribe()
    subscribe("cits@example.lv")
    handed_to_mailgun()
    case = filed(Right.RECTIFICATION)
    assert "correct" in steps_for(case)
    (hers,) = [item for item in correctable(case) if item.key.startswith("newsletters.Subscription|")]
    assert hers.key == f"newsletters.Subscription|{row.pk}|language", "an address is a key, and not corrected here"
    with pytest.raises(CannotBeCorrected, match="lv, en, ru"):
        correct(case.pk, hers.key, "xx", step=by(officer))
    correct(case.pk, hers.key, "ru", step=by(officer))
    row.refresh_from_db()
    assert row.language == "ru"
    correction = Correction.objects.get(case=case)
    assert (correction.before, correction.after) == ("lv", "ru")
    (notice,) = RecipientNotice.objects.filter(case=case)
    assert (notice.article, notice.outcome) == ("16", Told.NOT_POSSIBLE), "what was sent says what it said"
    assert casework.answer_request(case.pk, "Izlabots.", step=by(officer)).stage == Stage.ANSWERED


@pytest.mark.clause("Q16.3")
def test_how_we_write_to_her_is_corrected_and_what_was_said_is_not(officer: User) -> None:
    case = filed(Right.RECTIFICATION)
    fields = {item.key.rpartition("|")[2] for item in correctable(case)}
    assert fields == {"language", "postal_address"}
    (key,) = [item.key for item in correctable(case) if item.key.endswith("|postal_address")]
    correct(case.pk, key, "Brīvības iela 1, Rīga", step=by(officer))
    case.refresh_from_db()
    assert case.postal_address == "Brīvības iela 1, Rīga"


@pytest.mark.requirement("G4")
def test_no_clerk_corrects_an_address_that_was_confirmed_or_a_second_factor(person: User, officer: User) -> None:
    from dsar.services import file_request

    case = file_request(user=person, right=Right.RECTIFICATION, channel=Channel.PORTAL_AUTH, now=NOW)
    tables = {item.key.partition("|")[0] for item in correctable(case)}
    assert "accounts.User" in tables
    assert not tables & {"account.EmailAddress", "mfa.Authenticator", "consent.ConsentDocument"}
    key = f"account.EmailAddress|{person.emailaddress_set.get().pk}|email"  # type: ignore[attr-defined]
    with pytest.raises(CannotBeCorrected):
        correct(case.pk, key, "thief@example.lv", step=by(officer))


@pytest.mark.clause("Q16.2", "Q16.10")
def test_her_access_answer_shows_the_restriction_and_the_objection_and_no_token(officer: User) -> None:
    casework.restrict(filed(Right.RESTRICTION).pk, RestrictionGround.ACCURACY, step=by(officer))
    filed(Right.OBJECTION)
    archive = copy_about(SUBJECT)
    texts = {name: archive.read(name).decode(errors="replace") for name in archive.namelist()}
    everything = "".join(texts.values())
    assert any("retention.Restriction" in name or "retention.Restriction" in text for name, text in texts.items())
    assert Restriction.objects.get().case_number in everything
    assert email_token(HERS) not in everything


@pytest.mark.clause("Q16.10")
def test_the_desk_page_offers_restriction_and_correction_without_an_account(officer: User, client: Client) -> None:
    User.objects.filter(pk=officer.pk).update(is_superuser=True)
    log_in(client, officer)
    prove_again(client)
    subscribe()
    case = filed(Right.RECTIFICATION)
    step = reverse("admin:dsar_subjectrequest_step", args=[case.pk, "correct"])
    page = client.get(step).content.decode()
    (key,) = [item.key for item in correctable(case) if item.key.startswith("newsletters.")]
    assert key in page
    answer = client.post(step, {"key": key, "value": "en", "reason": "she wrote so"})
    assert answer.status_code == 302
    assert Subscription.objects.get().language == "en"
    assert restriction.active().count() == 0
