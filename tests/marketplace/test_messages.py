"""Two people write about a listing; one leaves, and the other still reads what was written (policy clause 17)."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.services import register_person
from consent.services import publish_texts
from datamap.trace import subject_of_user
from mailing.models import OutgoingMessage
from marketplace.messaging import MOST_AN_HOUR, MOST_BEGUN, MessageRefused, answer, ask, block, unblock
from marketplace.models import Conversation, Listing, Message, Participant
from marketplace.services import close
from retention.queries import overdue
from retention.sweeps import sweep_all
from tests.dsar.conftest import copy_about
from tests.letters import last_message
from tests.marketplace.conftest import Offer, draft
from tests.marketplace.test_leaving import leave
from tests.people import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]

HERS, HIS = "Vai vēl ir pieejams?", "Jā, nāciet rīt."


def asked(listing: Listing, buyer: User, text: str = HERS) -> Conversation:
    return ask(listing, buyer, text, number=uuid4(), now=timezone.now())


def page(conversation: Conversation) -> str:
    return reverse("marketplace:conversation", args=[conversation.pk])


def seen(person: User, address: str) -> str:
    client = Client()
    client.force_login(person)
    return client.get(address).content.decode()


@pytest.fixture
def listing(other_person: User, offered: Offer) -> Listing:
    """Of Jānis; Anna asks about it."""
    return offered(other_person)


@pytest.mark.clause("Q8.12", "Q8.14")
def test_two_people_write_and_neither_learns_the_others_address(
    client: Client, person: User, other_person: User, listing: Listing
) -> None:
    client.force_login(person)
    form = client.get(reverse("marketplace:ask", args=[listing.pk])).context["form"]
    sent = client.post(
        reverse("marketplace:ask", args=[listing.pk]), {"text": HERS, "number": form["number"].value()}, follow=True
    )
    conversation = Conversation.objects.get()
    answer(conversation, other_person, HIS, number=uuid4(), now=timezone.now())
    assert HERS in sent.content.decode()
    for reader, other in ((person, other_person), (other_person, person)):
        body = seen(reader, page(conversation))
        assert HERS in body
        assert HIS in body
        told = (other.email, other.given_name, other.family_name, str(other.pk))
        assert [word for word in told if word in body] == []


def test_the_letter_says_that_there_is_a_message_and_not_what_it_says(
    person: User, other_person: User, listing: Listing
) -> None:
    conversation = asked(listing, person)
    letter = last_message(to_address=other_person.email)
    assert letter.user_id == other_person.pk
    assert OutgoingMessage.objects.filter(to_address=other_person.email).count() == 1
    answer(conversation, person, "Un vēl…", number=uuid4(), now=timezone.now())
    assert OutgoingMessage.objects.filter(to_address=other_person.email).count() == 1, "one letter until he answers"
    answer(conversation, other_person, HIS, number=uuid4(), now=timezone.now())
    assert last_message(to_address=person.email).user_id == person.pk
    answer(conversation, person, "Paldies", number=uuid4(), now=timezone.now())
    assert OutgoingMessage.objects.filter(to_address=other_person.email).count() == 2
    assert not OutgoingMessage.objects.filter(subject__contains=HERS).exists()


def test_a_stranger_sees_no_conversation_and_writes_in_none(
    client: Client, officer: User, person: User, listing: Listing
) -> None:
    conversation = asked(listing, person)
    client.force_login(officer)
    form = {"text": "x", "number": str(uuid4())}
    assert client.get(page(conversation)).status_code == 404
    assert client.post(page(conversation), form).status_code == 404
    assert client.post(reverse("marketplace:block", args=[conversation.pk])).status_code == 404
    assert Client().get(page(conversation)).status_code == 302
    assert Message.objects.count() == 1


@pytest.mark.clause("Q17.2")
def test_who_stays_still_reads_the_messages_of_a_deleted_user(
    person: User, other_person: User, listing: Listing
) -> None:
    person.display_name = "Kanārija"
    person.save()
    conversation = asked(listing, person)
    answer(conversation, other_person, HIS, number=uuid4(), now=timezone.now())
    assert "Kanārija" in seen(other_person, page(conversation))
    assert leave(person).document["state"] == "done"
    body = seen(other_person, page(conversation))
    assert HERS in body
    assert "Dzēsts lietotājs" in body
    assert "Kanārija" not in body
    assert list(Message.objects.order_by("at").values_list("sender", "silent_since")) == [
        (None, None),
        (other_person.pk, None),
    ]
    with pytest.raises(MessageRefused):
        answer(conversation, other_person, "Hallo?", number=uuid4(), now=timezone.now())


@pytest.mark.requirement("D10")
@pytest.mark.clause("Q16.2")
def test_her_copy_holds_what_was_said_to_her_and_nothing_else_of_the_other(
    person: User, other_person: User, listing: Listing
) -> None:
    other_person.display_name = "Kanārija"
    other_person.save()
    answer(asked(listing, person), other_person, HIS, number=uuid4(), now=timezone.now())
    with copy_about(subject_of_user(person), now=timezone.now()) as copy:
        told = "".join(copy.read(name).decode() for name in copy.namelist())
    assert HERS in told
    assert HIS in told
    of_his = (other_person.email, str(other_person.pk), "Jānis", "Ozols", "Kanārija")
    assert [word for word in of_his if word in told] == []


@pytest.mark.clause("Q17.2")
def test_when_both_have_left_the_next_sweep_takes_every_word(
    person: User, other_person: User, officer: User, listing: Listing
) -> None:
    asked(listing, person)
    stays = asked(listing, officer)
    leave(person)
    leave(other_person, case="Q-2")
    assert Message.objects.filter(silent_since__isnull=False).count() == 1
    now = timezone.now()
    assert overdue(now) == []
    sweep_all(now=now, apply=True)
    assert list(Conversation.objects.all()) == [stays]
    assert list(Message.objects.values_list("conversation", flat=True)) == [stays.pk]


def test_blocking_ends_messages_in_every_conversation_of_the_two_until_it_is_lifted(
    person: User, other_person: User, listing: Listing, offered: Offer
) -> None:
    conversation, other = asked(listing, person), offered(other_person, title="Galds")
    client = Client()
    client.force_login(other_person)
    client.post(reverse("marketplace:block", args=[conversation.pk]))
    for about in (listing, other):
        with pytest.raises(MessageRefused):
            asked(about, person)
    assert Conversation.objects.count() == 1
    unblock(conversation, other_person)
    assert asked(other, person).listing == other


def test_a_second_click_sends_one_message(client: Client, person: User, listing: Listing) -> None:
    client.force_login(person)
    form = {"text": HERS, "number": str(uuid4())}
    for _click in range(2):
        assert client.post(reverse("marketplace:ask", args=[listing.pk]), form).status_code == 302
    assert (Conversation.objects.count(), Message.objects.count()) == (1, 1)


@pytest.mark.parametrize("text", ["", " ", "x" * 4001, "slēpts\u202e"])
def test_a_message_that_is_none_is_refused_with_a_sentence(
    client: Client, person: User, listing: Listing, text: str
) -> None:
    client.force_login(person)
    address = reverse("marketplace:ask", args=[listing.pk])
    answered = client.post(address, {"text": text, "number": str(uuid4())})
    assert answered.status_code == 400
    assert list(answered.context["form"].errors) == ["text"]
    assert Message.objects.count() == 0


def test_nobody_writes_to_himself_about_a_draft_or_about_what_is_closed(
    client: Client, person: User, other_person: User, listing: Listing
) -> None:
    with pytest.raises(MessageRefused):
        asked(listing, other_person)
    client.force_login(person)
    address = reverse("marketplace:ask", args=[draft(other_person).pk])
    assert client.get(address).status_code == 404
    close(listing, language="lv", now=timezone.now())
    with pytest.raises(MessageRefused):
        asked(listing, person)


def test_a_listing_of_somebody_erased_takes_no_message(person: User, other_person: User, listing: Listing) -> None:
    leave(other_person)
    listing.refresh_from_db()
    with pytest.raises(MessageRefused):
        asked(listing, person)
    assert Participant.objects.count() == 0


def test_who_writes_too_much_is_asked_to_wait(person: User, other_person: User, offered: Offer) -> None:
    for number in range(MOST_BEGUN):
        asked(offered(other_person, title=f"Galds {number}"), person)
    with pytest.raises(MessageRefused, match=r".+"):
        asked(offered(other_person), person)
    conversation = Conversation.objects.earliest("started_at")
    for _number in range(MOST_AN_HOUR - MOST_BEGUN):
        answer(conversation, person, "x", number=uuid4(), now=timezone.now())
    with pytest.raises(MessageRefused):
        answer(conversation, person, "x", number=uuid4(), now=timezone.now())


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_conversations_asks_the_same_however_many(
    person: User, other_person: User, offered: Offer, count: int
) -> None:
    for number in range(count):
        asked(offered(other_person, title=f"Galds {number}"), person)
    client = Client()
    client.force_login(person)
    client.get(reverse("marketplace:conversations"))
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("marketplace:conversations"))
    about_messages = [query["sql"] for query in queries if "marketplace_" in query["sql"]]
    assert len(about_messages) == 2, about_messages


@pytest.mark.django_db(transaction=True)
def test_two_first_messages_at_once_are_one_conversation(offered: Offer) -> None:
    now = timezone.now()
    publish_texts(now=now)
    seller, buyer = (
        register_person(email=f"{name}@example.lv", password=PASSWORD, given_name=name, family_name="L", now=now)
        for name in ("anna", "janis")
    )
    listing = offered(seller)

    def write(_number: int) -> None:
        try:
            asked(listing, buyer)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(write, range(4)))
    assert (Conversation.objects.count(), Message.objects.count()) == (1, 4)


def test_blocked_messages_leave_no_row(person: User, other_person: User, listing: Listing) -> None:
    conversation = asked(listing, person)
    block(conversation, person, now=timezone.now())
    with pytest.raises(MessageRefused):
        answer(conversation, other_person, HIS, number=uuid4(), now=timezone.now())
    assert Message.objects.count() == 1
