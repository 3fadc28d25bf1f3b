"""What an answer of Escrow.com is read as, what a page says of it, and the comparison every hour."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from emulators.escrow import Escrow
from payments.amounts import NoAmount
from payments.escrow.checks import check_escrow
from payments.escrow.client import Escrow as Client
from payments.escrow.client import wire
from payments.escrow.reconciling import reconcile
from payments.escrow.states import state_of
from payments.escrow.values import (
    EscrowDraft,
    Listed,
    ProviderContractError,
    read_customer,
    read_list,
    read_transaction,
)
from payments.models import EscrowDeal, EscrowReconciliation, EscrowStranger
from qlekta.roles import set_up
from tests.payments.escrow.conftest import TITLE, Dealing
from tests.people import log_in

GOOD: Final[dict[str, Any]] = {
    "id": 5,
    "reference": "q-x",
    "currency": "euro",
    "is_cancelled": False,
    "parties": [
        {"role": "partner", "customer": "p@example.lv", "agreed": True},
        {"role": "buyer", "customer": "a@example.lv", "agreed": True},
        {"role": "seller", "customer": "b@example.lv", "agreed": True},
    ],
    "items": [{"type": "general_merchandise", "status": {}, "schedule": [{"amount": "120.50", "status": {}}]}],
}


DRAFT: Final = EscrowDraft("By hand", Decimal("12.00"), "a@example.lv", "b@example.lv", 259_200)


def told(**changes: Any) -> dict[str, Any]:
    """A good answer with something else in it."""
    found: dict[str, Any] = json.loads(json.dumps({**GOOD, **changes}))
    return found


def item(schedule: Any = None, **changes: Any) -> dict[str, Any]:
    """The items of an answer with something else in them."""
    return told(items=[{**GOOD["items"][0], **({"schedule": schedule} if schedule is not None else {}), **changes}])


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {},
        told(id="5"),
        told(id=True),
        told(id=0),
        told(id=2**63),
        told(reference=None),
        told(parties=[]),
        told(parties="buyer"),
        told(parties=GOOD["parties"][:2]),
        told(parties=[{"role": "buyer", "customer": ""}, GOOD["parties"][2]]),
        told(items=[]),
        told(items=[{"type": "domain_name"}]),
        item(schedule=[{"amount": 120.5}]),
        item(schedule=[{"amount": "NaN"}]),
        item(schedule=[{"amount": "1e"}]),
        item(schedule=[{"amount": "-1.00"}]),
        item(schedule="all"),
        item(status=["shipped"]),
    ],
)
def test_an_answer_that_is_not_what_was_promised_is_believed_in_nothing(answer: Any) -> None:
    with pytest.raises(ProviderContractError):
        read_transaction(answer)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (told(parties=[{**one, "agreed": False} for one in GOOD["parties"]]), "created"),
        (told(), "agreed"),
        (item(schedule=[{"amount": "120.50", "status": {"secured": True}}]), "secured"),
        (item(status={"shipped": True}), "shipped"),
        (item(status={"shipped": True, "received": True, "accepted": True}), "accepted"),
        (item(status={"rejected": True, "shipped_returned": True}), "returned"),
        (item(status={"shipped": "yes"}), "agreed"),
        (told(is_cancelled=True), "cancelled"),
        (item(schedule=[{"amount": "120.50", "status": {"disbursed_to_payer": True}}]), "paid_back"),
    ],
)
def test_where_a_payment_stands_is_what_the_answer_says(answer: dict[str, Any], state: str) -> None:
    found = read_transaction(answer)
    assert (state_of(found).value, found.amount) == (state, Decimal("120.50"))


def test_an_unknown_word_is_kept_aside_and_decides_nothing() -> None:
    found = read_transaction(item(status={"teleported": True, "shipped": True}))
    assert (state_of(found).value, set(found.unknown)) == ("shipped", {"teleported"})


@pytest.mark.requirement("C8")
def test_nobody_s_address_is_said_by_an_answer_that_is_printed() -> None:
    assert "@" not in repr(read_transaction(told()))


@pytest.mark.clause("Q9.9")
def test_of_an_account_number_and_state_are_read_and_nothing_else() -> None:
    found = read_customer(
        {"id": 7, "date_of_birth": "1990-01-01", "verification": {"personal": {"status": "verified"}}}
    )
    assert (found.id, found.verification, found.__slots__) == (7, "verified", ("id", "verification"))
    assert read_customer({"id": 7}).verification == ""


@pytest.mark.parametrize("amount", [1.5, Decimal(0), Decimal(-1), Decimal("1.005"), Decimal("NaN"), "1.00"])
def test_what_is_no_amount_is_not_sent(amount: Any) -> None:
    with pytest.raises(NoAmount):
        wire(amount)


@pytest.mark.parametrize(
    ("page", "theirs"),
    [
        ("https://www.escrow.com/pay/1", True),
        ("https://my.escrow.com/pay", True),
        ("http://www.escrow.com/pay", False),
        ("https://escrow.com.example.lv/pay", False),
        ("https://notescrow.com/pay", False),
        ("https://www.escrow.com@example.lv/", False),
        ("javascript:alert(1)", False),
    ],
)
def test_only_pages_of_escrow_com_are_linked(page: str, theirs: bool) -> None:
    assert Client("https://api.escrow.com", "x@example.lv", "k")._is_theirs(page) is theirs


REAL: Final = {"URL": "https://api.escrow.com/2017-09-01", "PAGES_URL": "https://www.escrow.com"}
SANDBOX: Final = {"URL": "https://api.escrow-sandbox.com/2017-09-01", "PAGES_URL": "https://www.escrow-sandbox.com"}
OWN: Final = {"URL": "http://127.0.0.1:8026/2017-09-01", "PAGES_URL": "http://localhost:8026"}


@pytest.mark.parametrize(
    ("places", "mode", "findings"),
    [
        (REAL, "production", []),
        (SANDBOX, "production", ["payments.E001"]),
        (SANDBOX, "development", []),
        (OWN, "emulated", []),
        (OWN, "development", ["payments.E001"]),
        (OWN, "production", ["payments.E001"]),
        (REAL, "emulated", ["payments.E002"]),
        ({**REAL, "URL": "https://evil.example/2017-09-01"}, "production", ["payments.E001"]),
    ],
)
def test_what_is_called_escrow_com_is_escrow_com(
    settings: Any, places: dict[str, str], mode: str, findings: list[str]
) -> None:
    settings.PROCESSORS_EMULATED, settings.PRODUCTION = mode == "emulated", mode == "production"
    settings.ESCROW = {**settings.ESCROW, "KEY": "k", "EMAIL": "x@example.lv", **places}
    assert [found.id for found in check_escrow(None)] == findings


@pytest.mark.network
@pytest.mark.django_db(transaction=True)
def test_every_hour_what_rang_nowhere_is_read_and_what_is_stuck_is_counted(escrow: Escrow, dealing: Dealing) -> None:
    dealing.agree()
    escrow.pay(dealing.number)
    run = reconcile(now=dealing.clock)
    assert run is not None
    assert (run.open, run.moved, run.stuck, run.odd, run.error) == (1, 1, 0, 0, "")
    assert (dealing.state, dealing.heard.words) == ("secured", ["paid"])
    dealing.press("ship", dealing.seller)
    late = reconcile(now=dealing.clock + timedelta(hours=2))
    assert late is not None
    assert (late.moved, late.stuck) == (0, 1)
    EscrowDeal.objects.update(reference="q-other")
    odd = reconcile(now=dealing.clock + timedelta(hours=3))
    assert odd is not None
    assert (odd.odd, dealing.state) == (1, "secured")


@pytest.mark.network
@pytest.mark.django_db(transaction=True)
def test_an_hour_without_an_answer_is_on_record_with_its_reason(escrow: Escrow, dealing: Dealing) -> None:
    dealing.agree()
    escrow.faults.plan({"queue": [{"fault": "status", "status": 503}]})
    reconcile(now=dealing.clock)
    assert "could not be asked" in EscrowReconciliation.objects.get().error
    assert dealing.state == "agreed"


def opened(user: User, path: str) -> str:
    """A page, as this person sees it in English."""
    browser = Browser(headers={"accept-language": "en"})
    log_in(browser, user)
    return browser.get(path).content.decode()


@pytest.mark.network
@pytest.mark.django_db
def test_the_page_says_what_is_told_before_the_button_and_links_the_policy(
    escrow: Escrow, dealing: Dealing, other_person: User
) -> None:
    path = reverse("payments:escrow-deal", args=[dealing.deal.pk])
    page = opened(dealing.buyer, path)
    with translation.override(dealing.buyer.language):
        assert TITLE in page
    assert dealing.buyer.email in page
    assert dealing.seller.email not in page, "the other one's address is not shown by us"
    assert "https://www.escrow.com/escrow-101/privacy-policy" in page
    assert 'value="tell"' in page
    browser = Browser()
    log_in(browser, other_person)
    assert browser.get(path).status_code == 404
    assert browser.post(path, {"step": "tell"}).status_code == 404
    assert Browser().get(path).status_code == 302


@pytest.mark.network
@pytest.mark.clause("Q9.5")
@pytest.mark.clause("Q9.9")
@pytest.mark.django_db
def test_the_page_of_an_account_has_no_field_for_a_document(escrow: Escrow, dealing: Dealing, person: User) -> None:
    path = reverse("payments:escrow-account")
    for user in (person, dealing.seller):
        page = opened(user, path)
        assert 'type="file"' not in page
        assert "multipart" not in page
        assert "https://www.escrow.com/escrow-101/privacy-policy" in page


@pytest.mark.network
@pytest.mark.django_db
def test_buttons_of_the_page_are_pressed_once(escrow: Escrow, dealing: Dealing) -> None:
    path = reverse("payments:escrow-deal", args=[dealing.deal.pk])
    browser = Browser()
    log_in(browser, dealing.buyer)
    assert [browser.post(path, {"step": step}).status_code for step in ("tell", "tell", "accept", "x")] == [
        302,
        409,
        409,
        409,
    ]
    assert EscrowDeal.objects.get().sides.get(is_buyer=True).told_at is not None
    assert browser.get(reverse("payments:escrow-account")).status_code == 200


@pytest.mark.django_db
def test_without_an_account_of_ours_there_is_no_page_for_one(person: User) -> None:
    browser = Browser()
    log_in(browser, person)
    assert browser.get(reverse("payments:escrow-account")).status_code == 404


@pytest.mark.parametrize(
    "answer",
    [None, {}, {"transactions": "all"}, {"transactions": [{"id": "5"}]}, {"transactions": [5]}]
    + [{"transactions": [], "next_cursor": cursor} for cursor in ("6", 0, True)],
)
def test_a_list_that_is_not_what_was_promised_is_believed_in_nothing(answer: Any) -> None:
    with pytest.raises(ProviderContractError):
        read_list(answer)
    assert read_list({"transactions": [{"id": 5, "reference": None}], "next_cursor": 6}) == ([Listed(5, "")], 6)


@pytest.mark.network
@pytest.mark.django_db(transaction=True)
def test_what_only_one_of_us_knows_is_on_record_told_once_and_gone_with_its_cause(
    escrow: Escrow, dealing: Dealing, officer: User, client: Browser, *, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payments.escrow.client._PAGE", 2)
    set_up(now=timezone.now())
    officer.groups.set([Group.objects.get(name="accountant")])
    dealing.agree()
    strangers = [Client.of_settings().ensure_transaction(DRAFT, f"by-hand-{number}").id for number in range(5)]
    ours = escrow.transactions.pop(dealing.number)
    runs = [reconcile(now=dealing.clock + timedelta(hours=hour)) for hour in (1, 2)]
    assert [(run.strangers, run.missing, run.odd) for run in runs if run] == [(5, 1, 0)] * 2
    assert set(EscrowStranger.objects.values_list("number", flat=True)) == set(strangers)
    dealing.carry(minutes=200)
    told = [letter.subject for letter in mail.outbox if letter.to == [officer.email]]
    assert len(told) == 2, "each once"
    client.force_login(officer)
    page = client.get(reverse("admin:index")).content.decode()
    strangers_page = reverse("admin:payments_escrowstranger_changelist")
    odd_page = reverse("admin:payments_escrowdeal_changelist") + "?oddity__exact=missing"
    assert all(path in page for path in (strangers_page, odd_page))
    assert str(dealing.deal.pk) in client.get(odd_page).content.decode()
    assert client.get(strangers_page).status_code == 200
    escrow.transactions[dealing.number] = ours
    for number in strangers:
        escrow.transactions[str(number)]["is_cancelled"] = True
    run = reconcile(now=dealing.clock + timedelta(hours=3))
    assert run is not None
    assert (run.strangers, run.missing, run.error) == (0, 0, "")
    dealing.deal.refresh_from_db()
    assert (EscrowStranger.objects.count(), dealing.deal.oddity) == (0, "")


@pytest.mark.network
@pytest.mark.django_db(transaction=True)
def test_a_second_transaction_under_our_reference_is_a_stranger_and_one_just_ordered_is_none(
    escrow: Escrow, dealing: Dealing
) -> None:
    dealing.agree()
    twin = json.loads(json.dumps(escrow.transactions[dealing.number])) | {"id": 5_999_999}
    escrow.transactions["5999999"] = twin
    run = reconcile(now=dealing.clock)
    assert run is not None
    assert (run.strangers, EscrowStranger.objects.get().number) == (1, 5_999_999)
    escrow.transactions.pop("5999999")
    EscrowDeal.objects.update(provider_id=None, state="cancelled")
    run = reconcile(now=dealing.clock)
    assert run is not None
    assert run.strangers == 0
