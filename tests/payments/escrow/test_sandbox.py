"""What we believe of Escrow.com, asked of the emulated one always and of its sandbox where credentials are there."""

import os
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Final
from uuid import uuid4

import pytest

from emulators.escrow import Escrow as Emulated
from payments.escrow.client import Escrow, RefusedThere, reference_of
from payments.escrow.states import state_of
from payments.escrow.values import Action, EscrowDraft, EscrowTx, Listed, Role

pytestmark = pytest.mark.network

NAMES: Final = (
    "ESCROW_SANDBOX_EMAIL",
    "ESCROW_SANDBOX_API_KEY",
    "ESCROW_SANDBOX_BUYER",
    "ESCROW_SANDBOX_SELLER",
)
MISSING: Final = [name for name in NAMES if not os.environ.get(name)]


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
def asked(request: pytest.FixtureRequest) -> Iterator[tuple[Escrow, EscrowDraft]]:
    """The interface, and a payment between two accounts of it."""
    if request.param == "sandbox":
        email, key, buyer, seller = (os.environ[name] for name in NAMES)
        place, pages = "https://api.escrow-sandbox.com/2017-09-01", "https://www.escrow-sandbox.com"
        yield Escrow(place, email, key, pages), EscrowDraft("Contract test", Decimal("12.00"), buyer, seller, 259_200)
        return
    with Emulated() as service:
        draft = EscrowDraft("Contract test", Decimal("12.00"), "a@example.lv", "b@example.lv", 259_200)
        yield Escrow(f"{service.address}/2017-09-01", service.email, "k", service.address), draft


def has_agreed(role: Role, tx: EscrowTx) -> bool:
    return tx.party(role).agreed


def test_a_payment_in_euro_under_a_reference_of_24_characters_is_ordered_once(
    asked: tuple[Escrow, EscrowDraft],
) -> None:
    service, draft = asked
    reference = reference_of(uuid4())
    assert service.by_reference(reference) is None
    made = service.ensure_transaction(draft, reference)
    assert service.ensure_transaction(draft, reference).id == made.id
    assert (made.reference, made.amount, made.currency, state_of(made).value) == (
        reference,
        Decimal("12.00"),
        "euro",
        "created",
    )


def test_each_accepts_the_terms_in_her_own_name_and_what_is_too_early_is_refused(
    asked: tuple[Escrow, EscrowDraft],
) -> None:
    service, draft = asked
    made = service.ensure_transaction(draft, reference_of(uuid4()))
    for role in Role:
        service.act(made.id, Action.AGREE, role, expect=partial(has_agreed, role))
    assert state_of(service.get(made.id)).value == "agreed"
    with pytest.raises(RefusedThere):
        service.act(made.id, Action.SHIP, Role.SELLER, expect=lambda _tx: False)
    assert service.funding_page(made.id, method="wire_transfer", come_back_to="https://qlekta.example/").startswith(
        "http"
    )
    ended = service.act(made.id, Action.CANCEL, None, expect=lambda tx: tx.is_cancelled)
    assert state_of(ended).value == "cancelled"


def test_what_goes_on_in_our_name_is_listed(asked: tuple[Escrow, EscrowDraft]) -> None:
    service, draft = asked
    reference = reference_of(uuid4())
    made = service.ensure_transaction(draft, reference)
    assert Listed(made.id, reference) in list(service.going_on())
    service.act(made.id, Action.CANCEL, None, expect=lambda tx: tx.is_cancelled)
    assert made.id not in {one.id for one in service.going_on()}


def test_an_account_says_whether_its_holder_is_identified(asked: tuple[Escrow, EscrowDraft]) -> None:
    service, draft = asked
    service.ensure_transaction(draft, reference_of(uuid4()))
    known = service.customer(draft.seller)
    assert known is not None
    assert known.verification
