"""Winners are drawn by lot, once, so that anybody can repeat it; they get a letter and nobody else hears of them."""

import hashlib
import hmac

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.models import Entry
from audit.trail import Actor
from consent.services import give, withdraw
from mailing.models import OutgoingMessage
from mailing.sealing import open_letter
from surveys.drawing import draw, in_order
from surveys.models import Draw, Participation, Survey
from surveys.running import NotPossible
from surveys.terms import Audience
from tests.consents import HOW
from tests.letters import last_message
from tests.people import log_in
from tests.surveys.making import a_draw, link_to, made, over, page_of, post, take_part
from vault.tokens import email_token

STAFF = Actor("staff", "0")

pytestmark = pytest.mark.usefixtures("published_texts")


def drawn(survey: Survey) -> Draw:
    return draw(survey.pk, actor=STAFF, now=timezone.now())


def joined(client: Client, survey: Survey, *people: User) -> None:
    for someone in people:
        client.logout()
        log_in(client, someone)
        assert take_part(client, survey).status_code == 302


@pytest.mark.clause("Q7.1")
def test_the_lot_can_be_repeated_from_list_and_seed(client: Client, person: User, other_person: User) -> None:
    survey = a_draw()
    joined(client, survey, person, other_person)
    over(survey)
    numbers = sorted(str(row.pk) for row in Participation.objects.all())
    made_draw = drawn(survey)
    (entry,) = Entry.objects.filter(action="survey.drawn")
    assert entry.details == {
        "people": 2,
        "winners": 1,
        "list_sha256": hashlib.sha256("\n".join(numbers).encode()).hexdigest(),
        "seed": made_draw.seed,
    }
    seed = bytes.fromhex(made_draw.seed)
    assert len(seed) == 32
    first = min(numbers, key=lambda number: hmac.new(seed, number.encode(), "sha256").digest())
    assert in_order(numbers, seed)[0] == first
    assert str(Participation.objects.get(won_at__isnull=False).pk) == first


def test_each_seed_finds_others() -> None:
    numbers = [str(number) for number in range(20)]
    winners = {in_order(numbers, bytes([seed]) * 32)[0] for seed in range(60)}
    assert len(winners) > 10


def test_winners_get_a_letter_in_their_language_and_the_page_names_numbers_only(client: Client, person: User) -> None:
    survey = a_draw()
    User.objects.filter(pk=person.pk).update(language="ru")
    person.refresh_from_db()
    joined(client, survey, person)
    over(survey)
    drawn(survey)
    letter = open_letter(last_message(to_address=person.email))
    assert letter.subject == "Вы выиграли: Tava iela"
    assert "Grāmata, atsūtīsim pa pastu." in letter.text
    mine = client.get(f"{page_of(survey)}?lang=lv").content.decode()
    assert "uzvarētāju vidū" in mine
    client.logout()
    page = client.get(page_of(survey)).content.decode()
    assert "uzvarēja: 1" in page
    assert "uzvarētāju vidū" not in page
    assert "Anna" not in page


@pytest.mark.clause("Q16.6")
def test_whoever_withdrew_or_was_erased_before_is_not_in_it(client: Client, person: User, other_person: User) -> None:
    survey = a_draw(winners=2)
    joined(client, survey, person, other_person)
    over(survey)
    withdraw(person.pk, "SURVEY", **HOW, now=timezone.now(), scope=survey.scope)
    found = drawn(survey)
    assert (found.people, found.winners) == (1, 1)
    assert not OutgoingMessage.objects.filter(to_address=person.email).exists()
    assert Participation.objects.get(won_at__isnull=False).user_id == other_person.pk


@pytest.mark.clause("Q7.4")
def test_answers_without_a_consent_that_holds_are_not_in_it(client: Client, person: User) -> None:
    survey = a_draw()
    row = Participation(survey=survey, user=person, answers="{}", answered_at=timezone.now())
    row.ends_at = survey.answers_end_at
    row.save()
    over(survey)
    assert drawn(survey).people == 0
    assert not OutgoingMessage.objects.exists()


def test_it_is_drawn_once_and_only_when_it_is_over(client: Client, person: User) -> None:
    survey = a_draw()
    joined(client, survey, person)
    with pytest.raises(NotPossible):
        drawn(survey)
    over(survey)
    drawn(survey)
    with pytest.raises(NotPossible):
        drawn(survey)
    assert OutgoingMessage.objects.count() == 1
    other = made(slug="cita")
    over(other)
    with pytest.raises(NotPossible):
        drawn(other)


def test_nobody_took_part_and_nobody_wins() -> None:
    survey = a_draw()
    over(survey)
    found = drawn(survey)
    assert (found.people, found.winners) == (0, 0)


def test_somebody_without_an_account_wins_too(client: Client) -> None:
    survey = a_draw(audience=Audience.ADDRESS)
    client.post(page_of(survey), {"email": "liga@example.lv"})
    post(client, link_to("liga@example.lv"), agreed="on", old_enough="on")
    over(survey)
    assert drawn(survey).winners == 1
    assert open_letter(last_message(to_address="liga@example.lv")).subject == "Jūs uzvarējāt: Tava iela"
    assert Participation.objects.get().email_token == email_token("liga@example.lv")


def test_a_consent_to_one_survey_is_none_to_another(person: User) -> None:
    survey, other = a_draw(), a_draw(slug="cita")
    give(person.pk, "SURVEY", **HOW, now=timezone.now(), scope=other.scope)
    row = Participation(survey=survey, user=person, answers="{}", answered_at=timezone.now())
    row.ends_at = survey.answers_end_at
    row.save()
    over(survey)
    assert drawn(survey).people == 0
