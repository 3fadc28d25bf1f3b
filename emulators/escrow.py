"""An emulated Escrow.com: accounts, transactions and their steps as its interface speaks of them, and its calls back.

Nobody signs those calls, as the real one does not; they come when they come, twice, and in another order.
"""

import base64
import contextlib
import hmac
import json
import os
import re
import socket
import threading
import urllib.error
import urllib.request
from html import escape
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from emulators.letters import PAGE_HEADERS
from emulators.serving import Answer, Call, Service

_BASE: Final = "/2017-09-01/"
_ADDRESS: Final = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
_AMOUNT: Final = re.compile(r"[0-9]{1,9}\.[0-9]{2}")
_FORM_HEADERS: Final = {
    **PAGE_HEADERS,
    "Referrer-Policy": "same-origin",  # without one a form comes from nowhere, and is taken for a foreign one
    "Content-Security-Policy": PAGE_HEADERS["Content-Security-Policy"].replace(
        "form-action 'none'", "form-action 'self'"
    ),
}
_NO: Final = Answer(HTTPStatus.NOT_FOUND, {"error": "Not found"})
_FORBIDDEN: Final = Answer(HTTPStatus.FORBIDDEN, {"error": "You may not do that"})
_STATE: Final = Answer(HTTPStatus.UNPROCESSABLE_ENTITY, {"error": "The transaction is not where that can be done"})

_STEPS: Final[dict[str, tuple[str, frozenset[str], frozenset[str]]]] = {
    # action: who may, what must have happened, what must not have happened; it then has happened itself
    "ship": ("seller", frozenset({"secured"}), frozenset({"shipped"})),
    "receive": ("buyer", frozenset({"shipped"}), frozenset({"received"})),
    "accept": ("buyer", frozenset({"received"}), frozenset({"accepted", "rejected"})),
    "reject": ("buyer", frozenset({"received"}), frozenset({"accepted", "rejected"})),
    "ship_return": ("buyer", frozenset({"rejected"}), frozenset({"shipped_returned"})),
    "receive_return": ("seller", frozenset({"shipped_returned"}), frozenset({"received_returned"})),
    "accept_return": ("seller", frozenset({"received_returned"}), frozenset({"accepted_returned"})),
}
_DONE: Final = {
    "ship": "shipped",
    "receive": "received",
    "accept": "accepted",
    "reject": "rejected",
    "ship_return": "shipped_returned",
    "receive_return": "received_returned",
    "accept_return": "accepted_returned",
}


class Escrow(Service):
    """One partner with one key. `pages` is where browsers reach it; events ring at `webhook`, where one is named."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        listener: socket.socket | None = None,
        email: str = "partner@qlekta.example",
        api_key: str = "k",
        pages: str = "",
        webhook: str = "",
        keep: Path | None = None,
    ) -> None:
        super().__init__(host=host, port=port, listener=listener)
        self.email, self.api_key, self.pages, self.webhook, self.keep = email, api_key, pages, webhook, keep
        self.rings: list[dict[str, Any]] = []
        self._kept: dict[str, Any] = {"customers": {}, "transactions": {}}
        if keep is not None and keep.exists():
            self._kept = json.loads(keep.read_text(encoding="utf-8"))

    @property
    def customers(self) -> dict[str, dict[str, Any]]:
        """Accounts by their address."""
        found: dict[str, dict[str, Any]] = self._kept["customers"]
        return found

    @property
    def transactions(self) -> dict[str, dict[str, Any]]:
        """Transactions by their number, as text."""
        found: dict[str, dict[str, Any]] = self._kept["transactions"]
        return found

    def state(self) -> dict[str, Any]:
        with self.lock:
            return {"customers": list(self.customers.values()), "transactions": list(self.transactions.values())}

    def answer(self, call: Call) -> Answer:
        expected = "Basic " + base64.b64encode(f"{self.email}:{self.api_key}".encode()).decode()
        if not hmac.compare_digest(call.headers.get("Authorization", ""), expected):
            return Answer(HTTPStatus.UNAUTHORIZED, {"error": "Invalid credentials"})
        if not call.path.startswith(_BASE):
            return _NO
        whose = call.headers.get("As-Customer", "")
        with self.lock:
            found = self._route(call, call.path.removeprefix(_BASE).strip("/").split("/"), whose)
            self._save()
        return found

    def _route(self, call: Call, path: list[str], whose: str) -> Answer:
        match call.method, path:
            case _, ["customer", *rest]:
                return self._customers(call, rest, whose)
            case "POST", ["transaction"]:
                return self._create(json.loads(call.body))
            case "GET", ["partner", "transactions"]:
                return self._listed({name: values[0] for name, values in call.query.items()})
            case "GET", ["transaction", "reference", reference]:
                rows = [one for one in self.transactions.values() if one["reference"] == reference]
                return Answer(HTTPStatus.OK, rows[0]) if rows else _NO
            case method, ["transaction", number, *rest] if number in self.transactions:
                return self._transaction(method, rest, call, self.transactions[number])
        return _NO

    def _customers(self, call: Call, rest: list[str], whose: str) -> Answer:
        match call.method, rest:
            case "GET", ["me"]:
                own = {"id": 1, "email": self.email, "status": "verified"}
                known = self.customers.get(whose) if whose else own
                return Answer(HTTPStatus.OK, self._customer(known)) if known else _FORBIDDEN
            case "POST", []:
                return self._register(json.loads(call.body))
        return _NO

    def _listed(self, asked: dict[str, str]) -> Answer:
        """The partner's transactions, the newest first; the next page begins where this one says."""
        begin, limit = int(asked.get("next_cursor", 2**62)), int(asked.get("limit", 20))
        rows = sorted(self.transactions.values(), key=lambda one: int(one["id"]), reverse=True)
        if asked.get("status") == "ongoing":
            rows = [one for one in rows if not one["close_date"] and not one["is_cancelled"]]
        rows = [one for one in rows if one["id"] <= begin]
        rest = rows[limit : limit + 1]
        said = {"limit": limit, "sort_by": "id", "sort_direction": "desc", "transactions": rows[:limit]}
        return Answer(HTTPStatus.OK, {**said, "next_cursor": rest[0]["id"] if rest else None})

    def _transaction(self, method: str, rest: list[str], call: Call, found: dict[str, Any]) -> Answer:
        whose = call.headers.get("As-Customer", "")
        match method, rest:
            case "GET", []:
                return Answer(HTTPStatus.OK, found)
            case "PATCH", []:
                return self._act(found, json.loads(call.body).get("action", ""), whose)
            case "POST", ["payment_methods", _method]:
                return self._fund(found, whose)
        return _NO

    def _customer(self, known: dict[str, Any]) -> dict[str, Any]:
        """As the real one: with data that nobody asked for, among them an identity document (Q9.9)."""
        return {
            "id": known["id"],
            "email": known["email"],
            "first_name": "Emulated",
            "last_name": "Person",
            "date_of_birth": "1990-01-01T00:00:00",
            "tax_numbers": [{"id": 1, "number": "LV-DOCUMENT-7788", "type": "passport"}],
            "verification": {"personal": {"status": known["status"]}, "company": {"status": "not_required"}},
        }

    def _register(self, said: dict[str, Any]) -> Answer:
        email = str(said.get("email", ""))
        if not _ADDRESS.fullmatch(email):
            return Answer(HTTPStatus.UNPROCESSABLE_ENTITY, {"error": "email"})
        if email in self.customers:
            return _FORBIDDEN
        return Answer(HTTPStatus.CREATED, self._customer(self._account(email)))

    def _account(self, email: str) -> dict[str, Any]:
        number = 3_000_000 + len(self.customers) + 1
        return self.customers.setdefault(email, {"id": number, "email": email, "status": "not_submitted"})

    def _create(self, said: dict[str, Any]) -> Answer:
        parties = {one.get("role"): one.get("customer", "") for one in said.get("parties", [])}
        buyer, seller = str(parties.get("buyer", "")), str(parties.get("seller", ""))
        amounts = [one["amount"] for item in said.get("items", []) for one in item.get("schedule", [])]
        wrong = (
            said.get("currency") != "euro"
            or not 0 < len(str(said.get("reference", ""))) <= 24
            or any(one["reference"] == said["reference"] for one in self.transactions.values())
            or not all(_ADDRESS.fullmatch(one) for one in (buyer, seller))
            or not amounts
            or not all(isinstance(one, str) and _AMOUNT.fullmatch(one) for one in amounts)
        )
        if wrong:
            return Answer(HTTPStatus.UNPROCESSABLE_ENTITY, {"error": "The transaction is malformed"})
        for email in (buyer, seller):  # whoever has no account gets one, and a letter
            self._account(email)
        found = self._made(said, buyer, seller)
        self.transactions[str(found["id"])] = found
        self._ring("create", found)
        return Answer(HTTPStatus.CREATED, found)

    def _made(self, said: dict[str, Any], buyer: str, seller: str) -> dict[str, Any]:
        items = [
            {
                **item,
                "id": number,
                "status": {},
                "schedule": [{**one, "status": {}} for one in item["schedule"]],
            }
            for number, item in enumerate(said["items"], start=1)
        ]
        return {
            "id": 5_000_000 + len(self.transactions) + 1,
            "reference": said["reference"],
            "currency": said["currency"],
            "description": said["description"],
            "is_cancelled": False,
            "close_date": None,
            "parties": [
                {"role": "partner", "customer": self.email, "agreed": True},
                {"role": "buyer", "customer": buyer, "agreed": False},
                {"role": "seller", "customer": seller, "agreed": False},
            ],
            "items": items,
        }

    def _act(self, found: dict[str, Any], action: str, whose: str) -> Answer:
        role = next((one["role"] for one in found["parties"] if one["customer"] == (whose or self.email)), "")
        if not role:
            return _FORBIDDEN
        if found["is_cancelled"] or found["close_date"]:
            return _STATE
        match action:
            case "agree" if role in {"buyer", "seller"}:
                for one in found["parties"]:
                    one["agreed"] = one["agreed"] or one["role"] == role
                refused = None
            case "cancel":
                refused = self._cancel(found, role)
            case _:
                refused = self._step(found, action, role) if action in _STEPS else _STATE
        if refused is None:
            self._ring(action, found)
        return refused or Answer(HTTPStatus.OK, found)

    def _cancel(self, found: dict[str, Any], role: str) -> Answer | None:
        if role != "partner" and all(one["agreed"] for one in found["parties"]):
            return _FORBIDDEN
        if _has(found, "shipped"):
            return _STATE
        found["is_cancelled"] = True
        if _has(found, "secured"):
            self._disburse(found, "disbursed_to_payer")
        return None

    def _step(self, found: dict[str, Any], action: str, role: str) -> Answer | None:
        who, after, before = _STEPS[action]
        if role != who:
            return _FORBIDDEN
        if not all(_has(found, one) for one in after) or any(_has(found, one) for one in before):
            return _STATE
        found["items"][0]["status"][_DONE[action]] = True
        if action == "accept":
            self._disburse(found, "disbursed_to_beneficiary")
        if action == "accept_return":
            self._disburse(found, "disbursed_to_payer")
        return None

    def _disburse(self, found: dict[str, Any], how: str) -> None:
        for one in found["items"][0]["schedule"]:
            one["status"][how] = True
        found["close_date"] = "2026-01-01T00:00:00+00:00"
        self._ring("payment_disbursed", found)

    def _fund(self, found: dict[str, Any], whose: str) -> Answer:
        buyer = next(one["customer"] for one in found["parties"] if one["role"] == "buyer")
        if whose != buyer:
            return _FORBIDDEN
        if not all(one["agreed"] for one in found["parties"]) or _has(found, "secured"):
            return _STATE
        page = f"{self.pages or self.address}/__pay?transaction={found['id']}"
        return Answer(HTTPStatus.CREATED, {"landing_page": page, "token": "emulated"})

    def pay(self, number: str) -> bool:
        """The buyer has paid on the pages of Escrow.com."""
        with self.lock:
            found = self.transactions[number]
            if found["is_cancelled"] or not all(one["agreed"] for one in found["parties"]):
                return False
            for one in found["items"][0]["schedule"]:
                one["status"]["secured"] = True
            self._ring("payment_approved", found)
            self._save()
        return True

    def lapse(self, number: str) -> bool:
        """The inspection period is over and nobody said a word: Escrow.com accepts by itself."""
        with self.lock:
            found = self.transactions[number]
            done = self._step(found, "accept", "buyer") is None
            self._ring("accept", found)
            self._save()
        return done

    def verify(self, email: str, *, status: str = "verified") -> None:
        """Escrow.com has looked at somebody's documents, which only it has seen."""
        with self.lock:
            self._account(email)["status"] = status
            self._save()

    def control(self, call: Call) -> Answer:
        """Besides the common ones: `/__pay` and `/__verify` as pages for people, and for tests `POST /__lapse` and
        `POST /__ring` with `{url, order, times, extra}`, which sends what happened so far."""
        asked = {name: values[0] for name, values in {**call.query, **call.form}.items()}
        match call.method, call.path:
            case "GET", "/":
                return _shown(self._overview())
            case "POST", "/__verify":
                self.verify(asked["customer"], status=asked.get("status", "verified"))
                return _shown(_page("Identified. Go back to Qlekta.", ""))
            case "POST", "/__ring":
                return Answer(HTTPStatus.OK, {"statuses": self.ring_all(**json.loads(call.body))})
            case method, ("/__pay" | "/__lapse") as path if asked.get("transaction") in self.transactions:
                return self._money(method, path, asked["transaction"])
        return super().control(call)

    def _money(self, method: str, path: str, number: str) -> Answer:
        if method == "GET":
            return _shown(_page("Pay", _form("/__pay", "transaction", number, "Pay")))
        if path == "/__lapse":
            return Answer(HTTPStatus.OK, {"accepted": self.lapse(number)})
        return _shown(_page("Paid. Go back to Qlekta." if self.pay(number) else "Nothing to pay.", ""))

    def _overview(self) -> str:
        people = "".join(
            f"<li>{escape(one['email'])}: {escape(one['status'])}"
            + _form("/__verify", "customer", one["email"], "Has been identified")
            + "</li>"
            for one in self.customers.values()
        )
        rows = "".join(
            f"<li>{number}: {escape(one['description'])}" + _form("/__pay", "transaction", number, "Pay") + "</li>"
            for number, one in self.transactions.items()
        )
        return _page("Escrow.com", f"<h2>Accounts</h2><ul>{people}</ul><h2>Transactions</h2><ul>{rows}</ul>")

    def ring_all(
        self, url: str, *, order: str = "as it came", times: int = 1, extra: dict[str, Any] | None = None
    ) -> list[int]:
        """Call a webhook with all that happened; `order` "backwards" turns it round, `extra` is added to each call."""
        with self.lock:
            found = [ring for ring in self.rings for _ in range(times)]
        if order == "backwards":
            found.reverse()
        return [_post(url, {**ring, **(extra or {})}) for ring in found]

    def _ring(self, event: str, found: dict[str, Any]) -> None:
        ring = {"event_type": "transaction", "event": event, "transaction_id": found["id"]}
        self.rings.append(ring)
        if self.webhook:
            threading.Thread(target=_post, args=(self.webhook, ring), daemon=True).start()

    def _save(self) -> None:
        if self.keep is None:
            return
        self.keep.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self.keep.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(self._kept, file)
        fresh.replace(self.keep)


def _has(found: dict[str, Any], what: str) -> bool:
    item = found["items"][0]
    return bool(item["status"].get(what) or any(one["status"].get(what) for one in item["schedule"]))


def _post(url: str, body: dict[str, Any]) -> int:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})  # noqa: S310 - the loopback
    with contextlib.suppress(OSError):
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - the loopback
                return int(answer.status)
        except urllib.error.HTTPError as refusal:
            return int(refusal.code)
    return 0


def _form(path: str, name: str, value: str, words: str) -> str:
    return (
        f'<form method="post" action="{path}"><input type="hidden" name="{name}" value="{escape(value)}">'
        f"<button>{escape(words)}</button></form>"
    )


def _shown(page: str) -> Answer:
    return Answer(HTTPStatus.OK, page=page, headers=_FORM_HEADERS)


def _page(title: str, content: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} – emulated Escrow.com</title></head><body><h1>{escape(title)}</h1>"
        "<p>This Escrow.com is emulated: no money moves.</p>"
        f"{content}</body></html>"
    )
