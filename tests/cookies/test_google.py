"""A withdrawal reaches Google once, over a real socket, under a number that nobody keeps (Art. 7(3), 17(1)(b), 28)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from accounts.models import User
from cookies.checks import check_deletion_at_google
from cookies.google import API, TOKENS
from cookies.recipients import GoogleHandler
from datamap.catalogue import catalogue
from datamap.processors import Outcome
from datamap.trace import subject_of_user
from emulators.google import Google
from outbox.models import Effect, ProviderGate
from outbox.services import drain
from qlekta.catalogue.recipients import GOOGLE

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.network,
    pytest.mark.usefixtures("published_texts"),
    pytest.mark.clause("Q11.8", "Q11.14"),
]

CHOICE = "/cookies/choice/"
ACCEPT = {"choice": "save", "service": "google-analytics", "from": "settings"}
NUMBER = "1234567890.1790000000"


@pytest.fixture(scope="module")
def emulated() -> Iterator[Google]:
    with Google() as google:
        yield google


@pytest.fixture
def google(emulated: Google, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Google:
    settings.GOOGLE_ANALYTICS_ID = "G-TEST1234"
    settings.GOOGLE_ANALYTICS_PROPERTY = emulated.property
    settings.GOOGLE_SERVICE_ACCOUNT = emulated.account()
    settings.GOOGLE_API_URL = emulated.address
    settings.PROCESSORS_EMULATED = True
    monkeypatch.setitem(catalogue().recipients, "GOOGLE", GOOGLE)
    emulated.deleted.clear()
    emulated.journal.clear()
    emulated.faults.plan({})
    return emulated


def agreed(visitor: Client) -> Client:
    """A browser that agreed, and that Google counts since."""
    visitor.post(CHOICE, ACCEPT)
    visitor.cookies["_ga"] = f"GA1.1.{NUMBER}"
    return visitor


def carry() -> None:
    drain(now=timezone.now(), limit=10)


def test_a_withdrawal_is_carried_to_google_once_and_the_number_forgotten(visitor: Client, google: Google) -> None:
    agreed(visitor).post(CHOICE, {"choice": "reject"})
    visitor.post(CHOICE, {"choice": "reject"})
    assert Effect.objects.get().payload == {"browser": NUMBER}
    assert Effect.objects.get().subject is None, "nothing says whose browser it was"
    carry()
    assert google.state()["deleted"] == [NUMBER]
    effect = Effect.objects.get()
    assert (effect.state, effect.payload) == ("done", {})
    assert NUMBER not in str(Effect.objects.values())
    carry()
    assert google.deleted == [NUMBER]


@pytest.mark.clause("Q8.17")
def test_google_gets_the_number_and_nothing_else(visitor: Client, google: Google) -> None:
    agreed(visitor).post(CHOICE, {"choice": "reject"})
    carry()
    (order,) = [call for call in google.journal if call.path != "/token"]
    assert order.body == f'{{"clientId": "{NUMBER}"}}'
    assert "Cookie" not in order.headers


@pytest.mark.parametrize("value", ["", "GA1.1.", f"GA1.1.{NUMBER}; x", "GA1.1.a.b", "GA1.1.1.2.3", "9" * 4000])
def test_what_is_no_number_of_google_orders_nothing(visitor: Client, google: Google, value: str) -> None:
    agreed(visitor).cookies["_ga"] = value
    assert visitor.post(CHOICE, {"choice": "reject"}).status_code == 303
    assert not Effect.objects.exists()


def test_a_cookie_written_by_hand_orders_nothing(visitor: Client, google: Google) -> None:
    """No consent is on record under this receipt: whoever invents one deletes nothing of anybody's."""
    value = agreed(visitor).cookies["cookie_consent"].value
    visitor.cookies["cookie_consent"] = f"{value.rpartition('.')[0]}.{'0' * 32}"
    visitor.post(CHOICE, {"choice": "reject"})
    assert not Effect.objects.exists()


def test_other_answers_leave_google_alone(visitor: Client, google: Google) -> None:
    agreed(visitor).post(CHOICE, {**ACCEPT, "service": ["google-analytics", "language"]})
    assert not Effect.objects.exists()


def test_the_choice_of_an_account_ends_there_too(visitor: Client, person: User, google: Google) -> None:
    visitor.force_login(person)
    visitor.post(CHOICE, {**ACCEPT, "account": "1"})
    visitor.cookies.pop("cookie_consent")
    visitor.cookies["_ga"] = f"GA1.1.{NUMBER}"
    visitor.post("/cookies/account/end/")
    carry()
    assert google.deleted == [NUMBER]


@pytest.mark.parametrize("call", ["token", "deletion"])
@pytest.mark.parametrize("status", [400, 401, 403, 429, 503])
def test_what_an_answer_of_google_means(visitor: Client, google: Google, call: str, status: int) -> None:
    agreed(visitor).post(CHOICE, {"choice": "reject"})
    fault = {"fault": "status", "status": status, "retry_after": 7200}
    google.faults.plan({"queue": [fault] if call == "token" else [{"fault": "none"}, fault]})
    # Who gives us no token blames our account, and not the number of a browser.
    blames_number = (call, status) == ("deletion", 400)
    carry()
    effect = Effect.objects.get()
    assert effect.state == ("failed" if blames_number else "pending")
    assert NUMBER not in effect.last_error
    needs_staff = ProviderGate.objects.filter(provider="GOOGLE", needs_staff=True).exists()
    assert needs_staff is (status in {400, 401, 403} and not blames_number)


@pytest.mark.parametrize("fault", ["reset_before", "reset_after", "half_body", "garbage", "huge", "redirect"])
def test_a_lost_answer_is_asked_for_again(visitor: Client, google: Google, fault: str) -> None:
    agreed(visitor).post(CHOICE, {"choice": "reject"})
    google.faults.plan({"queue": [{"fault": "none"}, {"fault": fault}]})
    carry()
    assert Effect.objects.get().state == "pending"
    Effect.objects.update(due_at=timezone.now())
    ProviderGate.objects.all().delete()
    carry()
    assert Effect.objects.get().state == "done"
    assert set(google.deleted) == {NUMBER}


def test_without_a_contract_the_order_waits(visitor: Client, google: Google, monkeypatch: pytest.MonkeyPatch) -> None:
    agreed(visitor).post(CHOICE, {"choice": "reject"})
    monkeypatch.delitem(catalogue().recipients, "GOOGLE")
    carry()
    assert Effect.objects.get().state == "pending"
    assert google.deleted == []


def test_the_page_says_what_happens_at_google(visitor: Client, google: Google, settings: Any) -> None:
    assert "we tell Google at once to delete" in visitor.get("/cookies/?lang=en").content.decode()
    settings.GOOGLE_SERVICE_ACCOUNT = ""
    assert "have nothing deleted there" in visitor.get("/cookies/?lang=en").content.decode()
    agreed(visitor).post(CHOICE, {"choice": "reject"})
    assert not Effect.objects.exists()
    settings.GOOGLE_ANALYTICS_ID = ""
    assert 'id="google"' not in visitor.get("/cookies/?lang=en").content.decode()


@pytest.mark.requirement("E6")
def test_the_receipt_of_an_erasure_says_what_becomes_of_it(visitor: Client, person: User, google: Google) -> None:
    subject, handler, now = subject_of_user(person), GoogleHandler(), timezone.now()
    assert (handler.describe(subject), handler.erase(subject, now=now).outcome) == ("", Outcome.NOTHING_HELD)
    visitor.force_login(person)
    visitor.post(CHOICE, {**ACCEPT, "account": "1"})
    with translation.override("en"):
        assert "in browsers where you agreed to Google Analytics" in str(handler.describe(subject))
        answer = handler.erase(subject, now=now)
        assert "Take back your agreement in each browser" in str(answer.detail)
    assert answer.outcome is Outcome.NOT_POSSIBLE


def test_the_settings_are_whole_or_refused(google: Google, settings: Any) -> None:
    assert check_deletion_at_google() == []
    settings.PROCESSORS_EMULATED = False
    (elsewhere,) = check_deletion_at_google()
    assert "another host" in elsewhere.msg
    settings.GOOGLE_API_URL = API
    settings.GOOGLE_SERVICE_ACCOUNT = settings.GOOGLE_SERVICE_ACCOUNT.replace(f"{google.address}/token", TOKENS)
    assert check_deletion_at_google() == []
    settings.GOOGLE_SERVICE_ACCOUNT = "[]"
    assert {item.id for item in check_deletion_at_google()} == {"cookies.E006"}
    settings.GOOGLE_SERVICE_ACCOUNT, settings.GOOGLE_ANALYTICS_PROPERTY = "", "G-TEST"
    assert len(check_deletion_at_google()) == 3


def test_what_google_cannot_do_is_said_with_what_she_can_do(visitor: Client, person: User, google: Google) -> None:
    handler, subject, now = GoogleHandler(), subject_of_user(person), timezone.now()
    asked = (handler.collect, handler.rectify, handler.restrict)
    assert {ask(subject, now=now).outcome for ask in asked} == {Outcome.NOTHING_HELD}
    visitor.force_login(person)
    visitor.post(CHOICE, {**ACCEPT, "account": "1"})
    with translation.override("en"):
        told = [ask(subject, now=now) for ask in asked]
        assert {one.outcome for one in told} == {Outcome.NOT_POSSIBLE}
        assert "neither of us can tell" in str(told[0].detail)
        assert "Take back your agreement" in str(told[2].detail)
    assert not google.journal


def test_google_answers_for_our_account(google: Google, settings: Any) -> None:
    found = GoogleHandler().health(now=timezone.now())
    assert (found.outcome, found.held) == (Outcome.CONFIRMED, (google.property,))
    google.faults.plan({"queue": [{"fault": "status", "status": 400}]})
    assert GoogleHandler().health(now=timezone.now()).outcome is Outcome.REFUSED
    settings.GOOGLE_SERVICE_ACCOUNT = ""
    assert GoogleHandler().health(now=timezone.now()).outcome is Outcome.NOT_POSSIBLE
