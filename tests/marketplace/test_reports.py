"""Anybody reports a listing, and the two of a conversation what was written in it (Regulation 2022/2065 Art. 16)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.trail import Actor
from datamap.registry import registry
from datamap.trace import Subject
from mailing.models import OutgoingMessage
from mailing.sealing import open_letter
from marketplace.messaging import ask
from marketplace.models import Conversation, Listing, Message, Report, ReportedText
from marketplace.moderating import Decision, decide
from marketplace.report_terms import ReportGround, ReportKind, ReportState
from marketplace.reporting import MOST_A_DAY, ReportRefused, Told, report
from marketplace.services import close, describe
from retention import restriction
from retention.erasure import execute_erasure, plan_erasure
from retention.standing import RestrictionGround
from retention.sweeps import sweep
from tests.letters import last_message
from tests.marketplace.conftest import Offer, draft
from tests.marketplace.test_leaving import leave
from tests.people import log_in
from vault.keys import has_key

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts"), pytest.mark.clause("Q14.6")]

LIGA = "liga@example.lv"
SAID = "Tas ir mans velosipēds, to nozaga."
FORM = {"kind": "goods", "text": SAID, "email": LIGA, "good_faith": "on", "once": "r1"}


@pytest.fixture
def listing(other_person: User, offered: Offer) -> Listing:
    """Of Jānis."""
    return offered(other_person)


@pytest.fixture
def conversation(person: User, listing: Listing) -> Conversation:
    """Anna wrote to Jānis."""
    return ask(listing, person, "Vai vēl ir?", number=uuid4(), now=timezone.now())


def reported(about: Listing | Conversation, *, user: Any = None, address: str = LIGA, **told: Any) -> Report:
    given = {"kind": ReportKind.GOODS, "text": SAID, "language": "lv", "address": "" if user else address} | told
    return report(about, Told(**given), user=user, now=timezone.now())


def path_of(about: Listing | Conversation) -> str:
    name = "report" if isinstance(about, Listing) else "report-conversation"
    return reverse(f"marketplace:{name}", args=[about.pk])


@pytest.mark.clause("Q5.2", "Q5.8")
@pytest.mark.requirement("I2")
def test_everybody_reports_a_listing_without_an_account_or_a_cookie_and_is_answered(
    client: Client, listing: Listing
) -> None:
    page = client.get(f"{path_of(listing)}?lang=en").content.decode()
    assert "Art. 6(1)(c) GDPR" in page
    assert path_of(listing) in client.get(reverse("marketplace:listing", args=[listing.pk])).content.decode()
    for _click in range(2):
        assert client.post(f"{path_of(listing)}?lang=lv", FORM).status_code == 200
    found = Report.objects.get()
    assert (found.email, found.text, found.listing, found.state) == (LIGA, SAID, listing, ReportState.OPEN)
    letter = open_letter(last_message(to_address=LIGA)).text
    assert found.number in letter
    assert not any(word in letter for word in (SAID, listing.title))
    assert OutgoingMessage.objects.filter(to_address=LIGA).count() == 1
    assert client.get(reverse("marketplace:listing", args=[listing.pk])).status_code == 200
    assert not client.cookies


def test_what_is_wrong_in_a_form_is_said_and_nothing_is_kept(client: Client, listing: Listing) -> None:
    wrongs = (
        {"kind": "rude"},
        {"kind": ""},
        {"text": " "},
        {"text": "x" * 2001},
        {"text": "a\u202eb"},
        {"email": "none"},
        {"email": ""},
        {"good_faith": ""},
    )
    for wrong in wrongs:
        assert client.post(path_of(listing), {**FORM, **wrong}).status_code == 400, wrong
    assert client.post(path_of(listing), FORM, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert Report.objects.count() == 0
    page = client.post(path_of(listing), {**FORM, "text": "<script>x</script>", "kind": ""}).content.decode()
    assert "<script>x" not in page


def test_from_one_network_come_ten_forms_a_minute(client: Client, listing: Listing) -> None:
    answers = [client.post(path_of(listing), FORM).status_code for _ in range(12)]
    assert answers[0] == 200
    assert answers[-1] == 429


def test_the_same_words_while_they_wait_are_the_same_report(
    person: User, officer: User, listing: Listing, offered: Offer
) -> None:
    first = reported(listing, user=person)
    assert reported(listing, user=person) == first
    assert OutgoingMessage.objects.filter(to_address=person.email).count() == 1
    others = [reported(listing, user=person, text="Cits iemesls"), reported(listing), reported(listing, user=officer)]
    others += [reported(listing, user=person, kind=ReportKind.COPY), reported(offered(officer), user=person)]
    assert len({first.pk, *(report.pk for report in others)}) == 6
    assert reported(listing) == others[1]


def test_one_account_reports_no_more_than_twenty_a_day(person: User, listing: Listing) -> None:
    for number in range(MOST_A_DAY):
        reported(listing, user=person, text=f"Kopija {number}")
    with pytest.raises(ReportRefused):
        reported(listing, user=person, text="Vēl viena kopija")
    assert Report.objects.count() == MOST_A_DAY
    assert OutgoingMessage.objects.filter(to_address=person.email).count() == MOST_A_DAY


@pytest.mark.requirement("H4")
def test_what_nobody_reads_cannot_be_reported(
    client: Client, officer: User, *, person: User, other_person: User, listing: Listing
) -> None:
    own_draft = draft(other_person)
    log_in(client, other_person)
    assert client.get(path_of(own_draft)).status_code == 404
    assert client.get(reverse("marketplace:report", args=[uuid4()])).status_code == 404
    close(listing, language="lv", now=timezone.now())
    assert client.get(path_of(listing)).status_code == 200
    why = RestrictionGround.CLAIMS
    restriction.place(other_person, ground=why, case_number="QP-1", reason="a claim", by=officer, now=timezone.now())
    client.force_login(person)
    assert client.post(path_of(listing), FORM).status_code == 404
    assert Report.objects.count() == 0


@pytest.mark.requirement("D10")
def test_only_the_two_of_a_conversation_report_it(
    client: Client, person: User, *, other_person: User, officer: User, conversation: Conversation
) -> None:
    assert client.get(path_of(conversation)).status_code == 302
    log_in(client, officer)
    assert client.get(path_of(conversation)).status_code == 404
    assert client.post(path_of(conversation), FORM).status_code == 404
    for one in (person, other_person):
        client.force_login(one)
        shown = client.get(reverse("marketplace:conversation", args=[conversation.pk])).content.decode()
        assert path_of(conversation) in shown
        assert client.post(path_of(conversation), {**FORM, "text": one.email}).status_code == 200
    assert {found.user_id for found in Report.objects.all()} == {person.pk, other_person.pk}
    assert {(found.email, found.conversation_id, found.listing) for found in Report.objects.all()} == {
        ("", conversation.pk, None)
    }


@pytest.mark.requirement("C1")
def test_what_was_reported_stays_as_it_was_sealed(listing: Listing) -> None:
    found = reported(listing)
    listing.title, listing.description = "Galds", "Nekas."
    describe(listing, now=timezone.now())
    kept = ReportedText.objects.get(report=found)
    assert (kept.title, kept.description) == ("Zils velosipēds", "28 collas, labā stāvoklī.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT title::text, description::text FROM marketplace_reportedtext")
        cursor.execute("SELECT r::text, t::text FROM marketplace_report r, marketplace_reportedtext t")
        raw = str(cursor.fetchall())
    assert not any(word in raw for word in ("velosipēds", "collas", SAID, LIGA))


@pytest.mark.clause("Q10.1")
def test_decided_reports_go_after_three_years_with_their_keys(officer: User, listing: Listing) -> None:
    found = reported(listing)
    text = ReportedText.objects.get()
    choice = Decision(outcome=ReportState.KEPT, ground=ReportGround.ALLOWED, reason="Nav zagts.")
    ends_at = decide(found.pk, choice, by=officer, now=timezone.now()).ends_at
    assert ends_at is not None
    for now, left in ((ends_at - timedelta(seconds=1), 1), (ends_at, 0)):
        for table in (ReportedText, Report):
            sweep(registry().holding(table), now=now, apply=True)
        assert (Report.objects.count(), ReportedText.objects.count()) == (left, left)
    assert not has_key(found.pk)
    assert not has_key(text.pk)


@pytest.mark.clause("Q16.7", "Q4.2")
@pytest.mark.parametrize("is_decided", [True, False])
def test_an_erasure_of_who_reports_takes_who_she_is_and_leaves_the_decision(
    officer: User, listing: Listing, is_decided: bool
) -> None:
    found = reported(listing)
    if is_decided:
        choice = Decision(outcome=ReportState.KEPT, ground=ReportGround.ALLOWED, reason="Nav zagts.")
        decide(found.pk, choice, by=officer, now=timezone.now())
    subject, now = Subject(emails=frozenset({LIGA})), timezone.now()
    execute_erasure(
        case_number="QP-2026-REPORT",
        subject=subject,
        plan_digest=plan_erasure(subject, now=now, archive=False).digest,
        objection_to_archive=True,
        actor=Actor.system("test"),
        now=now,
    )
    found.refresh_from_db()
    assert (found.email, found.email_token, found.text) == ("", "", "")
    assert found.decision == ("Nav zagts." if is_decided else "")
    if not is_decided:
        choice = Decision(outcome=ReportState.KEPT, ground=ReportGround.ALLOWED, reason="Tomēr izlemts.")
        decide(found.pk, choice, by=officer, now=timezone.now())
        assert Report.objects.get().decision == "Tomēr izlemts."


def test_an_erasure_of_the_seller_takes_the_text_that_was_kept(other_person: User, listing: Listing) -> None:
    found = reported(listing)
    leave(other_person)
    assert ReportedText.objects.count() == 0
    found.refresh_from_db()
    assert (found.listing, found.is_open) == (listing, True)


def test_a_conversation_that_ends_does_not_stumble_over_its_report(
    person: User, other_person: User, conversation: Conversation
) -> None:
    found = reported(conversation, user=person)
    leave(person)
    leave(other_person, case="Q-2")
    Message.objects.all().delete()
    found.refresh_from_db()
    assert (Conversation.objects.count(), found.conversation, found.user) == (0, None, None)


def test_the_database_itself_decides_nothing_without_a_reason(listing: Listing) -> None:
    found = reported(listing)
    with pytest.raises(IntegrityError), transaction.atomic():
        Report.objects.filter(pk=found.pk).update(state=ReportState.KEPT, decided_at=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_are_one_report(listing: Listing) -> None:
    def click(_number: int) -> int:
        try:
            return Client().post(path_of(listing), FORM).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert set(pool.map(click, range(2))) == {200}
    assert Report.objects.count() == 1
    assert ReportedText.objects.count() == 1
