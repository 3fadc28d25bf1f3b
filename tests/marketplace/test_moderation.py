"""Staff decide with a reason, both sides hear, a second person hears the objection (Q14.6, Q14.10; DSA Art. 17)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import Permission
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.contacts import Channel
from accounts.models import User
from audit.models import Entry
from datamap.trace import subject_of_user
from dsar.access_copy import write_copy
from mailing.models import OutgoingMessage
from mailing.sealing import open_letter
from marketplace.contacts_in_text import BLACKED_OUT
from marketplace.messaging import answer, ask
from marketplace.models import Conversation, Listing, Message, Removal, Report, ReportedText
from marketplace.moderating import Decision, DecisionRefused, decide
from marketplace.report_terms import STAYS, RemovalState, ReportGround, ReportKind, ReportState
from marketplace.searching import Wish, find
from marketplace.services import ListingRefused, close, contacts_consented, publish
from marketplace.terms import ListingState
from tests.letters import last_message
from tests.marketplace.conftest import Offer
from tests.marketplace.test_leaving import leave
from tests.marketplace.test_reports import LIGA, SAID, reported
from tests.people import log_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts"), pytest.mark.clause("Q14.6")]

WHY = "Rāmja numurs ir zagto sarakstā."


@pytest.fixture
def listing(with_phone: User, offered: Offer) -> Listing:
    """Of Anna, with her telephone number beside it."""
    return offered(with_phone, contacts=(Channel.PHONE,))


def step(row: Report | Removal, name: str) -> str:
    return reverse(f"admin:marketplace_{row._meta.model_name}_{name}", args=[row.pk])


def page(listing: Listing, name: str = "listing") -> str:
    return reverse(f"marketplace:{name}", args=[listing.pk])


def told(address: str) -> str:
    return open_letter(last_message(to_address=address)).text


def copy_of(person: User) -> str:
    sink = BytesIO()
    write_copy(sink, subject_of_user(person), case=None, package=None, now=timezone.now())
    with ZipFile(sink) as package:
        return package.read("data.json").decode()


def removed(listing: Listing, by: User) -> Removal:
    choice = Decision(outcome=ReportState.REMOVED, ground=ReportGround.GOODS, reason=WHY)
    decide(reported(listing).pk, choice, by=by, now=timezone.now())
    return Removal.objects.get(listing=listing, state=RemovalState.STANDS)


def test_a_removed_listing_is_gone_for_everybody_and_both_sides_are_told(
    desk: Client, person: User, listing: Listing
) -> None:
    User.objects.filter(pk=person.pk).update(language="ru")
    first, other = reported(listing), reported(listing, address="maris@example.lv")
    form = {"decision": "removed", "ground": "goods", "reason": WHY}
    assert "26 123 456" in Client().get(page(listing)).content.decode()
    assert str(listing.pk) in Client().get("/sitemap-listings.xml").content.decode()
    for _click in range(2):
        desk.post(step(first, "decide"), form)
    gone = Client().get(page(listing))
    assert gone.status_code == 410
    assert not any(word in gone.content.decode() for word in (listing.title, "26 123 456", listing.description))
    assert contacts_consented(listing, now=timezone.now()) == set()
    assert not find(Wish(), now=timezone.now()).exists()
    assert listing.title not in Client().get(reverse("marketplace:feed")).content.decode()
    assert str(listing.pk) not in Client().get("/sitemap-listings.xml").content.decode()
    letter = last_message(to_address=person.email)
    assert letter.language == "ru"
    text = open_letter(letter).text
    assert [word for word in (WHY, listing.title, page(listing, "removed")) if word not in text] == []
    assert not any(word in text for word in (LIGA, SAID, first.number))
    for address in (LIGA, "maris@example.lv"):
        assert WHY in told(address)
        assert person.email not in told(address)
    assert OutgoingMessage.objects.filter(to_address=person.email).count() == 1
    assert set(Report.objects.values_list("state", "ground")) == {("removed", "goods")}
    assert Entry.objects.filter(action="listing.removed", subject=person.pk).count() == 1
    assert Entry.objects.filter(action="report.decided", object_id=str(other.pk)).count() == 1


@pytest.mark.requirement("D10")
def test_its_seller_cannot_bring_a_removed_listing_back_by_any_page(
    client: Client, person: User, officer: User, listing: Listing
) -> None:
    before = Listing.objects.get(pk=listing.pk)
    removed(listing, officer)
    log_in(client, person)
    for name in ("what", "photos", "price", "contact", "close", "discard"):
        assert client.post(page(listing, name), {}).status_code == 404, name
    form = {"number": listing.pk, "title": "Atkal", "description": "x", "category": "books", "language": "lv"}
    client.post(reverse("marketplace:begin"), form)
    with pytest.raises(ListingRefused):
        publish(before, now=timezone.now())
    close(Listing.objects.get(pk=listing.pk), language="lv", now=timezone.now())
    listing.refresh_from_db()
    assert (listing.state, listing.title) == (ListingState.REMOVED, "Zils velosipēds")
    assert client.get(page(listing)).status_code == 410
    for name in ("ask", "offer", "comment", "report"):
        assert client.get(page(listing, name)).status_code == 404, name
    mine = client.get(reverse("marketplace:mine")).content.decode()
    assert page(listing, "removed") in mine
    assert page(listing, "contact") not in mine


def test_nothing_is_decided_without_a_reason_and_a_ground_that_fits(
    desk: Client, officer: User, listing: Listing
) -> None:
    report = reported(listing)
    wrongs: tuple[dict[str, str], ...] = (
        {"reason": " "},
        {"reason": "x" * 1001},
        {"ground": ""},
        {"ground": "allowed"},
        {"decision": "open"},
        {"decision": "kept"},
        {"decision": "redacted", "passage": "te tā nav"},
    )
    for wrong in wrongs:
        answered = desk.post(step(report, "decide"), {"decision": "removed", "ground": "goods", "reason": WHY} | wrong)
        assert answered.status_code == 400, wrong
        assert SAID not in answered.content.decode()
    choice = Decision(outcome=ReportState.REMOVED, ground=ReportGround.GOODS, reason=" ")
    with pytest.raises(DecisionRefused):
        decide(report.pk, choice, by=officer, now=timezone.now())
    assert Client().get(page(listing)).status_code == 200
    assert Report.objects.get().is_open


def test_a_listing_that_stays_is_read_on_and_its_seller_hears_nothing(
    officer: User, person: User, listing: Listing
) -> None:
    choice = Decision(outcome=ReportState.KEPT, ground=ReportGround.ALLOWED, reason="Numurs nav sarakstā.")
    report = decide(reported(listing).pk, choice, by=officer, now=timezone.now())
    assert Client().get(page(listing)).status_code == 200
    assert "nav sarakstā" in told(LIGA)
    assert not OutgoingMessage.objects.filter(to_address=person.email).exists()
    with pytest.raises(DecisionRefused):
        decide(report.pk, choice, by=officer, now=timezone.now())


def test_a_seller_is_asked_to_change_what_is_wrong(officer: User, person: User, listing: Listing) -> None:
    choice = Decision(outcome=ReportState.ASKED, ground=ReportGround.TERMS, reason="Cena nav patiesa.")
    decide(reported(listing).pk, choice, by=officer, now=timezone.now())
    assert "Cena nav patiesa." in told(person.email)
    assert LIGA not in told(person.email)
    assert Client().get(page(listing)).status_code == 200
    assert Entry.objects.filter(action="listing.change_asked", subject=person.pk).exists()


def test_nobody_decides_about_her_own_listing_or_report(officer: User, person: User, offered: Offer) -> None:
    choice = Decision(outcome=ReportState.KEPT, ground=ReportGround.ALLOWED, reason="Labi.")
    own, by_her = reported(offered(officer)), reported(offered(person), user=officer)
    for report in (own, by_her):
        with pytest.raises(DecisionRefused):
            decide(report.pk, choice, by=officer, now=timezone.now())


@pytest.mark.clause("Q14.10")
def test_who_asks_that_her_data_go_is_answered_with_the_ground_of_article_17(officer: User, listing: Listing) -> None:
    report = reported(listing, kind=ReportKind.OWN_DATA)
    vague = Decision(outcome=ReportState.KEPT, ground=ReportGround.ALLOWED, reason="Drīkst.")
    with pytest.raises(DecisionRefused):
        decide(report.pk, vague, by=officer, now=timezone.now())
    named = Decision(outcome=ReportState.KEPT, ground=ReportGround.EXPRESSION, reason="Vārda brīvība.")
    decide(report.pk, named, by=officer, now=timezone.now())
    assert "17. panta 3. punkta a)" in told(LIGA)
    assert ReportGround.EXPRESSION in STAYS


@pytest.mark.clause("Q14.10")
def test_a_passage_is_blacked_out_everywhere_and_kept_nowhere(
    desk: Client, person: User, officer: User, offered: Offer
) -> None:
    listing = offered(person, title="Galds Līgai Kalniņai", description="Pasūtīja Līga.\nLīgai Kalniņai tas neder.")
    report = reported(listing, kind=ReportKind.OWN_DATA, text="Tur ir mans vārds.")
    form = {"decision": "redacted", "ground": "17_1_d", "reason": "Svešs vārds bez vajadzības."}
    assert desk.post(step(report, "decide"), {**form, "passage": "Līgai Kalniņai"}).status_code == 302
    listing.refresh_from_db()
    bars = f"{BLACKED_OUT} tas neder."
    assert (listing.title, listing.description) == (f"Galds {BLACKED_OUT}", f"Pasūtīja Līga.\n{bars}")
    assert not find(Wish(words="kalniņai"), now=timezone.now()).exists()
    assert find(Wish(words="galds"), now=timezone.now()).exists()
    kept = ReportedText.objects.get()
    everywhere = [kept.title, kept.description, told(person.email), told(LIGA), Client().get(page(listing)).content]
    everywhere += [str(row) for row in Entry.objects.values()] + [str(row) for row in Report.objects.values()]
    assert not any("Kalniņai" in (part.decode() if isinstance(part, bytes) else part) for part in everywhere)
    (done,) = Entry.objects.filter(action="listing.redacted", subject=person.pk)
    assert done.details == {"ground": "17_1_d", "signs": 14}
    assert "Svešs vārds" in told(person.email)


@pytest.mark.clause("Q14.7", "Q14.10")
def test_what_stayed_of_somebody_who_left_is_blacked_out_and_taken_down_too(officer: User, listing: Listing) -> None:
    leave(listing.seller)  # type: ignore[arg-type]
    bars = Decision(
        outcome=ReportState.REDACTED, ground=ReportGround.UNLAWFUL, reason="Svešs vārds.", passage="28 collas"
    )
    listing.refresh_from_db()
    decide(reported(listing).pk, bars, by=officer, now=timezone.now())
    listing.refresh_from_db()
    assert listing.description.startswith(BLACKED_OUT)
    assert not listing.words
    assert removed(listing, officer).seller is None
    assert Client().get(page(listing)).status_code == 410


@pytest.mark.requirement("G6")
def test_who_reports_is_masked_until_a_reason_and_the_oldest_open_report_comes_first(
    desk: Client, officer: User, listing: Listing
) -> None:
    done, old, new = (reported(listing, text=said) for said in ("Pirmais.", "Otrais.", SAID))
    choice = Decision(outcome=ReportState.KEPT, ground=ReportGround.ALLOWED, reason="Labi.")
    decide(done.pk, choice, by=officer, now=timezone.now())
    Report.objects.filter(pk=old.pk).update(arrived_at=timezone.now() - timedelta(hours=50))
    rows = desk.get(reverse("admin:marketplace_report_changelist")).context["cl"].result_list
    assert [row.pk for row in rows] == [old.pk, new.pk, done.pk]
    for asked, found in ((new.number, [new.pk]), ("Anna' OR 1", [])):
        listed = desk.get(reverse("admin:marketplace_report_changelist"), {"q": asked})
        assert [row.pk for row in listed.context["cl"].result_list] == found
    masked = desk.get(step(new, "change")).content.decode()
    assert "28 collas" in masked
    assert not any(word in masked for word in (LIGA, SAID, 'name="decision"'))
    clear = desk.post(step(new, "reveal"), {"reason": "to_answer"}).content.decode()
    assert [word for word in (LIGA, SAID, step(new, "decide")) if word not in clear] == []


@pytest.mark.requirement("G3")
def test_staff_without_the_permission_decide_nothing(client: Client, officer: User, listing: Listing) -> None:
    names = ("view_report", "view_removal")
    officer.user_permissions.set(Permission.objects.filter(codename__in=names))
    report = reported(listing)
    log_in(client, officer)
    form = {"decision": "removed", "ground": "goods", "reason": WHY}
    assert client.get(step(report, "change")).status_code == 200
    assert client.post(step(report, "reveal"), {"reason": "to_answer"}).status_code == 403
    assert client.post(step(report, "decide"), form).status_code == 403
    assert Client().get(page(listing)).status_code == 200


@pytest.fixture
def conversation(person: User, other_person: User, offered: Offer) -> Conversation:
    """Jānis wrote to Anna, and she answered badly."""
    found = ask(offered(person), other_person, "Vai vēl ir?", number=uuid4(), now=timezone.now())
    answer(found, person, "Ej prom, muļķi!", number=uuid4(), now=timezone.now())
    return found


@pytest.mark.clause("Q3.1")
@pytest.mark.requirement("G6")
def test_a_conversation_is_read_for_an_open_report_only_and_each_look_stands_in_both_trails(
    desk: Client, officer: User, *, person: User, other_person: User, conversation: Conversation
) -> None:
    report = reported(conversation, user=other_person)
    answer(conversation, person, "Vēlāk rakstīts.", number=uuid4(), now=timezone.now())
    assert "muļķi" not in desk.get(step(report, "change")).content.decode()
    assert not Entry.objects.filter(action="conversation.read").exists()
    clear = desk.post(step(report, "reveal"), {"reason": "to_answer"}).content.decode()
    assert "muļķi" in clear
    assert "Vēlāk rakstīts." not in clear
    looks = Entry.objects.filter(action="conversation.read", actor_id=str(officer.pk))
    assert {look.subject for look in looks} == {person.pk, other_person.pk}
    assert all("to_answer" in look.reason for look in looks)
    choice = {"decision": "asked", "ground": "hate", "reason": "Tas ir apvainojums."}
    assert desk.post(step(report, "decide"), choice).status_code == 302
    assert "apvainojums" in told(person.email)
    assert not any(word in told(person.email) for word in ("Jānis", other_person.email, report.number, "velosipēds"))
    assert "muļķi" not in desk.post(step(report, "reveal"), {"reason": "to_answer"}).content.decode()


@pytest.mark.requirement("G3")
def test_no_page_of_the_staff_leads_to_messages_without_a_report(desk: Client, conversation: Conversation) -> None:
    assert not {Message, Conversation} & set(site._registry)
    assert desk.get(reverse("marketplace:conversation", args=[conversation.pk])).status_code == 404


@pytest.mark.clause("Q16.2")
def test_neither_side_learns_from_its_copy_who_the_other_is(
    person: User, other_person: User, officer: User, listing: Listing
) -> None:
    report = reported(listing, user=other_person)
    choice = Decision(outcome=ReportState.REMOVED, ground=ReportGround.GOODS, reason=WHY)
    decide(report.pk, choice, by=officer, now=timezone.now())
    copies: dict[Any, str] = {one: copy_of(one) for one in (person, other_person)}
    assert WHY in copies[person]
    assert WHY in copies[other_person]
    assert "28 collas" in copies[person]
    assert not any(word in copies[person] for word in (SAID, other_person.email, str(other_person.pk)))
    assert not any(word in copies[other_person] for word in ("28 collas", person.email, str(person.pk)))


@pytest.mark.django_db(transaction=True)
def test_two_who_decide_at_once_about_one_listing_take_it_down_once(
    officer: User, second: User, listing: Listing
) -> None:
    both = [(reported(listing), officer), (reported(listing, address="maris@example.lv"), second)]
    choice = Decision(outcome=ReportState.REMOVED, ground=ReportGround.GOODS, reason=WHY)

    def press(pair: tuple[Report, User]) -> bool:
        try:
            decide(pair[0].pk, choice, by=pair[1], now=timezone.now())
        except DecisionRefused:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, both)) == [False, True]
    assert Removal.objects.count() == 1
    assert set(Report.objects.values_list("state", flat=True)) == {ReportState.REMOVED}
