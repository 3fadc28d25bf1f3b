"""A third party disputes what another wrote; staff decide with a reason, both hear, the record stays (Q14.6)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.models import Entry
from audit.revealing import MASK
from audit.trail import Actor
from datamap.registry import registry
from datamap.trace import Subject, subject_of_user
from mailing.models import OutgoingMessage
from mailing.sealing import open_letter
from marketplace.comment_terms import CommentState, NoticeState
from marketplace.disputing import DecisionRefused, decide
from marketplace.models import Comment, CommentNotice, CommentTrace, Feedback, Listing, Order
from marketplace.rating import FeedbackRefused, rating_of, take_back
from marketplace.terms import Delivery
from retention.erasure import execute_erasure, plan_erasure
from retention.sweeps import sweep
from tests.letters import last_message
from tests.marketplace.conftest import Offer
from tests.marketplace.test_comments import LIGA, complained, page, said_by
from tests.marketplace.test_feedback import said as rated
from tests.marketplace.test_orders import as_seen, offered_by
from tests.marketplace.test_orders import step as taken
from tests.people import log_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts"), pytest.mark.clause("Q14.6")]


@pytest.fixture
def comment(person: User, other_person: User, offered: Offer) -> Comment:
    return said_by(person, offered(other_person), text="Līga ir krāpniece")


@dataclass(frozen=True)
class Written:
    """What Anna wrote for all, and a listing under which everybody reads it."""

    row: Comment | Feedback
    listing: Listing
    dispute: str
    author: User

    def is_left_by(self, subject: Subject) -> bool:
        return not isinstance(self.row, Feedback) or subject.user_id != self.row.standing_id


@pytest.fixture
def bought(person: User, other_person: User, offered: Offer) -> Order:
    order = offered_by(person, offered(other_person), Delivery.COLLECTION)
    taken(other_person, order, "accept")
    taken(person, order, "receive")
    return order


@pytest.fixture
def feedback(person: User, bought: Order) -> Feedback:
    return rated(person, bought, text="Līga ir krāpniece")


@pytest.fixture(params=["comment", "feedback"])
def written(request: pytest.FixtureRequest, other_person: User, offered: Offer) -> Written:
    row, author = request.getfixturevalue(request.param), request.getfixturevalue("person")
    address = reverse(f"marketplace:dispute-{request.param}", args=[row.pk])
    return Written(
        row, row.listing if request.param == "comment" else offered(other_person, title="Galds"), address, author
    )


def step(notice: CommentNotice, name: str) -> str:
    return reverse(f"admin:marketplace_commentnotice_{name}", args=[notice.pk])


def letters_to(person: User) -> int:
    return OutgoingMessage.objects.filter(to_address=person.email).count()


def told(address: str) -> str:
    return open_letter(last_message(to_address=address)).text


@pytest.mark.clause("Q5.2", "Q5.8")
def test_everybody_can_dispute_without_an_account_or_a_cookie_and_is_answered(client: Client, written: Written) -> None:
    address = written.dispute
    assert address in page(written.listing)
    assert "Art. 6(1)(c) GDPR" in client.get(f"{address}?lang=en").content.decode()
    form = {"ground": "personal", "text": "Tā nav taisnība.", "email": LIGA, "once": "n1"}
    for _click in range(2):
        assert client.post(f"{address}?lang=lv", form).status_code == 200
    notice = CommentNotice.objects.get()
    assert (notice.email, notice.text, notice.name, notice.state) == (LIGA, form["text"], "", NoticeState.OPEN)
    assert OutgoingMessage.objects.filter(to_address=LIGA).count() == 1
    assert notice.number in told(LIGA)
    assert not any(words in told(LIGA) for words in (form["text"], written.row.text))
    assert written.row.text in page(written.listing)
    assert not client.cookies
    for wrong in ({"ground": "rude"}, {"text": ""}, {"email": "none"}, {"text": "x" * 20_000}):
        assert client.post(address, {**form, **wrong}).status_code == 400
    assert client.post(address, form, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert CommentNotice.objects.count() == 1


def test_a_removal_without_a_reason_is_refused(desk: Client, officer: User, comment: Comment) -> None:
    notice = complained(comment)
    assert desk.post(step(notice, "decide"), {"decision": "remove", "reason": " "}).status_code == 400
    with pytest.raises(DecisionRefused):
        decide(notice.pk, removes=True, reason=" ", by=officer, now=timezone.now())
    assert comment.text in page(comment.listing)  # type: ignore[arg-type]


def test_what_was_removed_is_read_by_nobody_both_sides_are_told_and_the_record_stays(
    desk: Client, person: User, written: Written
) -> None:
    row, before = written.row, letters_to(person)
    User.objects.filter(pk=person.pk).update(language="ru")
    first, second = complained(row), complained(row, "maris@example.lv")
    for _click in range(2):
        desk.post(step(first, "decide"), {"decision": "remove", "reason": "Apgalvojums par faktu bez pierādījuma."})
    row.refresh_from_db()
    assert (row.state, row.removed_for) == (CommentState.REMOVED, "Apgalvojums par faktu bez pierādījuma.")
    assert row.text not in page(written.listing)
    assert Client().get(written.dispute).status_code == 404
    letter = last_message(to_address=person.email)
    assert letter.language == "ru"
    assert "Apgalvojums par faktu" in open_letter(letter).text
    assert row.text in open_letter(letter).text
    assert LIGA not in open_letter(letter).text
    assert letters_to(person) == before + 1
    for address in (LIGA, "maris@example.lv"):
        assert "Apgalvojums par faktu" in told(address)
        assert person.email not in told(address)
    assert set(CommentNotice.objects.values_list("state", flat=True)) == {NoticeState.REMOVED}
    assert Entry.objects.filter(action=f"{row._meta.model_name}.removed", subject=person.pk).count() == 1
    assert Entry.objects.filter(action="notice.decided", object_id=str(second.pk)).count() == 1


def test_what_stays_is_read_on_and_its_author_hears_nothing(officer: User, person: User, written: Written) -> None:
    notice, before = complained(written.row), letters_to(person)
    decide(notice.pk, removes=False, reason="Tas ir viedoklis.", by=officer, now=timezone.now())
    assert written.row.text in page(written.listing)
    assert "viedoklis" in told(LIGA)
    assert letters_to(person) == before
    with pytest.raises(DecisionRefused):
        decide(notice.pk, removes=True, reason="Tomēr.", by=officer, now=timezone.now())


@pytest.mark.clause("Q14.2", "Q3.1")
@pytest.mark.requirement("G3", "G6")
def test_from_where_it_was_written_is_seen_for_an_open_claim_only_by_whom_it_is_for_and_on_record(
    desk: Client, officer: User, person: User, comment: Comment
) -> None:
    trace = CommentTrace.objects.get()
    lists = reverse("admin:marketplace_commenttrace_changelist")
    one = reverse("admin:marketplace_commenttrace_change", args=[trace.pk])
    reveal = reverse("admin:marketplace_commenttrace_reveal", args=[trace.pk])
    assert desk.get(one).status_code == 404
    notice = complained(comment)
    masked = desk.get(one).content.decode()
    assert MASK in masked
    assert "192.0.2.7" not in masked + desk.get(lists).content.decode()
    assert "192.0.2.7" in desk.post(reveal, {"reason": "to_answer"}).content.decode()
    (look,) = Entry.objects.filter(action="revealed", subject=person.pk, object_id=str(trace.pk))
    assert "infringes rights" in look.reason
    decide(notice.pk, removes=False, reason="Viedoklis.", by=officer, now=timezone.now())
    assert desk.post(reveal, {"reason": "to_answer"}).status_code == 404
    officer.groups.clear()
    officer.user_permissions.set(Permission.objects.filter(codename__in=["view_comment", "decide_notice"]))
    complained(comment, "maris@example.lv")
    assert {desk.get(lists).status_code, desk.get(one).status_code, desk.post(reveal).status_code} == {403}


@pytest.mark.requirement("G6")
def test_who_disputes_is_masked_until_a_reason_and_the_author_never_learns_it(desk: Client, written: Written) -> None:
    notice = complained(written.row)
    shown = desk.get(step(notice, "change")).content.decode()
    assert written.row.text in shown
    assert not any(word in shown for word in (LIGA, "Tas par mani"))
    clear = desk.post(step(notice, "reveal"), {"reason": "to_answer"}).content.decode()
    assert "Tas par mani" in clear
    assert step(notice, "decide") in clear


def test_the_oldest_open_notice_comes_first(desk: Client, officer: User, comment: Comment) -> None:
    done, open_one = complained(comment), complained(comment, "maris@example.lv")
    decide(done.pk, removes=False, reason="Viedoklis.", by=officer, now=timezone.now())
    rows = desk.get(reverse("admin:marketplace_commentnotice_changelist")).context["cl"].result_list
    assert [row.pk for row in rows] == [open_one.pk, done.pk]


@pytest.mark.requirement("G3")
def test_staff_without_the_permission_decide_nothing(client: Client, officer: User, comment: Comment) -> None:
    officer.user_permissions.set(Permission.objects.filter(codename="view_commentnotice"))
    log_in(client, officer)
    notice = complained(comment)
    assert client.get(step(notice, "change")).status_code == 200
    assert client.post(step(notice, "decide"), {"decision": "remove", "reason": "Jā"}).status_code == 403
    assert comment.text in page(comment.listing)  # type: ignore[arg-type]


@pytest.mark.clause("Q10.1")
def test_what_was_removed_and_decided_notices_go_after_three_years(officer: User, written: Written) -> None:
    notice = complained(written.row)
    notice = decide(notice.pk, removes=True, reason="Nav patiesi.", by=officer, now=timezone.now())
    assert notice.ends_at is not None
    for now, left in ((notice.ends_at - timedelta(seconds=1), 1), (notice.ends_at, 0)):
        for table in (CommentTrace, type(written.row), CommentNotice):
            sweep(registry().holding(table), now=now, apply=True)
        assert (type(written.row).objects.count(), CommentNotice.objects.count()) == (left, left)


@pytest.mark.clause("Q16.7", "Q4.2")
@pytest.mark.parametrize("whose", ["author", "complainant", "complainant with an account"])
def test_an_erasure_takes_what_names_a_side_and_leaves_the_decision(
    officer: User, other_person: User, written: Written, whose: str
) -> None:
    notice = complained(written.row)
    if whose == "complainant with an account":
        CommentNotice.objects.update(user=other_person, email="", email_token="")
    decide(notice.pk, removes=True, reason="Nav patiesi.", by=officer, now=timezone.now())
    subjects: dict[str, Any] = {
        "author": subject_of_user(written.author),
        "complainant": Subject(emails=frozenset({LIGA})),
        "complainant with an account": subject_of_user(other_person),
    }
    subject, now = subjects[whose], timezone.now()
    execute_erasure(
        case_number="QP-2026-NOTICE",
        subject=subject,
        plan_digest=plan_erasure(subject, now=now, archive=False).digest,
        objection_to_archive=True,
        actor=Actor.system("test"),
        now=now,
    )
    notice.refresh_from_db()
    assert (notice.state, notice.decision) == (NoticeState.REMOVED, "Nav patiesi.")
    if whose == "author":
        assert (notice.disputed, type(written.row).objects.count(), CommentTrace.objects.count()) == (None, 0, 0)
    else:
        assert (notice.user, notice.email, notice.text, notice.email_token) == (None, "", "", "")
        # With the seller goes all that was said of him; a comment under his listing stays for its term.
        left = {CommentState.REMOVED} if written.is_left_by(subject) else set()
        assert set(type(written.row).objects.values_list("state", flat=True)) == left


def test_removed_feedback_takes_its_stars_along_and_is_not_written_anew(
    client: Client, officer: User, bought: Order, feedback: Feedback
) -> None:
    person, other_person = feedback.author, feedback.standing.user
    assert person is not None
    notice = complained(feedback)
    with pytest.raises(FeedbackRefused):
        take_back(as_seen(person, bought))
    assert rating_of(other_person) is not None
    decide(notice.pk, removes=True, reason="Nav patiesi.", by=officer, now=timezone.now())
    assert rating_of(other_person) is None
    for side in (person, other_person):
        log_in(client, side)
        assert feedback.text not in client.get(reverse("marketplace:order", args=[bought.pk])).content.decode()
    order = Order.objects.get(pk=bought.pk)
    assert not take_back(as_seen(person, order))
    with pytest.raises(FeedbackRefused):
        rated(person, order)


def test_who_wrote_feedback_is_not_asked_to_dispute_it(client: Client, person: User, written: Written) -> None:
    log_in(client, person)
    address = reverse("marketplace:listing", args=[written.listing.pk])
    assert written.dispute not in client.get(address).content.decode()


def test_a_notice_is_against_one_thing(comment: Comment, feedback: Feedback) -> None:
    complained(comment)
    with pytest.raises(IntegrityError), transaction.atomic():
        CommentNotice.objects.update(feedback=feedback)
