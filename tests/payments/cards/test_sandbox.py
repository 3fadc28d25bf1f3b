"""What we believe of Braintree, asked of the emulated one always and of its sandbox where credentials are there."""

import os
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final
from uuid import uuid4

import pytest

from emulators.braintree import Braintree as Emulated
from outbox.handlers import Halted, Permanent
from payments.cards.gateway import Braintree, Charge, KeyNotAllowed, NotHere, Refused, Sale
from tests.payments.cards.conftest import of_emulator

pytestmark = pytest.mark.network

NAMES: Final = (
    "BRAINTREE_SANDBOX_MERCHANT_ID",
    "BRAINTREE_SANDBOX_PUBLIC_KEY",
    "BRAINTREE_SANDBOX_PRIVATE_KEY",
    "BRAINTREE_SANDBOX_MERCHANT_ACCOUNT",
)
MISSING: Final = [name for name in NAMES if not os.environ.get(name)]
NONCE: Final = "fake-valid-nonce"
"""Of the sandbox; it works for ever."""


@pytest.fixture(
    params=[
        "emulated",
        pytest.param(
            "sandbox",
            marks=[
                pytest.mark.sandbox,
                pytest.mark.skipif(bool(MISSING), reason=f"no credentials of the sandbox: set {', '.join(MISSING)}"),
            ],
        ),
    ]
)
def named(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """The settings of one merchant there, whose account is in euro."""
    if request.param == "sandbox":
        values = dict(zip(("MERCHANT_ID", "PUBLIC_KEY", "PRIVATE_KEY", "MERCHANT_ACCOUNT"), NAMES, strict=True))
        real = {name: os.environ[variable] for name, variable in values.items()}
        yield {**of_emulator(""), **real, "TIMEOUT": 30}
        return
    with Emulated() as service:
        yield of_emulator(service.address)


@pytest.fixture
def asked(named: dict[str, Any], settings: Any) -> Braintree:
    settings.PROCESSORS_EMULATED, settings.BRAINTREE = True, named
    return Braintree.of_settings()


def sale(amount: str = "10.00", nonce: str = NONCE) -> Sale:
    return Sale(order=uuid4(), amount=Decimal(amount), nonce=nonce)


def charged(service: Braintree, wanted: Sale) -> tuple[Charge, str]:
    """Under a key where the account may send one, which not every account may; and that key."""
    key = f"contract:{wanted.order}"
    try:
        return service.charge(wanted, key=key), key
    except KeyNotAllowed:
        return service.charge(wanted, key=""), ""


def test_a_charge_is_made_once_under_a_key_and_found_by_our_number(asked: Braintree) -> None:
    wanted = sale()
    made, key = charged(asked, wanted)
    assert (made.order, made.amount, made.currency) == (str(wanted.order), Decimal("10.00"), "EUR")
    assert made.status in {"authorized", "submitted_for_settlement"}
    if key:
        assert asked.charge(wanted, key=key).id == made.id
    assert asked.find(made.id).order == str(wanted.order)
    assert [found.id for found in asked.of_order(wanted.order)] == [made.id]
    assert asked.void(made.id, key="").status == "voided"


def test_the_same_key_with_another_body_is_an_error_of_ours(asked: Braintree) -> None:
    wanted = sale()
    _made, key = charged(asked, wanted)
    if not key:
        pytest.skip("this account may send no keys")
    with pytest.raises(Halted):
        asked.charge(Sale(order=wanted.order, amount=Decimal("11.00"), nonce=NONCE), key=key)


def test_a_declined_card_is_an_answer_and_no_error(asked: Braintree) -> None:
    made, _key = charged(asked, sale("2000.00"))
    assert (made.status, made.refusal) == ("processor_declined", "processor_declined:2000")


def test_a_second_charge_of_the_same_without_a_key_is_called_a_double(asked: Braintree) -> None:
    wanted = sale("12.34")
    assert asked.charge(wanted, key="").refusal == ""
    assert asked.charge(wanted, key="").refusal == "gateway_rejected:duplicate"


def test_a_number_that_was_used_up_makes_nothing(asked: Braintree) -> None:
    with pytest.raises(Refused) as refusal:
        charged(asked, sale(nonce="fake-consumed-nonce"))
    assert refusal.value.codes == ("91564",)


def test_money_goes_back_in_parts_once_it_has_settled(asked: Braintree) -> None:
    made, key = charged(asked, sale())
    with pytest.raises(Refused) as refusal:
        asked.refund(made.id, amount=Decimal("4.00"), order=uuid4(), key="")
    assert refusal.value.codes == ("91506",)
    asked.gateway.testing.settle_transaction(made.id)
    order = uuid4()
    back = asked.refund(made.id, amount=Decimal("4.00"), order=order, key=key and f"contract:{order}")
    assert (back.refund_of, back.amount, back.order) == (made.id, Decimal("4.00"), str(order))
    if key:
        assert asked.refund(made.id, amount=Decimal("4.00"), order=order, key=f"contract:{order}").id == back.id
    with pytest.raises(Refused):
        asked.refund(made.id, amount=Decimal("7.00"), order=uuid4(), key="")


def test_what_it_does_not_know_is_not_here_and_a_foreign_number_is_never_asked_for(asked: Braintree) -> None:
    with pytest.raises(NotHere):
        asked.find("zzzzzz00")
    with pytest.raises(Permanent) as refusal:
        asked.find("u.1")
    assert not isinstance(refusal.value, NotHere), "the library says that it is not there, without asking"
    assert asked.of_order(uuid4()) == []


def test_a_token_for_the_form_is_given(asked: Braintree) -> None:
    assert len(asked.client_token()) > 100


def test_a_wrong_key_halts_everything(asked: Braintree, named: dict[str, Any], settings: Any) -> None:
    settings.BRAINTREE = {**named, "PRIVATE_KEY": "0" * 32}
    with pytest.raises(Halted):
        Braintree.of_settings().of_order(uuid4())
