"""Comments under listings: a name chosen for each, the address apart and for its term (policy clause 14)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from datamap.registry import registry
from datamap.terms import LawfulBasis
from mailing.models import OutgoingMessage
from marketplace.comment_terms import CommentState, Ground
from marketplace.commenting import MOST_A_DAY, CommentRefused, Said, comments_under, take_back, write
from marketplace.disputing import Complaint, decide, dispute
from marketplace.models import Comment, CommentNotice, CommentTrace, Feedback, Listing
from marketplace.services import close
from retention import restriction
from retention.queries import overdue
from retention.standing import RestrictionGround
from retention.sweeps import sweep
from tests.marketplace.conftest import Offer, draft
from tests.marketplace.test_finding import PAGE_QUERIES
from tests.marketplace.test_leaving import leave
from tests.people import log_in
from vault.keys import has_key

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]

LIGA = "liga@example.lv"


def said_by(user: User, listing: Listing, *, name: str = "Zīle", text: str = "Vai krāsa ir tumša?") -> Comment:
    return write(listing, Said(author_name=name, text=text), user=user, ip="192.0.2.7", now=timezone.now())


def page(listing: Listing) -> str:
    return Client().get(reverse("marketplace:listing", args=[listing.pk])).content.decode()


def complained(disputed: Comment | Feedback, address: str = LIGA) -> CommentNotice:
    complaint = Complaint(ground=Ground.PERSONAL, text="Tas par mani.", language="lv", address=address)
    return dispute(disputed, complaint, now=timezone.now())


@pytest.mark.clause("Q14.1")
def test_a_comment_shows_its_time_and_the_chosen_name_and_nothing_of_the_account(
    client: Client, person: User, other_person: User, offered: Offer
) -> None:
    listing = offered(other_person)
    User.objects.filter(pk=person.pk).update(display_name="Anna no Rīgas")
    log_in(client, person)
    address = reverse("marketplace:comment", args=[listing.pk])
    form = client.get(address).content.decode()
    assert not any(f'value="{word}"' in form for word in ("Anna no Rīgas", "Anna", person.email))
    sent = {"author_name": " Zīle  no\tparka ", "text": "Skaists!\n<script>x</script>", "once": "c1"}
    for _click in range(2):
        assert client.post(address, sent).status_code == 302
    comment = Comment.objects.get()
    shown = page(listing)
    assert "Zīle no parka" in shown
    assert f'datetime="{timezone.localtime(comment.published_at).isoformat()[:19]}' in shown
    assert "<script>x" not in shown
    told = (person.email, "Anna", "Bērziņa", str(person.pk), "192.0.2.7", "127.0.0.1")
    assert [word for word in told if word in shown] == []
    feed = Client().get(reverse("marketplace:feed")).content.decode()
    assert [word for word in told if word in feed] == []


@pytest.mark.parametrize("count", [1, 3])
def test_a_page_asks_the_database_the_same_however_much_was_said(
    client: Client, person: User, offered: Offer, count: int
) -> None:
    listing = offered(person)
    for number in range(count):
        said_by(person, listing, text=str(number))
    address = reverse("marketplace:listing", args=[listing.pk])
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    assert len(asked) == PAGE_QUERIES, [query["sql"] for query in asked]


@pytest.mark.clause("Q14.2", "Q14.4", "Q15.2")
def test_ip_and_address_stand_apart_and_sealed_and_nobody_comments_without_one(
    client: Client, person: User, offered: Offer
) -> None:
    listing = offered(person)
    address = reverse("marketplace:comment", args=[listing.pk])
    sent = {"author_name": "X", "text": "x"}
    assert (client.get(address).status_code, client.post(address, sent).status_code) == (302, 403)
    assert not Comment.objects.exists()
    comment = said_by(person, listing)
    trace = CommentTrace.objects.get(comment=comment)
    assert (trace.email, trace.ip) == (person.email, "192.0.2.7")
    with connection.cursor() as cursor:
        for table in ("marketplace_comment", "marketplace_commenttrace"):
            cursor.execute(f'SELECT string_agg(t::text, chr(10)) FROM "{table}" t')
            text = cursor.fetchone()[0]
            assert person.email not in text
            assert "192.0.2.7" not in text


@pytest.mark.clause("Q14.4")
def test_the_address_is_for_claims_alone_and_a_comment_sends_no_mail(person: User, offered: Offer) -> None:
    said_by(person, offered(person))
    assert registry().holding(CommentTrace).purposes == ("CLAIMS",)
    assert not OutgoingMessage.objects.exists()


@pytest.mark.clause("Q14.5")
def test_comments_rest_on_the_contract_and_their_trace_on_legitimate_interests() -> None:
    bases = [registry().holding(model).basis for model in (Comment, CommentTrace)]
    assert bases == [LawfulBasis.CONTRACT, LawfulBasis.LEGITIMATE_INTERESTS]


@pytest.mark.clause("Q14.3", "X8")
def test_the_trace_goes_after_twenty_weeks_and_while_a_notice_is_open_it_stays(
    person: User, other_person: User, officer: User, offered: Offer
) -> None:
    listing = offered(other_person)
    plain, disputed = said_by(person, listing), said_by(person, listing, text="Krāpnieks!")
    now = timezone.now()
    CommentTrace.objects.update(at=now)
    notice, keys = complained(disputed), list(CommentTrace.objects.values_list("pk", flat=True))
    holding = registry().holding(CommentTrace)
    sweep(holding, now=now + timedelta(weeks=20) - timedelta(seconds=1), apply=True)
    assert CommentTrace.objects.count() == 2
    sweep(holding, now=now + timedelta(weeks=20), apply=True)
    assert CommentTrace.objects.get().comment == disputed
    decide(notice.pk, removes=False, reason="Tas ir viedoklis.", by=officer, now=now + timedelta(weeks=20))
    sweep(holding, now=now + timedelta(weeks=20), apply=True)
    assert not CommentTrace.objects.exists()
    assert [has_key(key) for key in keys] == [False, False]
    assert set(Comment.objects.all()) == {plain, disputed}


@pytest.mark.clause("Q14.7", "Q14.8", "Q14.9", "Q17.4")
def test_when_its_author_leaves_the_words_stay_and_lead_to_nobody(
    person: User, other_person: User, offered: Offer
) -> None:
    listing, second = offered(other_person), offered(other_person, title="Galds")
    hers = [said_by(person, where, text="Zvani 26123456, skaists!") for where in (listing, second)]
    his = said_by(other_person, listing, name="Jānis", text="Paldies")
    keys = [comment.trace.pk for comment in hers]
    assert leave(person).document["state"] == "done"
    for comment in hers:
        comment.refresh_from_db()
        assert (comment.user, comment.author_name, comment.text) == (None, "", "Zvani █████, skaists!")
    assert CommentTrace.objects.get().comment == his
    assert not any(map(has_key, keys))
    shown = page(listing)
    assert "skaists!" in shown
    assert "Zīle" not in shown
    assert "Jānis" in shown
    assert "Dzēsts lietotājs" in shown


@pytest.mark.clause("Q6.2")
def test_of_a_child_no_comment_stays_and_those_of_others_under_its_listing_go_with_the_next_purge(
    person: User, other_person: User, offered: Offer
) -> None:
    hers, his = offered(person), offered(other_person)
    said_by(person, his)
    kept, orphan = said_by(other_person, his), said_by(other_person, hers)
    leave(person, child=True)
    assert set(Comment.objects.all()) == {kept, orphan}
    assert overdue(timezone.now()) == [], "until the next sweep it is not late"
    key = orphan.trace.pk
    sweep(registry().holding(Comment), now=timezone.now(), apply=True)
    assert set(Comment.objects.all()) == {kept}
    assert not has_key(key)


def test_under_a_closed_listing_and_a_draft_nobody_comments(client: Client, person: User, offered: Offer) -> None:
    listing = offered(person)
    close(listing, language="lv", now=timezone.now())
    with pytest.raises(CommentRefused):
        said_by(person, listing)
    log_in(client, person)
    form = {"author_name": "Zīle", "text": "Sveiki"}
    assert client.post(reverse("marketplace:comment", args=[listing.pk]), form).status_code == 400
    assert client.post(reverse("marketplace:comment", args=[draft(person).pk]), form).status_code == 404
    assert not Comment.objects.exists()


def test_the_same_words_right_after_each_other_are_one_comment(
    person: User, other_person: User, offered: Offer
) -> None:
    listing = offered(other_person)
    first = said_by(person, listing, text="Paldies!")
    assert said_by(person, listing, text="Paldies!") == first
    assert said_by(person, listing, text="Paldies!", name="Cits vārds") != first
    between = said_by(other_person, listing, text="Paldies!")
    assert said_by(person, listing, text="Paldies!") not in {first, between}
    assert Comment.objects.filter(listing=listing).count() == CommentTrace.objects.count() == 4


def test_a_person_writes_no_more_than_twenty_a_day(person: User, offered: Offer) -> None:
    listing = offered(person)
    for number in range(MOST_A_DAY):
        said_by(person, listing, text=str(number))
    with pytest.raises(CommentRefused):
        said_by(person, listing, text="vēl")
    assert Comment.objects.count() == MOST_A_DAY


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": ""},
        {"text": "x" * 20_000},
        {"text": "a\u202eb"},
        {"author_name": ""},
        {"author_name": "x" * 41},
        {"author_name": "An\u202ena"},
        {"author_name": "anna@example.lv"},
        {"author_name": "Zvani 26123456"},
        {"author_name": "QLEKTA atbalsts"},
    ],
)
def test_names_and_words_that_deceive_are_refused_and_not_lost(
    client: Client, person: User, offered: Offer, wrong: dict[str, str]
) -> None:
    listing = offered(person)
    client.force_login(person)
    form = {"author_name": "Zīle", "text": "Sveiki", **wrong}
    response = client.post(reverse("marketplace:comment", args=[listing.pk]), form)
    assert response.status_code == 400
    assert 'class="error"' in response.content.decode()
    assert not Comment.objects.exists()


@pytest.mark.requirement("D2")
def test_one_takes_back_ones_own_comment_with_its_trace_and_no_other(
    client: Client, person: User, other_person: User, offered: Offer
) -> None:
    listing = offered(other_person)
    hers, his = said_by(person, listing), said_by(other_person, listing)
    key = hers.trace.pk
    client.force_login(person)
    shown = client.get(reverse("marketplace:listing", args=[listing.pk])).content.decode()
    assert reverse("marketplace:delete-comment", args=[hers.pk]) in shown
    assert reverse("marketplace:delete-comment", args=[his.pk]) not in shown
    assert client.get(reverse("marketplace:delete-comment", args=[hers.pk])).status_code == 405
    assert client.post(reverse("marketplace:delete-comment", args=[his.pk])).status_code == 404
    assert client.post(reverse("marketplace:delete-comment", args=[hers.pk])).status_code == 302
    assert set(Comment.objects.all()) == {his}
    assert not has_key(key)
    complained(his)
    with pytest.raises(CommentRefused):
        take_back(his.pk, user=other_person)


@pytest.mark.clause("Q16.10")
def test_comments_of_a_restricted_person_are_shown_to_nobody(person: User, officer: User, offered: Offer) -> None:
    listing = offered(officer)
    comment = said_by(person, listing)
    why = RestrictionGround.CLAIMS
    restriction.place(person, ground=why, case_number="QP-1", reason="a claim", by=officer, now=timezone.now())
    assert not comments_under(listing).exists()
    assert Client().get(reverse("marketplace:dispute-comment", args=[comment.pk])).status_code == 404


def test_the_database_itself_removes_nothing_without_a_reason(person: User, offered: Offer) -> None:
    comment = said_by(person, offered(person))
    gone: dict[str, Any] = {"state": CommentState.REMOVED, "removed_at": timezone.now(), "ends_at": timezone.now()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Comment.objects.filter(pk=comment.pk).update(**gone)


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_are_one_comment(person: User, offered: Offer) -> None:
    listing, now = offered(person), timezone.now()

    def click(_number: int) -> str:
        try:
            said = Said(author_name="Zīle", text="Sveiki", once="one")
            return str(write(listing, said, user=person, ip="", now=now).pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as clicks:
        assert len(set(clicks.map(click, range(4)))) == 1
    assert (Comment.objects.count(), CommentTrace.objects.count()) == (1, 1)
