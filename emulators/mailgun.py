"""An emulated Mailgun: messages, events and suppressions of one domain as its API speaks of them, and its webhooks."""

import base64
import hashlib
import hmac
import json
import re
import secrets
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import asdict
from email.utils import getaddresses
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import unquote, urlencode

from emulators.letters import PAGE_HEADERS, Kept, Message, inbox, letter
from emulators.serving import Answer, Call, Service

LISTS: Final = ("bounces", "unsubscribes", "complaints")
_PAGE: Final = 100
_ADDRESS: Final = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
_NO: Final = Answer(HTTPStatus.NOT_FOUND, {"message": "Not Found"})


class Mailgun(Service):
    """One domain, one key. `forget` empties the log of events, as the term of the real one does."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        listener: socket.socket | None = None,
        domain: str = "mg.qlekta.example",
        api_key: str = "emulated-key",
        signing_key: str = "s",
        kept: Kept | None = None,
    ) -> None:
        super().__init__(host=host, port=port, listener=listener)
        self.domain, self.api_key, self.signing_key = domain, api_key, signing_key
        self.kept = kept or Kept()
        self.messages = self.kept.load()
        self.lists: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in LISTS}
        self.forgotten = 0

    def forget(self) -> None:
        """From now on events of the messages taken so far are not found any more."""
        self.forgotten = len(self.messages)

    def state(self) -> dict[str, Any]:
        with self.lock:
            return {"messages": [asdict(message) for message in self.messages], "lists": self.lists}

    def answer(self, call: Call) -> Answer:
        expected = "Basic " + base64.b64encode(f"api:{self.api_key}".encode()).decode()
        if not hmac.compare_digest(call.headers.get("Authorization", ""), expected):
            return Answer(HTTPStatus.UNAUTHORIZED, {"message": "Invalid private key"})
        match call.path.strip("/").split("/"):
            case ["v3", domain, *_] if domain != self.domain:
                return Answer(HTTPStatus.NOT_FOUND, {"message": "Domain not found: " + domain})
            case ["v3", _, "messages"] if call.method == "POST":
                return self._take(call)
            case ["v3", _, "events"] if call.method == "GET":
                return self._events(call)
            case ["v3", _, name, *rest] if name in LISTS:
                return self._suppressions(call, name, [unquote(part) for part in rest])
        return _NO

    def _take(self, call: Call) -> Answer:
        form = call.form
        recipients = tuple(address for _name, address in getaddresses(form.get("to", [])))
        if not recipients or not all(_ADDRESS.fullmatch(address) for address in recipients):
            return Answer(HTTPStatus.BAD_REQUEST, {"message": "to parameter is not a valid address. please check"})
        if not form.get("from") or not (form.get("text") or form.get("html")):
            return Answer(HTTPStatus.BAD_REQUEST, {"message": "Need at least one of 'text' or 'html' parameters"})
        message = Message(
            id=f"<{secrets.token_hex(12)}@{self.domain}>",
            recipients=recipients,
            subject=form.get("subject", [""])[0],
            text=form.get("text", [""])[0],
            headers=_with_prefix(form, "h:"),
            variables=_with_prefix(form, "v:"),
            options=_with_prefix(form, "o:"),
        )
        with self.lock:
            self.messages.append(message)
            self.kept.add(message, number=len(self.messages))
        return Answer(HTTPStatus.OK, {"id": message.id, "message": "Queued. Thank you."})

    def _events(self, call: Call) -> Answer:
        asked = {name: values[0] for name, values in call.query.items()}
        with self.lock:
            kept = self.messages[self.forgotten :]
        items = [
            event
            for message in kept
            for event in _events_of(message)
            if asked.get("recipient", event["recipient"]) == event["recipient"]
            and float(asked.get("begin", 0)) <= event["timestamp"]
            and asked.get("message-id", event["message"]["headers"]["message-id"])
            == event["message"]["headers"]["message-id"]
        ]
        begin = int(asked.get("page", 0))
        page = items[begin : begin + _PAGE]
        return Answer(HTTPStatus.OK, {"items": page, "paging": {"next": self._next(call, begin + len(page), page)}})

    def _next(self, call: Call, begin: int, page: list[dict[str, Any]]) -> str:
        asked = {name: values[0] for name, values in call.query.items()}
        return f"{self.address}{call.path}?{urlencode({**asked, 'page': begin})}" if page else ""

    def _suppressions(self, call: Call, name: str, rest: list[str]) -> Answer:
        found = self.lists[name]
        with self.lock:
            match call.method, rest:
                case "GET", []:
                    begin = int(call.query.get("page", ["0"])[0])
                    page = list(found.values())[begin : begin + _PAGE]
                    return Answer(
                        HTTPStatus.OK, {"items": page, "paging": {"next": self._next(call, begin + len(page), page)}}
                    )
                case "GET", [address] if address in found:
                    return Answer(HTTPStatus.OK, found[address])
                case "POST", []:
                    for entry in json.loads(call.body):
                        found[entry["address"]] = {"tags": ["*"], **entry}
                    return Answer(HTTPStatus.OK, {"message": "addresses have been added"})
                case "DELETE", [address] if found.pop(address, None):
                    return Answer(HTTPStatus.OK, {"message": "removed", "address": address})
        return Answer(HTTPStatus.NOT_FOUND, {"message": "Address not found in " + name})

    def control(self, call: Call) -> Answer:
        """Besides the common ones: `GET /` shows the letters, `POST /__forget`, and `POST /__webhook` with
        `{url, event, secret, wrong}`."""
        match call.method, call.path:
            case "GET", "/":
                with self.lock:
                    return Answer(HTTPStatus.OK, page=inbox(self.messages), headers=PAGE_HEADERS)
            case "GET", "/__letter":
                number = call.query.get("number", [""])[0]
                with self.lock:
                    page = letter(self.messages, number)
                return Answer(HTTPStatus.OK if page else HTTPStatus.NOT_FOUND, page=page, headers=PAGE_HEADERS)
            case "POST", "/__forget":
                self.forget()
                return Answer(HTTPStatus.OK, {})
            case "POST", "/__webhook":
                order = json.loads(call.body)
                status = self.call_back(order["url"], order["event"], secret=order["secret"], **order.get("wrong", {}))
                return Answer(HTTPStatus.OK, {"status": status})
        return super().control(call)

    def call_back(self, url: str, event: dict[str, Any], *, secret: str = "", **wrong: Any) -> int:
        """Call a webhook of the site; `wrong` may give `key`, `age` in seconds, or `token`. Returns the status."""
        stamp = str(int(time.time() - wrong.get("age", 0)))
        token = str(wrong.get("token") or secrets.token_hex(25))
        key = str(wrong.get("key") or self.signing_key)
        signed = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
        body = {"signature": {"timestamp": stamp, "token": token, "signature": signed}, "event-data": event}
        request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})  # noqa: S310 - the loopback
        if secret:
            request.add_header("Authorization", "Basic " + base64.b64encode(secret.encode()).decode())
        return status_of(lambda: urllib.request.urlopen(request, timeout=10))  # noqa: S310 - the loopback


def status_of(call: Callable[[], Any]) -> int:
    try:
        with call() as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        return int(refusal.code)


def _with_prefix(form: dict[str, list[str]], prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): values[0] for name, values in form.items() if name.startswith(prefix)}


def _events_of(message: Message) -> list[dict[str, Any]]:
    """Each recipient's `accepted`, as the log tells it."""
    return [
        {
            "event": "accepted",
            "timestamp": message.taken_at,
            "recipient": recipient,
            "user-variables": message.variables,
            "message": {"headers": {"message-id": message.headers.get("Message-Id", message.id).strip("<>")}},
        }
        for recipient in message.recipients
    ]
