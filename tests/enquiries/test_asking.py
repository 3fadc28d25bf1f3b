"""Whoever asks is heard, with and without an account, and gives no more than an answer needs (Q5.2, Q5.6, Q5.8)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from enquiries import services
from enquiries.forms import page_path, readable
from enquiries.models import Enquiry, Message
from enquiries.services import Came, Written
from enquiries.terms import CameBy, Kind, State
from mailing.models import OutgoingMessage
from mailing.sealing import open_letter
from tests.letters import last_message
from tests.people import log_in

pytestmark = pytest.mark.django_db

CONTACT = reverse("enquiries:contact")
LIGA = "liga@example.lv"
ASKED = {"text": "Kad atveras izsole?", "email": LIGA, "once": "form-1"}


def send(client: Client, *, kind: str = "question", language: str = "lv", **said: Any) -> Any:
    return client.post(f"{CONTACT}?kind={kind}&lang={language}", {**ASKED, **said})


def link_in(message: OutgoingMessage) -> str:
    text = open_letter(message).text
    return next(word for word in text.split() if "/contact/" in word).replace("http://testserver", "")


@pytest.mark.clause("Q5.2", "Q5.8")
@pytest.mark.parametrize(
    ("kind", "least"), [("question", {"email": LIGA}), ("offer", {"email": LIGA}), ("problem", {})]
)
def test_only_the_mandatory_fields_are_needed_and_the_page_says_which_and_why(
    client: Client, kind: str, least: dict[str, str]
) -> None:
    page = client.get(f"{CONTACT}?kind={kind}&lang=en").content.decode()
    assert "andatory" in page
    assert "Art. 6(1)(b) GDPR" in page
    assert reverse("privacy:notice") in page
    assert reverse("privacy:request-new") in page
    assert client.post(f"{CONTACT}?kind={kind}", {"text": "Sveiki", **least}).status_code == 302
    assert Enquiry.objects.get().kind == kind
    assert client.post(f"{CONTACT}?kind={kind}", {"text": "", **least}).status_code == 400
    if least:
        assert client.post(f"{CONTACT}?kind={kind}", {"text": "Sveiki"}).status_code == 400


@pytest.mark.clause("Q5.8")
def test_of_an_account_nothing_but_the_words_is_asked(client: Client, person: User) -> None:
    log_in(client, person)
    page = client.get(CONTACT).content.decode()
    assert 'name="email"' not in page
    assert 'name="name"' not in page
    response = client.post(CONTACT, {"text": "Kā mainīt cenu?", "email": LIGA, "name": "Līga"})
    enquiry = Enquiry.objects.get()
    assert response["Location"] == reverse("enquiries:own", args=[enquiry.pk])
    assert (enquiry.user, enquiry.email, enquiry.name, enquiry.email_token) == (person, "", "", "")
    assert last_message().to_address == person.email


@pytest.mark.clause("Q5.6")
@pytest.mark.parametrize(("language", "word"), [("lv", "numurs"), ("en", "number"), ("ru", "номер")])
def test_the_letter_speaks_the_language_of_the_page(client: Client, language: str, word: str) -> None:
    send(client, language=language)
    letter = last_message(to_address=LIGA)
    assert letter.language == language == Enquiry.objects.get().language
    assert word in open_letter(letter).text.lower()


@pytest.mark.clause("Q5.6")
def test_an_account_is_written_to_in_its_own_language_or_in_latvian(client: Client, person: User) -> None:
    log_in(client, person)
    for language, expected in (("ru", "ru"), ("", "lv")):
        User.objects.filter(pk=person.pk).update(language=language)
        client.post(f"{CONTACT}?lang=en", {"text": f"Jautājums {language}"})
        assert last_message(to_address=person.email).language == expected


@pytest.mark.clause("Q15.2")
@pytest.mark.requirement("C6")
def test_words_name_and_address_stand_nowhere_in_clear(client: Client) -> None:
    send(client, name="Līga Kalniņa")
    with connection.cursor() as cursor:
        for table in ("enquiries_enquiry", "enquiries_message"):
            cursor.execute(f'SELECT string_agg(t::text, chr(10)) FROM "{table}" t')
            (text,) = cursor.fetchone()
            assert not any(word in text for word in (LIGA, "Līga", "izsole"))
    enquiry = Enquiry.objects.get()
    assert (enquiry.email, enquiry.name, enquiry.messages.get().text) == (LIGA, "Līga Kalniņa", ASKED["text"])


@pytest.mark.requirement("I2")
def test_every_address_gets_the_same_answer_and_a_letter_that_repeats_nothing(client: Client, person: User) -> None:
    answers = [send(client, email=address, name="<b>buy</b>") for address in (LIGA, person.email)]
    assert len({(answer.status_code, answer["Location"]) for answer in answers}) == 1
    letters = [open_letter(last_message(to_address=address)) for address in (LIGA, person.email)]
    assert not any(word in letter.text + letter.html for letter in letters for word in ("izsole", "buy"))
    assert {line for line in letters[0].text.splitlines() if "/contact/" not in line and "E-" not in line} == {
        line for line in letters[1].text.splitlines() if "/contact/" not in line and "E-" not in line
    }
    assert not client.cookies


def test_the_same_form_twice_is_one_enquiry_and_other_words_in_it_are_another(client: Client) -> None:
    for _click in range(2):
        send(client)
    assert (Enquiry.objects.count(), Message.objects.count(), OutgoingMessage.objects.count()) == (1, 1, 1)
    send(client, text="Un vēl kas")
    assert Enquiry.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_are_one_enquiry() -> None:
    def click(_number: int) -> str:
        try:
            written = Written(kind=Kind.OFFER, text="Cik maksā?", language="lv", once="one", address=LIGA)
            return str(services.ask(written, now=timezone.now()).pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as clicks:
        assert len(set(clicks.map(click, range(4)))) == 1
    assert (Enquiry.objects.count(), Message.objects.count(), OutgoingMessage.objects.count()) == (1, 1, 1)


def test_the_same_words_while_they_wait_are_the_same_enquiry(person: User, officer: User, db: None) -> None:
    now = timezone.now()
    asked = Written(kind=Kind.QUESTION, text="Cik maksā?", language="lv", address=LIGA)
    first = services.ask(asked, now=now)
    assert services.ask(asked, now=now) == first
    assert OutgoingMessage.objects.filter(to_address=LIGA).count() == 1
    others = [
        services.ask(replace(asked, text="Cik maksā sūtīšana?"), now=now),
        services.ask(replace(asked, address="cits@example.lv"), now=now),
        services.ask(replace(asked, kind=Kind.OFFER), now=now),
        services.ask(asked, user=person, now=now),
    ]
    assert len({first, *others}) == 5
    assert services.ask(asked, user=person, now=now) == others[-1]
    services.answer(first.pk, "Neko.", once="answer", by=officer, now=now)
    assert services.ask(asked, now=now) not in {first, *others}, "what was answered can be asked again"
    told = replace(asked, text="Kad strādājat?")
    called, _is_new = services.open_enquiry(told, user=None, came=Came(at=now, by_way_of=CameBy.PHONE))
    assert services.ask(told, now=now) != called, "what staff wrote down is told in their words"
    nobodys = replace(asked, address="")
    assert services.ask(nobodys, now=now) != services.ask(nobodys, now=now), "two of whom nothing is known"


@pytest.mark.requirement("I4")
def test_one_address_gets_ten_letters_a_day_and_everything_is_kept(db: None) -> None:
    now = timezone.now()
    for number in range(12):
        written = Written(kind=Kind.QUESTION, text=f"Jautājums {number}", language="lv", address=LIGA)
        services.ask(written, now=now)
    assert (Enquiry.objects.count(), OutgoingMessage.objects.filter(to_address=LIGA).count()) == (12, 10)
    services.ask(replace(written, text="Jautājums rīt"), now=now + timedelta(hours=25))
    assert OutgoingMessage.objects.filter(to_address=LIGA).count() == 11


@pytest.mark.requirement("I4")
def test_one_network_and_one_account_are_stopped_at_last(client: Client, person: User) -> None:
    statuses = [send(client, text=f"Jautājums {number}").status_code for number in range(12)]
    assert statuses[-1] == 429
    now = timezone.now()
    for number in range(services.MESSAGES_A_DAY):
        services.ask(Written(kind=Kind.QUESTION, text=str(number), language="lv"), user=person, now=now)
    log_in(client, person)
    assert client.post(CONTACT, {"text": "vēl viens"}).status_code == 400


@pytest.mark.requirement("H4")
def test_a_form_of_another_site_does_nothing(client: Client, person: User) -> None:
    assert client.post(CONTACT, ASKED, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    strict = Client(enforce_csrf_checks=True)
    log_in(client, person)
    strict.cookies = client.cookies
    assert strict.post(CONTACT, ASKED).status_code == 403
    assert not Enquiry.objects.exists()


@pytest.mark.parametrize(
    "said",
    [
        {"text": ""},
        {"text": " \n\t\u200b "},
        {"text": "x" * 20_000},
        {"email": "none"},
        {"email": "a@b@c.lv"},
        {"email": "anna@example.lv\nBcc: everybody@example.lv"},
        {"email": ""},
        {"name": "x" * 101},
    ],
)
def test_what_cannot_be_taken_is_refused_in_words_and_nothing_is_kept(client: Client, said: dict[str, str]) -> None:
    response = send(client, **said)
    assert response.status_code == 400
    assert 'class="error"' in response.content.decode()
    assert not Enquiry.objects.exists()


def test_scripts_stay_words_and_letters_that_turn_others_go(client: Client) -> None:
    send(client, text="<script>alert(1)</script>\r\n\u202egnp.exe", name="An\u202ena\nBērziņa")
    enquiry = Enquiry.objects.get()
    assert enquiry.name == "Anna Bērziņa"
    assert enquiry.messages.get().text == "<script>alert(1)</script>\ngnp.exe"
    page = client.get(link_in(last_message())).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert readable("ģimene 👍\n\tlabi") == "ģimene 👍\n\tlabi"


@pytest.mark.clause("Q5.16")
def test_the_page_of_a_problem_comes_from_our_own_referrer_without_its_secrets(client: Client) -> None:
    def offered(referrer: str) -> str:
        page = client.get(f"{CONTACT}?kind=problem", headers={"Referer": referrer}).content.decode()
        field = page.split('name="page"')[1].split(">")[0]
        return field.split('value="')[1].split('"')[0] if 'value="' in field else ""

    assert offered("http://testserver/newsletter/?lang=lv&email=anna@example.lv") == "/newsletter/"
    assert offered(f"http://testserver/newsletter/stop/{'k3y' * 14}/") == "/newsletter/stop/[secret]/"
    for forged in ("http://evil.example/newsletter/", "javascript:alert(1)", "http://[", "http://testserver/<script>/"):
        assert offered(forged) == ""


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("/privacy/?a=b#c", "/privacy/"),
        ("https://qlekta.example/listing/7", "/listing/7"),
        (f"/reset/{'A1b2' * 10}", "/reset/[secret]"),
        ("/find/anna@example.lv", "/find/[e-mail]"),
        ("the front page", "the front page"),
        ("x" * 900, "[secret]"),
    ],
)
def test_the_page_is_kept_without_what_is_not_needed(typed: str, kept: str) -> None:
    assert page_path(typed) == kept


@pytest.mark.clause("Q4.2")
def test_who_has_no_account_reads_and_writes_on_by_the_link_alone(client: Client) -> None:
    send(client)
    enquiry = Enquiry.objects.get()
    link = link_in(last_message(to_address=LIGA))
    assert link.removesuffix("/").rsplit("/", 1)[1] not in (enquiry.key_digest, str(enquiry.pk))
    assert ASKED["text"] in client.get(link).content.decode()
    assert '<html lang="lv">' in client.get(link, headers={"Accept-Language": "en"}).content.decode()
    assert '<html lang="ru">' in client.get(f"{link}?lang=ru").content.decode()
    for _click in range(2):
        assert client.post(link, {"text": "Paldies, vēl viens.", "once": "r1"}).status_code == 302
    assert [message.text for message in enquiry.messages.all()] == [ASKED["text"], "Paldies, vēl viens."]
    assert client.post(link, {"text": "x"}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.get(reverse("enquiries:by-link", args=["A" * 43])).status_code == 404
    assert client.get(reverse("enquiries:own", args=[enquiry.pk])).status_code == 302
    assert not client.cookies


@pytest.mark.requirement("D2")
def test_an_enquiry_of_somebody_else_does_not_exist(client: Client, person: User, other_person: User) -> None:
    hers = services.ask(
        Written(kind=Kind.QUESTION, text="Mans jautājums", language="lv"), user=person, now=timezone.now()
    )
    page = reverse("enquiries:own", args=[hers.pk])
    log_in(client, other_person)
    assert client.get(page).status_code == client.post(page, {"text": "x"}).status_code == 404
    assert hers.number not in client.get(reverse("enquiries:own-list")).content.decode()
    client.logout()
    log_in(client, person)
    assert hers.number in client.get(reverse("enquiries:own-list")).content.decode()
    assert "Mans jautājums" in client.get(page).content.decode()
    # The link of a letter opens nothing where there is an account to log in to.
    assert client.get(reverse("enquiries:by-link", args=[services.link_key(hers.pk)])).status_code == 404


def test_who_writes_on_takes_it_up_again_and_too_much_is_refused(person: User, officer: User) -> None:
    now = timezone.now()
    enquiry = services.ask(Written(kind=Kind.QUESTION, text="Kā?", language="lv"), user=person, now=now)
    enquiry = services.answer(enquiry.pk, "Tā.", once="", by=officer, now=now)
    assert (enquiry.state, enquiry.ends_at is None) == (State.ANSWERED, False)
    enquiry = services.reply(enquiry.pk, "Nesanāk.", once="", now=now)
    assert (enquiry.state, enquiry.ends_at) == (State.OPEN, None)
    assert not enquiry.messages.filter(ends_at__isnull=False).exists()
    for number in range(services.MESSAGES_A_DAY - 2):
        services.reply(enquiry.pk, f"Vēl {number}", once="", now=now)
    with pytest.raises(services.TooMany):
        services.reply(enquiry.pk, "Par daudz", once="", now=now)
