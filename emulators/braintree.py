"""An emulated Braintree: the part of its XML interface that takes money and gives it back, and its webhooks.

Its answers are as talkative as the real ones: last digits, BIN, expiry and a cardholder's name stand in each, so that a
test can see that none of it stays with the site.
"""

import base64
import hashlib
import hmac
import json
import secrets
import socket
import urllib.parse
import urllib.request
from collections import deque
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from emulators import documents, hosted_fields
from emulators.braintree_ledger import Invalid, Ledger, Transaction
from emulators.mailgun import status_of
from emulators.serving import Answer, Call, Service

CARD: Final = {
    "bin": "401288",
    "last_4": "1881",
    "card_type": "Visa",
    "expiration_month": "11",
    "expiration_year": "2031",
    "customer_location": "International",
    "cardholder_name": "Kanārija Kartes-Īpašniece",
    "unique_number_identifier": "kanarijauni0f3c9d2",
    "token": None,
    "image_url": "https://assets.braintreegateway.com/payment_method_logo/visa.png",
}
DECLINED: Final = "4000111111111115"
"""The number of a card that every bank declines."""

_PAGE: Final = 50
_NO: Final = Answer(HTTPStatus.NOT_FOUND)
_STEPS: Final = {
    "settle": "settled",
    "settlement_pending": "settlement_pending",
    "settlement_decline": "settlement_declined",
}


class Braintree(Service):
    """One merchant, one pair of keys."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        listener: socket.socket | None = None,
        merchant: str = "emulated",
        public_key: str = "public",
        private_key: str = "private",
        kept: Path | None = None,
    ) -> None:
        super().__init__(host=host, port=port, listener=listener)
        self.merchant, self.public_key, self.private_key = merchant, public_key, private_key
        self.ledger = Ledger(kept=kept)
        self.ledger.load()
        self.prepared: deque[Answer] = deque()

    def state(self) -> dict[str, Any]:
        with self.lock:
            rows = [asdict(row) for row in self.ledger.transactions.values()]
            return {"transactions": rows, "keys": list(self.ledger.by_key), "customers": self.ledger.customers}

    def answer(self, call: Call) -> Answer:
        if (found := hosted_fields.answer(call, merchant=self.merchant, nonce_for=_nonce_for)) is not None:
            return found
        expected = "Basic " + base64.b64encode(f"{self.public_key}:{self.private_key}".encode()).decode()
        if not hmac.compare_digest(call.headers.get("Authorization", ""), expected):
            return Answer(HTTPStatus.UNAUTHORIZED)
        with self.lock:
            if self.prepared:
                return self.prepared.popleft()
            try:
                return self._routed(call)
            except Invalid as trouble:
                return _refusal(trouble)

    def _routed(self, call: Call) -> Answer:
        _, merchant, kind, *rest = [*call.path.strip("/").split("/"), "", ""]
        if merchant != self.merchant:
            return Answer(HTTPStatus.FORBIDDEN)
        wanted, rest = documents.read(call.body), [part for part in rest if part]
        match call.method, kind:
            case "POST", "client_token":
                return Answer(201, document=documents.write("client_token", {"value": self.client_token()}))
            case "POST", "transactions" if len(rest) < 2:
                return self._posted(rest, wanted, call.body)
            case _, "transactions" if rest and rest[0] in self.ledger.transactions:
                return self._moved(rest[0], rest[1:], wanted, call.body)
            case _, "disputes" | "customers":
                answer = self._dispute if kind == "disputes" else self._customer
                return answer(call.method, rest, wanted)
        return _NO

    def _posted(self, rest: list[str], wanted: dict[str, Any], body: str) -> Answer:
        match rest:
            case []:
                return self._sale(wanted, body)
            case ["advanced_search_ids"]:
                ids = [("item", row.id) for row in self.ledger.found(wanted)]
                return Answer(200, document=documents.write("search_results", {"page_size": _PAGE, "ids": ids}))
            case ["advanced_search"]:
                return Answer(200, document=_listed(self.ledger.found(wanted)))
        return _NO

    def _moved(self, number: str, rest: list[str], wanted: dict[str, Any], body: str) -> Answer:
        ledger = self.ledger
        match rest:
            case []:
                return _one(ledger.transactions[number])
            case ["refund"]:
                before = ledger.under_key(wanted, body)
                return _one(before or ledger.add(wanted, body, ledger.refund(number, wanted)), 201)
            case ["void"]:
                before = ledger.under_key(wanted, body)
                return _one(before or ledger.add(wanted, body, ledger.void(number)))
            case [step] if step in _STEPS:
                return _one(self.move(number, _STEPS[step]))
        return _NO

    def _dispute(self, method: str, rest: list[str], wanted: dict[str, Any]) -> Answer:
        disputed = {f"d{row.id}": row for row in self.ledger.transactions.values() if row.dispute}
        match method, rest:
            case "POST", [search] if search.startswith("advanced_search"):
                wants = wanted.get("status") or [row.dispute for row in disputed.values()]
                return Answer(200, document=_disputes([row for row in disputed.values() if row.dispute in wants]))
            case "GET", [number] if number in disputed:
                return Answer(200, document=documents.write("dispute", _disputed(disputed[number])))
            case _, [number, how] if number in disputed:
                self.ledger.answer(disputed[number], how, str(wanted.get("comments", "")))
                if how == "evidence":
                    made = {"id": "e1", "comment": wanted["comments"], "created_at": datetime.now(UTC)}
                    return Answer(201, document=documents.write("evidence", made))
                return Answer(200)
        return _NO

    def _sale(self, wanted: dict[str, Any], body: str) -> Answer:
        made = self.ledger.under_key(wanted, body)
        if made is None:
            made = self.ledger.add(wanted, body, self.ledger.sale(wanted))
        return _one(made, 201) if not (made.rejection or made.code != "1000") else _declined(made)

    def move(self, number: str, status: str) -> Transaction:
        """What the banks do with it afterwards."""
        with self.lock:
            row = self.ledger.transactions[number]
            row.status = status
            self.ledger.keep()
            return row

    def _customer(self, method: str, rest: list[str], wanted: dict[str, Any]) -> Answer:
        known = self.ledger.customers
        match method, rest:
            case "POST", []:
                known[wanted["id"]] = {"id": wanted["id"]}
                return Answer(201, document=documents.write("customer", known[wanted["id"]]))
            case "GET", [number] if number in known:
                return Answer(200, document=documents.write("customer", known[number]))
            case "DELETE", [number] if known.pop(number, None):
                return Answer(200)
        return _NO

    def client_token(self) -> str:
        """What the script in the browser reads."""
        said = hosted_fields.client_token(self.merchant, "emulated")
        return base64.b64encode(json.dumps(said).encode()).decode()

    def control(self, call: Call) -> Answer:
        """Besides the common ones: `POST /__move {id, status}`, `/__dispute {id, status}`, `/__account {takes_keys,
        duplicates}`, `/__answers` with answers `{status, document}` for the next calls, and `/__webhook {url, kind, id,
        wrong}`."""
        order = json.loads(call.body or "{}") if call.method == "POST" else {}
        match call.method, call.path:
            case "POST", "/__move":
                self.move(order["id"], order["status"])
            case "POST", "/__dispute":
                self.ledger.transactions[order["id"]].dispute = str(order.get("status", "open"))
                self.ledger.keep()
            case "POST", "/__account":
                self.ledger.takes_keys = bool(order.get("takes_keys", True))
                self.ledger.duplicates = float(order.get("duplicates", 30))
            case "POST", "/__answers":
                self.prepared = deque(Answer(one["status"], document=one.get("document", "")) for one in order)
            case "POST", "/__webhook":
                status = self.call_back(order["url"], order["kind"], order["id"], **order.get("wrong", {}))
                return Answer(HTTPStatus.OK, {"status": status})
            case _:
                return super().control(call)
        return Answer(HTTPStatus.OK, {})

    def call_back(self, url: str, kind: str, number: str, **wrong: Any) -> int:
        """Call a webhook of the site about a transaction; `wrong` may give `key` or a `payload`. Returns the status."""
        signature, payload = self.notice(kind, number, **wrong)
        form = urllib.parse.urlencode({"bt_signature": signature, "bt_payload": payload}).encode()
        return status_of(lambda: urllib.request.urlopen(url, form, timeout=10))  # noqa: S310 - the loopback

    def notice(self, kind: str, number: str, **wrong: Any) -> tuple[str, str]:
        """Signature and payload of a webhook."""
        row = self.ledger.transactions[number]
        is_dispute = kind.startswith("dispute_")
        subject = {"dispute": _disputed(row)} if is_dispute else {"transaction": _described(row)}
        content = {"timestamp": datetime.now(UTC), "kind": kind, "subject": subject}
        payload = base64.encodebytes(documents.write("notification", content).encode()).decode()
        key = hashlib.sha1(str(wrong.get("key", self.private_key)).encode()).digest()  # noqa: S324 - theirs
        signed = hmac.new(key, payload.encode(), hashlib.sha1).hexdigest()
        return f"{self.public_key}|{signed}", str(wrong.get("payload", payload))


def _nonce_for(number: str) -> str:
    """A card that was typed in works once; the sandbox has a number that is always declined."""
    return "fake-processor-declined-visa-nonce" if number == DECLINED else f"tokencc_bh_{secrets.token_hex(6)}"


def _one(row: Transaction, status: int = 200) -> Answer:
    return Answer(status, document=documents.write("transaction", _described(row)))


def _listed(rows: list[Transaction]) -> str:
    """Several of one name are a list to the library, one alone is that one: as the real one does it."""
    content = "".join(documents.write("transaction", _described(row)).partition("\n")[2] for row in rows)
    return (
        f'<credit-card-transactions><page-size type="integer">{_PAGE}</page-size>{content}</credit-card-transactions>'
    )


def _described(row: Transaction) -> dict[str, Any]:
    return {
        "id": row.id,
        "status": row.status,
        "type": row.kind,
        "currency_iso_code": "EUR",
        "amount": row.amount,
        "merchant_account_id": row.merchant_account or "emulated_eur",
        "order_id": row.order or None,
        "created_at": row.created_at,
        "refunded_transaction_id": row.refunded or None,
        "processor_response_code": row.code,
        "gateway_rejection_reason": row.rejection or None,
        "disputes": [("dispute", _disputed(row, alone=False))] if row.dispute else [],
        "credit_card": CARD,
        "customer": {"id": None, "first_name": None, "email": None},
        "billing": {"id": None, "street_address": None},
        "shipping": {"id": None, "street_address": None},
        "refund_ids": [("item", number) for number in row.refunds],
    }


def _disputed(row: Transaction, *, alone: bool = True) -> dict[str, Any]:
    """A dispute by itself, or within its transaction, where it says less."""
    said: dict[str, Any] = {
        "id": f"d{row.id}",
        "status": row.dispute,
        "amount_disputed": row.amount,
        "currency_iso_code": "EUR",
        "kind": "chargeback",
        "reason": "product_not_received",
        "reply_by_date": row.created_at.date() + timedelta(weeks=2),
        "received_date": row.created_at.date(),
    }
    if alone:
        said["transaction"] = {"id": row.id, "amount": row.amount, "order_id": row.order or None}
        said["evidence"] = [
            ("evidence", {"id": f"e{place}", "comment": text}) for place, text in enumerate(row.evidence)
        ]
    return said


def _disputes(rows: list[Transaction]) -> str:
    """All on one page."""
    content = "".join(documents.write("dispute", _disputed(row)).partition("\n")[2] for row in rows)
    numbers = {"current-page-number": 1, "page-size": _PAGE, "total-items": len(rows)}
    sizes = "".join(f'<{name} type="integer">{number}</{name}>' for name, number in numbers.items())
    return f"<disputes>{sizes}{content}</disputes>"


def _declined(row: Transaction) -> Answer:
    content = {
        "errors": {"errors": []},
        "params": {"transaction": {"type": "sale"}},
        "message": row.rejection or row.code,
        "transaction": _described(row),
    }
    return Answer(422, document=documents.write("api_error_response", content))


def _refusal(trouble: Invalid) -> Answer:
    error = {"attribute": trouble.attribute, "code": trouble.code, "message": "refused"}
    nested = {"errors": [], "transaction": {"errors": [("error", error)]}}
    content = {"errors": nested, "params": {"transaction": {"type": "sale"}}, "message": "refused"}
    return Answer(422, document=documents.write("api_error_response", content))
