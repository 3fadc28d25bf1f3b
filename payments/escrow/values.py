"""What Escrow.com says of a person and of a transaction, reduced to the few facts we need (Q8.11, Q9.9).

Whatever else stands in its answers (names, addresses, dates of birth, documents) is dropped where it is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final, TypeVar

from outbox.handlers import Transient


class ProviderContractError(Transient):
    """The answer is not what the interface promises; nothing is concluded from it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"Escrow.com answered with something else ({what}).", this_one_only=True)


class Role(StrEnum):
    """Which of the two a party is."""

    BUYER = "buyer"
    SELLER = "seller"


class Action(StrEnum):
    """What a party, or we as the partner, can do with a transaction."""

    AGREE = "agree"
    SHIP = "ship"
    RECEIVE = "receive"
    ACCEPT = "accept"
    REJECT = "reject"
    SHIP_RETURN = "ship_return"
    RECEIVE_RETURN = "receive_return"
    ACCEPT_RETURN = "accept_return"
    CANCEL = "cancel"


class Item(StrEnum):
    """What has happened to the thing."""

    SHIPPED = "shipped"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    RETURN_SHIPPED = "shipped_returned"
    RETURN_RECEIVED = "received_returned"
    RETURN_ACCEPTED = "accepted_returned"
    RETURN_REJECTED = "rejected_returned"


class Money(StrEnum):
    """What has happened to the money."""

    SECURED = "secured"
    SENT = "payment_sent"
    RECEIVED = "payment_received"
    PAID_OUT = "disbursed_to_beneficiary"
    PAID_BACK = "disbursed_to_payer"
    REFUND_BEGUN = "refund_created"
    REFUNDED = "refund_resolved"
    REFUND_REFUSED = "refund_rejected"


@dataclass(frozen=True, slots=True)
class EscrowParty:
    """One of the two. `customer` is the address under which Escrow.com knows her; it stands in no log."""

    role: Role
    agreed: bool
    customer: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class EscrowDraft:
    """A transaction to be ordered: all that leaves (Q8.11). `amount` is in euro; `inspection` in seconds."""

    title: str = field(repr=False)
    amount: Decimal
    buyer: str = field(repr=False)
    seller: str = field(repr=False)
    inspection: int


@dataclass(frozen=True, slots=True)
class EscrowTx:
    """A transaction as Escrow.com last told it. `unknown` keeps words of a status that we do not know."""

    id: int
    reference: str
    currency: str
    amount: Decimal
    buyer: EscrowParty
    seller: EscrowParty
    item: frozenset[Item]
    money: frozenset[Money]
    is_cancelled: bool
    unknown: frozenset[str] = frozenset()

    def party(self, role: Role) -> EscrowParty:
        """The buyer or the seller."""
        return self.buyer if role is Role.BUYER else self.seller


@dataclass(frozen=True, slots=True)
class Customer:
    """An account at Escrow.com: its number there, and whether its holder has been identified; nothing else."""

    id: int
    verification: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A transaction of a list: its number there, and our reference where it has one."""

    id: int
    reference: str


class NoSuchTransaction(ProviderContractError):
    """Escrow.com was asked, and knows nothing by this number."""

    def __init__(self) -> None:
        super().__init__("no such transaction")


_W = TypeVar("_W", bound=StrEnum)
_GOODS: Final = "general_merchandise"


def read_transaction(found: Any) -> EscrowTx:
    """The facts of a transaction. Raises ProviderContractError."""
    parties = _parties(found)
    goods = [one for one in _list(found, "items") if isinstance(one, dict) and one.get("type") == _GOODS]
    if len(goods) != 1:
        raise ProviderContractError("items")
    schedules = [one for one in _list(goods[0], "schedule") if isinstance(one, dict)]
    item, odd_item = _words(goods[0].get("status"), Item)
    money: frozenset[Money] = frozenset()
    odd_money: frozenset[str] = frozenset()
    for schedule in schedules:
        known, odd = _words(schedule.get("status"), Money)
        money, odd_money = money | known, odd_money | odd
    return EscrowTx(
        id=_number(found, "id"),
        reference=_text(found, "reference"),
        currency=_text(found, "currency"),
        amount=sum((_amount(one) for one in schedules), Decimal(0)),
        buyer=parties[Role.BUYER],
        seller=parties[Role.SELLER],
        item=item,
        money=money,
        is_cancelled=found.get("is_cancelled") is True,
        unknown=odd_item | odd_money,
    )


def read_customer(found: Any) -> Customer:
    """Number and state of an account. Raises ProviderContractError."""
    number = _number(found, "id")
    match found:
        case {"verification": {"personal": {"status": str(status)}}}:
            return Customer(number, status[:40])
    return Customer(number, "")


def read_list(found: Any) -> tuple[list[Listed], int | None]:
    """A page of a list, and where the next one begins, None where there is none. Raises ProviderContractError."""
    listed = []
    for one in _list(found, "transactions"):
        reference = one.get("reference") if isinstance(one, dict) else None
        listed.append(Listed(_number(one, "id"), reference if isinstance(reference, str) else ""))
    return listed, None if found.get("next_cursor") is None else _number(found, "next_cursor")


def _parties(found: Any) -> dict[Role, EscrowParty]:
    parties = {}
    for one in _list(found, "parties"):
        match one:
            case {"role": ("buyer" | "seller") as role, "customer": str(customer)} if customer:
                parties[Role(role)] = EscrowParty(Role(role), one.get("agreed") is True, customer)
    if parties.keys() != set(Role):
        raise ProviderContractError("parties")
    return parties


def _words(status: Any, known: type[_W]) -> tuple[frozenset[_W], frozenset[str]]:
    """The flags of a status that are set: those we know, and the others."""
    if status is None:
        return frozenset(), frozenset()
    if not isinstance(status, Mapping):
        raise ProviderContractError("status")
    said = {str(name)[:40] for name, value in status.items() if value is True}
    words = {word.value for word in known}
    return frozenset(known(word) for word in said & words), frozenset(said - words)


def _amount(schedule: Mapping[str, Any]) -> Decimal:
    said = schedule.get("amount")
    if not isinstance(said, str):  # a float has lost cents already
        raise ProviderContractError("amount")
    try:
        amount = Decimal(said)
    except InvalidOperation:
        raise ProviderContractError("amount") from None
    if not amount.is_finite() or amount < 0:
        raise ProviderContractError("amount")
    return amount


def _list(found: Any, name: str) -> list[Any]:
    value = found.get(name) if isinstance(found, dict) else None
    if not isinstance(value, list):
        raise ProviderContractError(name)
    return value


def _text(found: dict[str, Any], name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str):
        raise ProviderContractError(name)
    return value


def _number(found: Any, name: str) -> int:
    value = found.get(name) if isinstance(found, dict) else None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**63:
        raise ProviderContractError(name)
    return value
