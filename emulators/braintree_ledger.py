"""What an emulated Braintree believes: transactions, keys of requests, used numbers; and the rules of its sandbox."""

import json
import secrets
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

TAKEN: Final = frozenset({"authorized", "submitted_for_settlement", "settling", "settled", "settlement_pending"})
VOIDABLE: Final = frozenset({"authorized", "submitted_for_settlement", "settlement_pending"})
_LONGEST_KEY: Final = 255


class Invalid(Exception):
    """No transaction comes of it, for the reason of this code."""

    def __init__(self, code: str, attribute: str = "base") -> None:
        super().__init__(code)
        self.code, self.attribute = code, attribute


@dataclass(slots=True)
class Transaction:
    """One row of the ledger."""

    id: str
    kind: str
    amount: str
    order: str
    status: str
    merchant_account: str
    refunded: str = ""
    refunds: list[str] = field(default_factory=list)
    code: str = "1000"
    rejection: str = ""
    dispute: str = ""
    evidence: list[str] = field(default_factory=list)
    at: float = field(default_factory=time.time)

    @property
    def created_at(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)


@dataclass(slots=True)
class Ledger:
    """Of one merchant. Without `takes_keys` it is an account that may not send keys of requests; `duplicates` is for
    how many seconds a second charge of the same is refused."""

    takes_keys: bool = True
    duplicates: float = 30.0
    kept: Path | None = None
    transactions: dict[str, Transaction] = field(default_factory=dict)
    by_key: dict[str, tuple[str, str]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    customers: dict[str, dict[str, str]] = field(default_factory=dict)

    def load(self) -> None:
        """Take up what an earlier run has kept."""
        if self.kept is not None and self.kept.exists():
            found = json.loads(self.kept.read_text())
            self.transactions = {row["id"]: Transaction(**row) for row in found["transactions"]}
            self.by_key = {key: (body, number) for key, body, number in found["keys"]}

    def keep(self) -> None:
        """Write everything down."""
        if self.kept is not None:
            rows = [asdict(row) for row in self.transactions.values()]
            keys = [[key, *what] for key, what in self.by_key.items()]
            self.kept.write_text(json.dumps({"transactions": rows, "keys": keys}))

    def under_key(self, wanted: dict[str, Any], body: str) -> Transaction | None:
        """The transaction that the same request made before; raises Invalid for a key that cannot be taken."""
        key = wanted.get("api_request_key", "")
        if not key:
            return None
        if not self.takes_keys:
            raise Invalid("915231")
        if len(key) > _LONGEST_KEY:
            raise Invalid("915230")
        before, number = self.by_key.get(key, (body, ""))
        if before != body:
            raise Invalid("915232")
        return self.transactions.get(number)

    def add(self, wanted: dict[str, Any], body: str, made: Transaction) -> Transaction:
        """Remember it, under its key where it has one."""
        self.transactions[made.id] = made
        if key := wanted.get("api_request_key", ""):
            self.by_key[key] = (body, made.id)
        self.keep()
        return made

    def sale(self, wanted: dict[str, Any]) -> Transaction:
        """A charge, or a refusal of one; raises Invalid where neither comes of it."""
        amount, nonce = _amount(wanted), wanted.get("payment_method_nonce", "")
        if not nonce:
            raise Invalid("91508")
        self._use(nonce)
        made = Transaction(
            id=secrets.token_hex(4),
            kind="sale",
            amount=f"{amount:.2f}",
            order=wanted.get("order_id", ""),
            status="authorized",
            merchant_account=wanted.get("merchant_account_id", ""),
        )
        if not self._is_refused(made, amount, nonce, has_key="api_request_key" in wanted) and (
            wanted.get("options", {}).get("submit_for_settlement") == "true"
        ):
            made.status = "submitted_for_settlement"
        return made

    def _use(self, nonce: str) -> None:
        """Numbers of the sandbox work for ever, those of a card form once."""
        if nonce == "fake-consumed-nonce" or nonce in self.used:
            raise Invalid("91564")
        if nonce == "fake-luhn-invalid-nonce":
            raise Invalid("81715", "number")
        if nonce.startswith("tokencc_"):
            self.used.add(nonce)
        elif not nonce.startswith("fake-"):
            raise Invalid("91565")

    def _is_refused(self, made: Transaction, amount: Decimal, nonce: str, *, has_key: bool) -> bool:
        if not has_key and self._is_duplicate(made):
            made.status, made.rejection = "gateway_rejected", "duplicate"
        elif nonce.startswith("fake-gateway-rejected-"):
            made.status = "gateway_rejected"
            made.rejection = nonce.removeprefix("fake-gateway-rejected-").removesuffix("-nonce").replace("-", "_")
        elif nonce.startswith("fake-processor-declined"):
            made.status, made.code = "processor_declined", "2000"
        elif 2000 <= amount < 3000:
            made.status, made.code = "processor_declined", str(int(amount))
        elif 3000 <= amount < 3001:
            made.status, made.code = "failed", "3000"
        elif amount == Decimal("5001.00"):
            made.status, made.rejection = "gateway_rejected", "application_incomplete"
        return made.status != "authorized"

    def _is_duplicate(self, made: Transaction) -> bool:
        return any(
            (row.amount, row.order) == (made.amount, made.order) and row.kind == "sale" and row.status in TAKEN
            for row in self.transactions.values()
            if made.at - row.at < self.duplicates
        )

    def refund(self, number: str, wanted: dict[str, Any]) -> Transaction:
        """Money back, from what has settled and is left."""
        row = self.transactions[number]
        if row.kind != "sale":
            raise Invalid("91505")
        if row.status not in {"settled", "settling"}:
            raise Invalid("91506")
        back = sum(Decimal(self.transactions[one].amount) for one in row.refunds)
        left = Decimal(row.amount) - back
        if not left:
            raise Invalid("91512")
        amount = _amount(wanted) if wanted.get("amount") else left
        if amount > left:
            raise Invalid("91521", "amount")
        made = Transaction(
            id=secrets.token_hex(4),
            kind="credit",
            amount=f"{amount:.2f}",
            order=wanted.get("order_id", ""),
            status="submitted_for_settlement",
            merchant_account=row.merchant_account,
            refunded=number,
        )
        row.refunds.append(made.id)
        return made

    def void(self, number: str) -> Transaction:
        """Take back what has not moved."""
        row = self.transactions[number]
        if row.status not in VOIDABLE:
            raise Invalid("91504")
        row.status = "voided"
        return row

    def answer(self, row: Transaction, how: str, text: str = "") -> None:
        """What the merchant says to a dispute; nothing once its time is over."""
        if row.dispute != "open":
            raise Invalid("95701" if how == "accept" else "95705")
        match how:
            case "accept":
                row.dispute = "accepted"
            case "finalize":
                row.dispute = "disputed"
            case _ if not text:
                raise Invalid("95703")
            case _:
                row.evidence.append(text)
        self.keep()

    def found(self, criteria: dict[str, Any]) -> list[Transaction]:
        """What a search of the interface finds, the newest first."""
        rows = [row for row in self.transactions.values() if _fits(row, criteria)]
        return sorted(rows, key=lambda row: row.at, reverse=True)


def _fits(row: Transaction, criteria: dict[str, Any]) -> bool:
    if (order := criteria.get("order_id")) is not None and row.order != order.get("is"):
        return False
    if (moment := criteria.get("created_at")) is not None:
        begin, end = (datetime.fromisoformat(moment[name]) for name in ("min", "max"))
        if not begin <= row.created_at <= end:
            return False
    return "ids" not in criteria or row.id in criteria["ids"]


def _amount(wanted: dict[str, Any]) -> Decimal:
    try:
        amount = Decimal(wanted.get("amount", ""))
    except InvalidOperation:
        raise Invalid("81503" if wanted.get("amount") else "81502", "amount") from None
    if amount <= 0:
        raise Invalid("81501", "amount")
    return amount
