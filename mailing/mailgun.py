"""What we ask Mailgun besides sending: was this letter taken, and whom does it hold on its lists (Art. 19, 28).

Answers are believed only where they are what was asked for, are of a bounded size, and come from the host we called.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote, urlsplit

import requests
from django.conf import settings

from outbox.answers import NotUnderstood, as_json, asked_to_wait, bare_session, whole_body
from outbox.handlers import Halted, Transient

LISTS: Final = ("bounces", "complaints", "unsubscribes")
_LARGEST: Final = 4 * 1024 * 1024
_MOST_PAGES: Final = 10_000
_TOO_MANY: Final = 429


@dataclass(frozen=True, slots=True)
class Mailgun:
    """The interface of one sending domain. Raises Transient where no answer is to be had, Halted where it does
    not take our key; neither names anybody."""

    address: str
    domain: str
    key: str
    timeout: tuple[float, float]

    @classmethod
    def of_settings(cls) -> "Mailgun":
        """As the site is set up to send."""
        anymail: dict[str, Any] = settings.ANYMAIL
        return cls(
            address=str(anymail["MAILGUN_API_URL"]).rstrip("/"),
            domain=str(anymail["MAILGUN_SENDER_DOMAIN"]),
            key=str(anymail["MAILGUN_API_KEY"]),
            timeout=anymail.get("REQUESTS_TIMEOUT", (3.05, 10)),
        )

    def accepted(self, number: str, *, recipient: str) -> str | None:
        """The number that Mailgun gave a letter of ours, known by the number we gave it; None where it never came.

        Looked for among what it logged for the recipient: the header of a letter is not relied on.
        """
        for event in self._logged(recipient):
            if event.get("user-variables", {}).get("message") == number and event.get("event") != "rejected":
                return str(event.get("message", {}).get("headers", {}).get("message-id", ""))
        return None

    def knows(self, recipient: str) -> bool:
        """Whether its log still answers anything when asked for this address: in doubt it does."""
        return next(self._items(_about(recipient)), None) is not None

    def events_of(self, recipient: str) -> Iterator[tuple[str, datetime]]:
        """What its log says of this address: what happened, and when."""
        for event in self._logged(recipient):
            yield str(event.get("event", "")), datetime.fromtimestamp(float(event.get("timestamp", 0)), UTC)

    def lists_of(self, recipient: str) -> list[str]:
        """On which of its LISTS this address stands."""
        paths = {name: f"{name}/{quote(recipient, safe='')}" for name in LISTS}
        return [name for name, path in paths.items() if self._call("GET", path)[0] == requests.codes.ok]

    def answers(self) -> None:
        """Ask for nothing, to hear whether it takes our key and knows our domain. Raises Halted besides."""
        if self._call("GET", "unsubscribes?limit=1")[0] == requests.codes.not_found:
            raise Halted("Mailgun does not know our domain.")

    def numbers(self, *, since: datetime) -> Iterator[str]:
        """Our numbers of the letters that its log knows since a moment, in no order, some perhaps twice."""
        for event in self._items(f"events?begin={int(since.timestamp())}&ascending=yes"):
            if number := event.get("user-variables", {}).get("message"):
                yield str(number)

    def listed(self, name: str) -> Iterator[str]:
        """The addresses on one of its LISTS."""
        for entry in self._items(name):
            yield str(entry["address"])

    def take_off(self, name: str, recipient: str) -> bool:
        """Take an address off one of its LISTS; False where it was not on it."""
        status, _body = self._call("DELETE", f"{name}/{quote(recipient, safe='')}")
        return status != requests.codes.not_found

    def _logged(self, recipient: str) -> Iterator[dict[str, Any]]:
        """What its log says of an address; of others nothing is believed to be about this one."""
        for event in self._items(_about(recipient)):
            if str(event.get("recipient", "")).casefold() == recipient.casefold():
                yield event

    def _items(self, path: str) -> Iterator[dict[str, Any]]:
        url = path
        for _ in range(_MOST_PAGES):
            _status, body = self._call("GET", url)
            items = body.get("items")
            if not isinstance(items, list):
                raise Transient("Mailgun answered with something else.")
            if not items:
                return
            yield from (item for item in items if isinstance(item, dict))
            url = str(body.get("paging", {}).get("next", ""))
            if not url:
                return

    def _call(self, method: str, path: str) -> tuple[int, dict[str, Any]]:
        url = path if path.startswith(("http://", "https://")) else f"{self.address}/{self.domain}/{path}"
        if urlsplit(url)[:2] != urlsplit(self.address)[:2]:
            raise Transient("Mailgun pointed to another host.")
        try:
            with bare_session() as session:
                answer = session.request(
                    method, url, auth=("api", self.key), timeout=self.timeout, allow_redirects=False, stream=True
                )
                return answer.status_code, _read(answer)
        except (requests.RequestException, OSError, NotUnderstood) as error:
            raise Transient(f"Mailgun could not be asked ({type(error).__name__}).") from None


def _about(recipient: str) -> str:
    return f"events?recipient={quote(recipient, safe='')}"


def _read(answer: requests.Response) -> dict[str, Any]:
    status = answer.status_code
    if status == _TOO_MANY:
        raise Transient("Mailgun asks us to wait.", retry_after=asked_to_wait(answer))
    if status >= requests.codes.server_error or 300 <= status < 400:
        raise NotUnderstood
    body = whole_body(answer, most=_LARGEST)
    if status in {requests.codes.unauthorized, requests.codes.forbidden}:
        raise Halted("Mailgun does not accept our key.")
    found = as_json(body)
    if not isinstance(found, dict):
        raise NotUnderstood
    return found
