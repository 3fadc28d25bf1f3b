"""Staff answer in the language of the enquiry, and hand on what asks about personal data (Q5.6, Q19.3; G6)."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.models import Entry
from audit.revealing import MASK
from audit.trail import Actor
from datamap.registry import registry
from datamap.terms import Right
from datamap.trace import Subject, subject_of_user
from dsar.deadlines import Channel
from dsar.models import SubjectRequest
from enquiries import services
from enquiries.models import Enquiry, Message
from enquiries.services import Written
from enquiries.terms import Kind, State
from mailing.models import OutgoingMessage
from mailing.sealing import open_letter
from retention import restriction
from retention.erasure import execute_erasure, plan_erasure
from retention.standing import RestrictionGround
from tests.dsar.conftest import copy_about
from tests.letters import last_message
from tests.people import log_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]

LIGA, MARIS = "liga@example.lv", "maris@example.lv"


def asked_by(address: str = LIGA, *, text: str = "Vai ir bezmaksas?", language: str = "ru") -> Enquiry:
    written = Written(kind=Kind.QUESTION, text=text, language=language, address=address, name="Līga")
    return services.ask(written, now=timezone.now())


def page_of(enquiry: Enquiry, step: str = "change") -> str:
    return reverse(f"admin:enquiries_enquiry_{step}", args=[enquiry.pk])


@pytest.mark.clause("Q3.1")
@pytest.mark.requirement("G6")
def test_words_name_and_address_are_in_clear_for_a_reason_only_and_that_is_on_record(
    agent: Client, person: User
) -> None:
    enquiry = services.ask(
        Written(kind=Kind.QUESTION, text="Mans noslēpums", language="lv"), user=person, now=timezone.now()
    )
    hers = asked_by()
    lists = reverse("admin:enquiries_enquiry_changelist")
    assert enquiry.number in agent.get(lists).content.decode()
    for page in (agent.get(lists), agent.get(page_of(hers))):
        assert not any(word in page.content.decode() for word in (LIGA, "Līga", "bezmaksas"))
    assert MASK in agent.get(page_of(hers)).content.decode()
    assert "Mans noslēpums" not in agent.get(page_of(enquiry)).content.decode()
    shown = agent.post(page_of(enquiry, "reveal"), {"reason": "to_answer"}).content.decode()
    assert "Mans noslēpums" in shown
    assert Entry.objects.filter(action="revealed", subject=person.pk, object_id=str(enquiry.pk)).count() == 1
    assert LIGA in agent.post(page_of(hers, "reveal"), {"reason": "to_answer"}).content.decode()


@pytest.mark.clause("Q5.6")
def test_the_answer_goes_out_once_in_the_language_of_the_enquiry_and_stands_on_its_page(agent: Client) -> None:
    enquiry = asked_by()
    form = {"text": "Да, бесплатно.\r\n\r\n<b>Всегда</b>.", "once": "a1"}
    for _click in range(2):
        assert agent.post(page_of(enquiry, "answer"), form).status_code == 302
    enquiry.refresh_from_db()
    assert (enquiry.state, enquiry.messages.count()) == (State.ANSWERED, 2)
    assert OutgoingMessage.objects.filter(to_address=LIGA).count() == 2
    letter = open_letter(last_message(to_address=LIGA))
    assert last_message(to_address=LIGA).language == "ru"
    assert "Да, бесплатно." in letter.text
    assert "<b>Всегда" not in letter.html
    assert services.link_key(enquiry.pk) in letter.text
    page = Client().get(reverse("enquiries:by-link", args=[services.link_key(enquiry.pk)]))
    assert "Да, бесплатно." in page.content.decode()
    assert Entry.objects.filter(action="enquiry.answered", object_id=str(enquiry.pk)).count() == 1


@pytest.mark.clause("Q7.2")
def test_who_asks_for_an_offer_is_sent_one_that_names_the_enquiry(agent: Client) -> None:
    written = Written(kind=Kind.OFFER, text="Cik maksā reklāma?", language="lv", address=LIGA, name="Līga")
    enquiry = services.ask(written, now=timezone.now())
    agent.post(page_of(enquiry, "answer"), {"text": "Desmit eiro dienā.", "once": "a1"})
    letter = last_message(to_address=LIGA)
    assert (letter.purpose, letter.reference) == ("OFFER", enquiry.number)
    asked_by(MARIS)
    assert last_message(to_address=MARIS).purpose == "SERVICE"


@pytest.mark.requirement("G9")
def test_staff_find_an_enquiry_by_its_number_and_by_nothing_else(agent: Client) -> None:
    hers, his = asked_by(), asked_by(MARIS)
    lists = reverse("admin:enquiries_enquiry_changelist")
    for words, found in ((hers.number, {hers}), (his.number.lower()[2:], {his}), (LIGA, set()), ("E-", {hers, his})):
        assert set(agent.get(lists, {"q": words}).context["cl"].result_list) == found


def test_an_empty_answer_is_not_sent_and_without_an_address_it_is_only_written_down(agent: Client) -> None:
    enquiry = services.ask(Written(kind=Kind.PROBLEM, text="Nestrādā", language="lv"), now=timezone.now())
    assert agent.post(page_of(enquiry, "answer"), {"text": " "}).status_code == 400
    assert "note" in agent.post(page_of(enquiry, "reveal"), {"reason": "to_answer"}).content.decode()
    agent.post(page_of(enquiry, "answer"), {"text": "Salabots."})
    enquiry.refresh_from_db()
    assert enquiry.state == State.ANSWERED
    assert not OutgoingMessage.objects.exists()


def test_closing_is_once_and_a_look_changes_nothing(agent: Client) -> None:
    enquiry = asked_by()
    assert agent.get(page_of(enquiry, "close")).status_code == 405
    for _click in range(2):
        agent.post(page_of(enquiry, "close"))
    enquiry.refresh_from_db()
    assert (enquiry.state, enquiry.ends_at is not None) == (State.CLOSED, True)
    assert Entry.objects.filter(action="enquiry.closed", object_id=str(enquiry.pk)).count() == 1


@pytest.mark.clause("Q19.3", "Q19.4")
def test_what_asks_about_data_becomes_a_request_as_of_its_arrival(agent: Client, person: User) -> None:
    now = timezone.now()
    early = now - timedelta(hours=50)
    by_mail = services.ask(
        Written(kind=Kind.QUESTION, text="Dzēsiet manus datus", language="lv", address=LIGA), now=early
    )
    logged_in = services.ask(Written(kind=Kind.QUESTION, text="Gribu kopiju", language="lv"), user=person, now=early)
    for enquiry, channel in ((by_mail, Channel.PORTAL_TOKEN), (logged_in, Channel.PORTAL_AUTH)):
        for _click in range(2):
            agent.post(page_of(enquiry, "request"))
        enquiry.refresh_from_db()
        case = SubjectRequest.objects.get(number=enquiry.request)
        assert (case.right, case.channel, case.received_at) == (Right.GENERAL, channel, early)
        assert case.text == enquiry.messages.get().text
        assert (case.user, enquiry.state) == (enquiry.user, State.CLOSED)
    assert SubjectRequest.objects.count() == 2
    assert agent.post(page_of(by_mail, "answer"), {"text": "x"}).status_code == 302
    assert Message.objects.count() == 2
    link = reverse("enquiries:by-link", args=[services.link_key(by_mail.pk)])
    assert by_mail.request in agent.get(link).content.decode()
    assert agent.post(link, {"text": "vēl"}).status_code == 400


@pytest.mark.clause("Q19.3")
def test_of_a_contact_that_staff_noted_the_desk_checks_whose_it_is(agent: Client, person: User) -> None:
    noted = {
        "came_by": "whatsapp",
        "contact": "+37120000000",
        "arrived_at": timezone.localtime().strftime("%Y-%m-%dT%H:%M"),
        "kind": "question",
        "text": "Grib datu kopiju",
        "language": "lv",
        "account_address": person.email,
    }
    agent.post(reverse("admin:enquiries_enquiry_note"), noted)
    enquiry = Enquiry.objects.get()
    agent.post(page_of(enquiry, "request"))
    case = SubjectRequest.objects.get()
    assert (case.user, case.channel, case.email) == (None, Channel.MESSENGER, person.email)


@pytest.mark.clause("Q3.1", "Q4.2", "Q16.2")
def test_her_copy_without_an_account_holds_her_enquiry_and_who_looked_and_nothing_of_his(agent: Client) -> None:
    hers, his = asked_by(text="Līgas jautājums"), asked_by(MARIS, text="Māra jautājums")
    for enquiry in (hers, his):
        agent.post(page_of(enquiry, "reveal"), {"reason": "to_answer"})
    with copy_about(Subject(emails=frozenset({LIGA}))) as copy:
        everything = json.dumps(json.loads(copy.read("data.json")), ensure_ascii=False)
        tables = {item["table"]: item["rows"] for item in json.loads(copy.read("data.json"))["tables"]}
    assert "Līgas jautājums" in everything
    assert "Māra jautājums" not in everything
    assert len(tables["audit.Entry"]) == 1
    assert services.link_key(hers.pk) not in everything


@pytest.mark.clause("Q16.7", "Q17.1")
@pytest.mark.parametrize("has_account", [True, False])
def test_an_erasure_takes_enquiries_and_answers_of_an_account_and_of_an_address(
    person: User, officer: User, has_account: bool
) -> None:
    now = timezone.now()
    subject = subject_of_user(person) if has_account else Subject(emails=frozenset({LIGA}))
    written = Written(kind=Kind.OFFER, text="Cik?", language="lv", address="" if has_account else LIGA)
    enquiry = services.ask(written, user=person if has_account else None, now=now)
    services.answer(enquiry.pk, "Pieci eiro.", once="", by=officer, now=now)
    his = asked_by(MARIS)
    plan = plan_erasure(subject, now=now, archive=False)
    assert {"enquiries.Enquiry", "enquiries.Message"} <= {line.table for line in plan.lines}
    execute_erasure(
        case_number="QP-2026-ENQUIRY",
        subject=subject,
        plan_digest=plan.digest,
        objection_to_archive=True,
        actor=Actor.system("test"),
        now=now,
    )
    assert set(Enquiry.objects.all()) == {his}
    assert {message.enquiry for message in Message.objects.all()} == {his}


@pytest.mark.requirement("G3")
@pytest.mark.clause("Q16.5")
def test_an_enquiry_of_a_restricted_person_stands_still(agent: Client, person: User, officer: User) -> None:
    enquiry = services.ask(Written(kind=Kind.QUESTION, text="Kā?", language="lv"), user=person, now=timezone.now())
    assert enquiry.number in agent.get(reverse("admin:enquiries_enquiry_changelist")).content.decode()
    why = RestrictionGround.CLAIMS
    restriction.place(person, ground=why, case_number="QP-1", reason="a claim", by=officer, now=timezone.now())
    assert enquiry.number not in agent.get(reverse("admin:enquiries_enquiry_changelist")).content.decode()
    assert agent.post(page_of(enquiry, "answer"), {"text": "Tā."}).status_code == 404


@pytest.mark.requirement("G3")
def test_staff_without_the_role_see_nothing(client: Client, officer: User) -> None:
    officer.user_permissions.set(Permission.objects.filter(codename="view_subjectrequest"))
    log_in(client, officer)
    enquiry = asked_by()
    assert client.get(reverse("admin:enquiries_enquiry_changelist")).status_code == 403
    for step in ("answer", "close", "request", "reveal"):
        assert client.post(page_of(enquiry, step), {"text": "x", "reason": "to_answer"}).status_code == 403


@pytest.mark.clause("Q7.1")
def test_what_enquiries_are_for_is_declared() -> None:
    assert registry().holding("enquiries.Enquiry").purposes == ("SERVICE", "OFFER")
