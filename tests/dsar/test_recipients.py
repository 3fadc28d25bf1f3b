"""Recipients are asked for a copy, told of a correction and a restriction, and looked up afterwards (Art. 15-19)."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.management import call_command

from accounts.models import User
from audit.trail import Actor
from datamap.catalogue import catalogue
from datamap.declarations import Recipient
from datamap.processors import FINAL, Outcome, RecipientResult
from datamap.terms import RecipientRole, Right, Safeguard
from datamap.trace import Subject, subject_of_user
from dsar.access import NotWhole, build_package
from dsar.cases import move
from dsar.casework import answer_request, restrict
from dsar.erasure import confirm_erasure, run_erasure
from dsar.models import CaseEvent, Package, RecipientNotice, SubjectRequest
from dsar.queries import came_of_notices
from dsar.recipients import follow_notices
from dsar.refusals import RecipientsOpen
from dsar.steps import Step
from dsar.terms import FOLLOWED, SETTLED, PackageState, Stage
from dsar.terms import Outcome as Ended
from mailing.services import send
from outbox.doorbell import doorbell
from outbox.services import drain
from retention.erasure import plan_erasure
from retention.standing import RestrictionGround
from tests.dsar.conftest import NOW, File
from tests.mailing.emulated import EmulatedMailgun as Mailgun
from tests.mailing.emulated import mailgun
from vault.files import read_sealed

__all__ = ["mailgun"]

pytestmark = pytest.mark.django_db

SAYS: dict[str, RecipientResult] = {}
"""What the recipient of the tests answers, by the verb."""


class Courier:
    """A recipient that says what the test wants, and got something about Anna alone."""

    def describe(self, subject: Subject) -> str:
        return "a parcel" if "anna@example.lv" in subject.emails else ""

    def collect(self, subject: Subject, *, now: datetime) -> RecipientResult:
        return SAYS["collect"]

    def rectify(self, subject: Subject, *, now: datetime) -> RecipientResult:
        return SAYS["rectify"]

    def restrict(self, subject: Subject, *, now: datetime) -> RecipientResult:
        return SAYS["restrict"]

    def erase(self, subject: Subject, *, now: datetime) -> RecipientResult:
        return SAYS["erase"]

    def probe(self, reference: str, *, now: datetime) -> RecipientResult:
        return replace(SAYS["probe"], reference=reference)

    def health(self, *, now: datetime) -> RecipientResult:
        return SAYS["health"]


def says(verb: str, outcome: Outcome, **more: Any) -> None:
    SAYS[verb] = RecipientResult("COURIER", outcome, **more)


@pytest.fixture(autouse=True)
def courier(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    made = Recipient(
        code="COURIER",
        name="Omniva",
        role=RecipientRole.CONTROLLER,
        service="brings parcels",
        country="LV",
        safeguard=Safeguard.NONE_NEEDED,
        handler=f"{__name__}.Courier",
    )
    monkeypatch.setitem(catalogue().recipients, "COURIER", made)
    yield
    SAYS.clear()


def omniva(package: Package) -> dict[str, Any]:
    return said_by("Omniva", package)


def said_by(name: str, package: Package) -> dict[str, Any]:
    """What the copy says of a recipient."""
    package.refresh_from_db()
    sealed = b"".join(read_sealed(package.key_owner, package.file_name, context=package.context))
    data = json.loads(ZipFile(BytesIO(sealed)).read("data.json"))
    (found,) = [one for one in data["recipients"] if one["name"] == name]
    return dict(found)


def test_a_copy_says_what_a_recipient_holds(file: File) -> None:
    says("collect", Outcome.CONFIRMED, held=("parcel 77, brought",))
    package = build_package(file().pk, now=NOW)
    assert package is not None
    found = omniva(package)
    assert (found["received"], found["holds"], found["failed"]) == ("a parcel", ["parcel 77, brought"], False)


def test_who_got_nothing_of_a_person_is_not_asked_about_her(file: File, other_person: User) -> None:
    package = build_package(file(user=other_person).pk, now=NOW)  # the courier would have no answer
    assert package is not None


def test_a_recipient_that_does_not_answer_is_asked_again_and_then_named(file: File) -> None:
    case = file()
    says("collect", Outcome.UNKNOWN, detail="Its gate is shut.")
    for _ in range(4):
        with pytest.raises(NotWhole):
            build_package(case.pk, now=NOW)
    package = build_package(case.pk, now=NOW)
    assert package is not None
    assert omniva(package)["failed"]
    assert "gate" not in str(omniva(package)), "a sentence for staff"
    assert "Omniva" in package.manifest["failed"]
    case.refresh_from_db()
    assert (case.stage, case.outcome) == (Stage.ANSWERED, Ended.PARTLY_FULFILLED)
    assert package.state == PackageState.READY


def test_a_restriction_waits_until_the_recipient_was_told(file: File, officer: User) -> None:
    case = file(Right.RESTRICTION)
    says("restrict", Outcome.REQUESTED, detail="a letter is on its way", reference="letter 5")
    says("probe", Outcome.REQUESTED)
    step = Step(by=officer, reason="asked for", now=NOW)
    restrict(case.pk, RestrictionGround.ACCURACY, step=step)
    with pytest.raises(RecipientsOpen):
        answer_request(case.pk, "Ierobežots.", step=step)
    assert follow_notices(now=NOW) == 0
    says("probe", Outcome.NOTICE_SENT, detail="told")
    assert follow_notices(now=NOW) == 1
    notice = RecipientNotice.objects.get(case=case)
    assert (notice.outcome, notice.detail, notice.reference) == (Outcome.NOTICE_SENT, "told", "letter 5")
    assert CaseEvent.objects.filter(case_number=case.number, action="recipient_settled").count() == 1
    assert answer_request(case.pk, "Ierobežots.", step=step).stage == Stage.ANSWERED


def test_what_a_recipient_keeps_is_looked_up_until_it_is_gone(file: File) -> None:
    case = kept(file)
    says("probe", Outcome.KEPT)
    assert follow_notices(now=NOW) == 0
    says("probe", Outcome.NOTHING_LEFT)
    assert follow_notices(now=NOW) == 1
    assert RecipientNotice.objects.get(case=case).outcome == Outcome.NOTHING_LEFT
    says("probe", Outcome.FAILED)
    assert follow_notices(now=NOW) == 0, "what is over is not asked about any more"


def test_a_closed_request_stays_closed_whatever_becomes_of_a_notice(file: File) -> None:
    case = kept(file)
    move(case.pk, Stage.WITHDRAWN, action="withdrawn", actor=Actor.system("tests"), now=NOW)
    says("probe", Outcome.FAILED)
    assert follow_notices(now=NOW) == 0
    assert RecipientNotice.objects.get(case=case).outcome == Outcome.KEPT


def test_every_outcome_either_ends_a_request_or_is_left_to_somebody() -> None:
    assert SETTLED == FINAL
    assert set(Outcome) - FINAL - {Outcome.REFUSED} == FOLLOWED - SETTLED, "a refusal is for staff"


def test_staff_see_how_often_what_came_of_it(file: File) -> None:
    kept(file)
    found = came_of_notices(["Omniva", "Nobody"])
    assert [(one.count, str(one.outcome)) for one in found["Omniva"]] == [(1, str(Outcome.KEPT.label))]
    assert found["Nobody"] == []


def kept(file: File) -> SubjectRequest:
    case = file(Right.RECTIFICATION)
    RecipientNotice.objects.create(
        case=case, recipient="Omniva", article="16", ordered_at=NOW, told_at=NOW, outcome="kept", reference="7"
    )
    return case


def test_an_erasure_is_answered_when_the_last_recipient_was_told(person: User, published_texts: None) -> None:
    says("erase", Outcome.REQUESTED, detail="a letter is on its way", reference="letter 9")
    says("probe", Outcome.REQUESTED)
    digest = plan_erasure(subject_of_user(person), now=NOW, archive=True).digest
    confirmed = confirm_erasure(user=person, plan_digest=digest, objection_to_archive=False, waive_copy=False, now=NOW)
    for _ in range(2):
        run_erasure(confirmed.case.pk, now=NOW)
        assert stage_of(confirmed.case) == Stage.EXECUTING
    says("probe", Outcome.NOTICE_SENT)
    run_erasure(confirmed.case.pk, now=NOW)
    assert stage_of(confirmed.case) == Stage.ANSWERED


def stage_of(case: SubjectRequest) -> str:
    case.refresh_from_db()
    return case.stage


@pytest.fixture
def written_to(mailgun: Mailgun, person: User) -> Mailgun:
    """A letter went to Anna through the emulated Mailgun, which knows that it bounced."""
    doorbell.quiet_until = float("inf")
    words = {"heading": "Hello", "paragraphs": ["x"]}
    send("notice", to=person.email, user_id=person.pk, language="lv", purpose="ACCOUNTABILITY", context=words, now=NOW)
    drain(now=NOW)
    mailgun.put_on("bounces", person.email)
    says("collect", Outcome.CONFIRMED, held=("parcel 77",))
    return mailgun


@pytest.mark.network
@pytest.mark.django_db(transaction=True)
@pytest.mark.clause("Q16.2")
def test_the_mail_service_is_asked_over_the_wire_before_the_copy_is_read(
    written_to: Mailgun, file: File, person: User, tmp_path: Path
) -> None:
    package = build_package(file().pk, now=NOW)
    assert package is not None
    held = said_by("Mailgun Technologies, Inc.", package)["holds"]
    assert [line for line in held if "bounces" in line]
    assert [line for line in held if "pieņemta sūtīšanai" in line]
    written_to.faults(queue=[{"fault": "status", "status": 503}])
    out, complaint = tmp_path / "copy.zip", StringIO()
    call_command("export_subject", user=person.pk, reason="Q-1", output=out, stdout=StringIO(), stderr=complaint)
    assert "Not whole: Mailgun Technologies, Inc." in complaint.getvalue()
    data = json.loads(ZipFile(out).read("data.json"))
    (asked,) = [one for one in data["recipients"] if one["name"].startswith("Mailgun")]
    assert (asked["failed"], asked["holds"]) == (True, [])
