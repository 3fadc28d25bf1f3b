"""Campaigns: to whom consent holds when the letter goes, once per person and address, whatever dies (Q13.1, Q13.7)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from audit.trail import Actor
from consent.crowds import decided
from consent.models import ConsentEvent
from consent.queries import current_status
from consent.services import give, give_by_address, withdraw
from consent.terms import ConsentPurpose, Method
from mailing.models import OutgoingMessage, State
from mailing.sealing import open_letter
from mailing.services import suppress
from newsletters import campaigns
from newsletters.audience import PART, Audience, audience, part_of
from newsletters.campaigns import NotPossible, advance, cancel, pause, resume, start
from newsletters.models import Campaign, CampaignRecipient, CampaignStage, CampaignState, Subscription
from newsletters.progress import Progress, settle_ended
from newsletters.stopping import WayOut, stop, way_out
from newsletters.tasks import run_campaigns
from outbox.services import drain
from retention import restriction
from retention.standing import RestrictionGround
from vault.tokens import email_token, subject_token

HOW: dict[str, Any] = {"language": "lv", "method": Method.NEWSLETTER_FORM, "place": "/newsletter/"}
STAFF = Actor.system("test")

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]


def draft(**words: str) -> Campaign:
    texts = {"name": "Rudens", "subject_lv": "Rudens tirgus", "body_lv": "Nāc uz tirgu!"}
    return Campaign.objects.create(**texts | words, created_at=timezone.now())


def started(**words: str) -> Campaign:
    campaign = draft(**words)
    start(campaign.pk, actor=STAFF, now=timezone.now())
    return campaign


def subscriber(address: str, *, language: str = "lv") -> Subscription:
    give_by_address(address, "MARKETING_EMAIL", **HOW, now=timezone.now())
    return Subscription.objects.create(
        email_token=email_token(address), email=address, language=language, confirmed_at=timezone.now()
    )


def consenting(person: User) -> User:
    give(person.pk, "MARKETING_EMAIL", **HOW, now=timezone.now())
    return person


def finish(campaign: Campaign) -> None:
    for _turn in range(200):
        run_campaigns()
        drain(now=timezone.now(), limit=1000)
        campaign.refresh_from_db()
        if campaign.state != CampaignState.RUNNING:
            settle_ended()
            campaign.refresh_from_db()
            return


def letters(state: State | None = None) -> list[str]:
    found = OutgoingMessage.objects.filter(template="campaign", **({"state": state} if state else {}))
    return sorted(found.values_list("to_address", flat=True))


def prepare_all(campaign: Campaign) -> None:
    while Campaign.objects.get(pk=campaign.pk).stage != CampaignStage.PREPARED:
        assert advance(campaign.pk, now=timezone.now())


def test_everybody_who_consented_gets_one_letter_in_their_language(person: User, other_person: User) -> None:
    consenting(person)
    subscriber("liga@example.lv", language="ru")
    subscriber("rita@example.lv", language="en")
    subscriber(person.email)  # the same person once more, as an address
    campaign = started(subject_ru="Осенний рынок", body_ru="Приходите!")
    prepare_all(campaign)
    while advance(campaign.pk, now=timezone.now()):
        pass
    assert letters() == ["anna@example.lv", "liga@example.lv", "rita@example.lv"]
    found = {one.to_address: open_letter(one) for one in OutgoingMessage.objects.filter(template="campaign")}
    assert found["liga@example.lv"].subject == "Осенний рынок"
    assert found["rita@example.lv"].subject == "Rudens tirgus", "what is not written in a language is sent in Latvian"
    assert found[person.email].unsubscribe_url.endswith(way_out(person.email, user_id=person.pk))
    assert found[person.email].unsubscribe_url in found[person.email].text


@pytest.mark.clause("Q13.1", "Q13.10")
def test_no_one_is_counted_or_prepared_without_a_consent_that_holds(person: User, other_person: User) -> None:
    consenting(person)
    consenting(other_person)
    subscriber("liga@example.lv")
    subscriber("grumpy@example.lv")
    assert audience(now=timezone.now()).count == 4
    withdraw(other_person.pk, "MARKETING_EMAIL", **HOW, now=timezone.now())
    suppress("grumpy@example.lv", reason="unsubscribed", now=timezone.now())
    EmailAddress.objects.filter(user=person).update(verified=False)
    assert audience(now=timezone.now()).count == 1
    campaign = started()
    prepare_all(campaign)
    assert [one.email_token for one in campaign.recipients.all()] == [email_token("liga@example.lv")]


def test_a_person_with_two_addresses_gets_one_letter(person: User) -> None:
    consenting(person)
    EmailAddress.objects.create(user=person, email="anna.second@example.lv", verified=True)
    subscriber("anna.second@example.lv")
    assert audience(now=timezone.now()).count == 1
    campaign = started()
    prepare_all(campaign)
    assert [(one.kind, one.number) for one in campaign.recipients.all()] == [("account", person.pk)]


def test_the_refusal_of_an_account_beats_the_consent_of_its_address(person: User) -> None:
    EmailAddress.objects.create(user=person, email="anna.second@example.lv", verified=True)
    subscriber("anna.second@example.lv")
    assert audience(now=timezone.now()).count == 1
    withdraw(person.pk, "MARKETING_EMAIL", **HOW, now=timezone.now())
    assert audience(now=timezone.now()).count == 0


@pytest.mark.clause("Q13.7")
@pytest.mark.django_db(transaction=True)
def test_an_unsubscription_in_the_middle_stops_the_next_hand_over() -> None:
    addresses = [f"reader{number:03}@example.lv" for number in range(200)]
    for address in addresses:
        subscriber(address)
    campaign = started()
    prepare_all(campaign)
    assert advance(campaign.pk, now=timezone.now())
    drain(now=timezone.now(), limit=50)
    queued = letters(State.QUEUED)
    unwritten = sorted(set(addresses) - set(letters()))
    assert (len(queued), len(unwritten)) == (50, 100)
    gone = [queued[-1], unwritten[-1]]  # one letter lies in the outbox already, the other is not yet written
    for address in gone:
        stop(WayOut(email_token(address)), language="lv", place="/", now=timezone.now())
    finish(campaign)
    assert letters(State.SENT) == sorted(set(addresses) - set(gone))
    progress = Progress.of(campaign)
    assert (progress.sent, progress.all_refused, progress.gone) == (198, 1, 1)
    assert campaign.totals["sent"] == 198


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_in_the_middle_neither_repeats_nor_leaves_out_anybody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    addresses = [f"reader{number:02}@example.lv" for number in range(25)]
    for address in addresses:
        subscriber(address)
    campaign = started()
    monkeypatch.setattr(campaigns, "LETTERS", 10)
    with _dying_at(monkeypatch, campaigns, "prepare", call=2):
        _until_dead()
    with _dying_at(monkeypatch, campaigns, "send_many", call=2):
        _until_dead()
    assert len(letters()) == 10, "the part that was under way is undone as a whole"
    finish(campaign)
    assert letters() == addresses
    assert campaign.state == CampaignState.DONE


class _Killed(BaseException):
    """As `kill -9`: nothing in between may catch it."""


@contextmanager
def _dying_at(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, *, call: int) -> Iterator[None]:
    real, count = getattr(module, name), 0

    def dying(*args: Any, **options: Any) -> Any:
        nonlocal count
        count += 1
        found = real(*args, **options)
        if count == call:
            raise _Killed
        return found

    with monkeypatch.context() as patch:
        patch.setattr(module, name, dying)
        yield


def _until_dead() -> None:
    with pytest.raises(_Killed):
        run_campaigns()


def test_before_a_start_no_more_is_counted_than_a_page_can_wait() -> None:
    for number in range(3):
        subscriber(f"reader{number}@example.lv")
    now = timezone.now()
    assert audience(now=now) == Audience(3, is_all=True)
    assert audience(now=now, most_parts=1) == Audience(0, is_all=False), "the accounts alone"


def test_the_database_itself_refuses_a_second_letter_to_a_person_or_an_address() -> None:
    campaign, number = draft(), uuid4()
    kept: dict[str, Any] = {"campaign": campaign, "kind": "account", "prepared_at": timezone.now()}
    CampaignRecipient.objects.create(**kept, number=number, email_token="a" * 43)
    for again in ({"number": number, "email_token": "b" * 43}, {"number": uuid4(), "email_token": "a" * 43}):
        with pytest.raises(IntegrityError), transaction.atomic():
            CampaignRecipient.objects.create(**kept, **again)


@pytest.mark.django_db(transaction=True)
def test_paused_it_hands_nothing_over_and_cancelled_it_takes_back_what_waits() -> None:
    for number in range(8):
        subscriber(f"reader{number}@example.lv")
    campaign = started()
    prepare_all(campaign)
    pause(campaign.pk, actor=STAFF, now=timezone.now())
    assert not advance(campaign.pk, now=timezone.now())
    assert letters() == []
    resume(campaign.pk, actor=STAFF, now=timezone.now())
    assert advance(campaign.pk, now=timezone.now())
    drain(now=timezone.now(), limit=3)
    cancel(campaign.pk, actor=STAFF, now=timezone.now())
    drain(now=timezone.now())
    assert (len(letters()), len(letters(State.SENT))) == (3, 3)
    assert (Progress.of(campaign).sent, Progress.of(campaign).stopped) == (3, 5)
    with pytest.raises(NotPossible):
        resume(campaign.pk, actor=STAFF, now=timezone.now())


def test_only_so_many_letters_wait_in_the_outbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaigns, "MOST_WAITING", 5)
    for number in range(8):
        subscriber(f"reader{number}@example.lv")
    campaign = started()
    prepare_all(campaign)
    assert advance(campaign.pk, now=timezone.now())
    assert not advance(campaign.pk, now=timezone.now())
    assert len(letters()) == 5
    assert Campaign.objects.get().state == CampaignState.RUNNING


def test_the_consent_of_a_whole_part_is_one_query_and_says_what_the_record_says(person: User) -> None:
    give(person.pk, "MARKETING_EMAIL", **HOW, now=timezone.now())
    for number in range(30):
        subscriber(f"reader{number}@example.lv")
    with CaptureQueriesContext(connection) as few:
        part_of(CampaignStage.SUBSCRIPTIONS, after=None, now=timezone.now(), size=3)
    with CaptureQueriesContext(connection) as many:
        part_of(CampaignStage.SUBSCRIPTIONS, after=None, now=timezone.now(), size=PART)
    assert len(few) == len(many)
    assert sum("consent_consentevent" in one["sql"] for one in many.captured_queries) == 1
    # Of two at the same instant the one that permits less holds (L7).
    now = timezone.now()
    withdraw(person.pk, "MARKETING_EMAIL", **HOW, now=now)
    given = ConsentEvent.objects.filter(state="withdrawn").get()
    assert decided([subject_token(person.pk)], ConsentPurpose.MARKETING_EMAIL, now=now) == {given.subject_token: False}
    assert not current_status(person.pk, "MARKETING_EMAIL", now=now).permits


@pytest.mark.parametrize(
    "text", ["{{ user.email }}", "{% load i18n %}{% include 'base.html' %}", "{% now 'Y' %}", "%(name)s", "${x}", "{0}"]
)
@pytest.mark.odd_letters
def test_template_syntax_of_staff_is_shown_and_never_evaluated(text: str) -> None:
    subscriber("liga@example.lv")
    campaign = started(subject_lv=f"S {text}"[:150], body_lv=f"B {text} <script>alert(1)</script>")
    prepare_all(campaign)
    advance(campaign.pk, now=timezone.now())
    letter = open_letter(OutgoingMessage.objects.get(template="campaign"))
    assert letter.subject == f"S {text}"
    assert f"B {text} <script>" in letter.text
    assert "<script>" not in letter.html


def test_whose_data_are_restricted_is_not_on_the_list(person: User, officer: User) -> None:
    consenting(person)
    assert audience(now=timezone.now()).count == 1
    restriction.place(
        person,
        ground=RestrictionGround.CLAIMS,
        case_number="QP-1",
        reason="asked for it",
        by=officer,
        now=timezone.now(),
    )
    assert audience(now=timezone.now()).count == 0
