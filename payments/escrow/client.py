"""The interface of Escrow.com (2017-09-01), on requests: answers are bounded and read strictly, writes never repeated.

It knows no key of repetition. So a transaction is looked up by our reference before it is ordered, and each action is
read, write, read: what stands there already is not done again.
"""

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import requests
from django.conf import settings

from outbox.answers import NotUnderstood, as_json, asked_to_wait, bare_session, whole_body
from outbox.handlers import AnswerLost, Halted, Permanent, Transient
from payments.amounts import CURRENCY, exact
from payments.escrow.values import (
    Action,
    Customer,
    EscrowDraft,
    EscrowTx,
    Listed,
    NoSuchTransaction,
    ProviderContractError,
    Role,
    read_customer,
    read_list,
    read_transaction,
)

CODE: Final = "ESCROW"
CURRENCIES: Final[Mapping[str, str]] = {"EUR": "euro"}
"""Our word for a currency, and theirs."""

TIMEOUT: Final = (3.05, 15.0)
_LARGEST: Final = 1024 * 1024
_TOO_MANY: Final = 429
_PAGE: Final = 100
_MOST_PAGES: Final = 1000


class ReferenceConflict(Permanent):
    """Under our reference stands a transaction on other terms: nothing is ordered, staff must look."""


class RefusedThere(Permanent):
    """Escrow.com refused this call for good; `status` is its answer."""

    def __init__(self, status: int) -> None:
        super().__init__(f"Escrow.com refused it ({status}).")
        self.status = status


def reference_of(deal: UUID) -> str:
    """Our reference for a deal: 24 characters that say nothing to anybody else."""
    digest = hashlib.sha256(f"deal:{deal}".encode()).digest()
    return "q-" + base64.urlsafe_b64encode(digest).decode()[:22]


def is_open() -> bool:
    """Whether this site has an account at Escrow.com."""
    return bool(settings.ESCROW["KEY"])


@dataclass(frozen=True, slots=True)
class Escrow:
    """The interface with our account as the partner. Raises Transient, AnswerLost, Halted, RefusedThere,
    ReferenceConflict and ProviderContractError; none of them names anybody."""

    address: str
    email: str
    key: str = field(repr=False)
    pages: str = "https://www.escrow.com"
    timeout: tuple[float, float] = TIMEOUT

    @classmethod
    def of_settings(cls) -> "Escrow":
        """As the site is set up."""
        return cls(
            address=settings.ESCROW["URL"].rstrip("/"),
            email=settings.ESCROW["EMAIL"],
            key=settings.ESCROW["KEY"],
            pages=settings.ESCROW["PAGES_URL"].rstrip("/"),
        )

    def ensure_transaction(self, draft: EscrowDraft, reference: str) -> EscrowTx:
        """The transaction under our reference; ordered where there is none yet."""
        known = self.by_reference(reference)
        if known is None:
            known = self._ordered(draft, reference)
        _require_terms(known, draft, reference)
        return known

    def _ordered(self, draft: EscrowDraft, reference: str) -> EscrowTx:
        try:
            return read_written(self._call("POST", "transaction", body=_order(draft, reference)))
        except RefusedThere:
            # A call whose answer was lost may have come through since we looked: then it is refused as a double.
            if (known := self.by_reference(reference)) is None:
                raise
            return known

    def by_reference(self, reference: str) -> EscrowTx | None:
        """The transaction under this reference, None where there is none."""
        found = self._call("GET", f"transaction/reference/{reference}")
        return None if found is None else read_transaction(found)

    def get(self, number: int) -> EscrowTx:
        """A transaction by its number there."""
        found = self._call("GET", f"transaction/{number}")
        if found is None:
            raise NoSuchTransaction
        return read_transaction(found)

    def going_on(self) -> Iterator[Listed]:
        """Every transaction of ours as the partner that has not come to its end there."""
        begin: int | None = None
        for _ in range(_MOST_PAGES):
            more = "" if begin is None else f"&next_cursor={begin}"
            listed, begin = read_list(self._call("GET", f"partner/transactions?limit={_PAGE}&status=ongoing{more}"))
            yield from listed
            if begin is None:
                return
        raise ProviderContractError("a list without an end")

    def act(
        self, number: int, action: Action, by: Role | None, *, expect: Callable[[EscrowTx], bool], **more: Any
    ) -> EscrowTx:
        """Do one thing in the name of a party (of the partner, ourselves, where `by` is None), once: `expect` says
        whether it is done."""
        before = self.get(number)
        if expect(before):
            return before
        whose = "" if by is None else before.party(by).customer
        try:
            after = read_written(
                self._call("PATCH", f"transaction/{number}", body={"action": action.value, **more}, whose=whose)
            )
        except AnswerLost:
            after = self.get(number)
        if not expect(after):
            raise AnswerLost("Escrow.com took it, and nothing has changed there.")
        return after

    def funding_page(self, number: int, *, method: str, come_back_to: str) -> str:
        """The page of Escrow.com where the buyer pays; refused where it lies on another host."""
        before = self.get(number)
        found = self._call(
            "POST",
            f"transaction/{number}/payment_methods/{method}",
            body={"return_url": come_back_to},
            whose=before.buyer.customer,
        )
        page = found.get("landing_page") if isinstance(found, dict) else None
        if not isinstance(page, str) or not self._is_theirs(page):
            raise ProviderContractError("landing_page")
        return page

    def customer(self, email: str) -> Customer | None:
        """The account of this address there, None where it has none."""
        found = self._call("GET", "customer/me", whose=email, absent={403, 404})
        return None if found is None else read_customer(found)

    def register(self, email: str) -> Customer:
        """Open an account for this address there."""
        found = self._call("POST", "customer", body={"email": email})
        try:
            return read_customer(found)
        except ProviderContractError as error:
            raise AnswerLost(error.sentence) from None

    def _is_theirs(self, page: str) -> bool:
        parts, ours = urlsplit(page), urlsplit(self.pages)
        domain = ours.netloc.removeprefix("www.")
        return parts.scheme == ours.scheme and (parts.netloc == domain or parts.netloc.endswith(f".{domain}"))

    def _call(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        whose: str = "",
        absent: frozenset[int] | set[int] = frozenset({404}),
    ) -> Any:
        """The JSON of an answer; None for a read of what is not there."""
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        if whose:
            headers["As-Customer"] = whose
        try:
            with bare_session() as session:
                answer = session.request(
                    method,
                    f"{self.address}/{path}",
                    auth=(self.email, self.key),
                    json=body,
                    headers=headers,
                    timeout=self.timeout,
                    allow_redirects=False,
                    stream=True,
                )
                return _read(answer, absent=absent if method == "GET" else frozenset())
        except requests.ConnectTimeout:
            raise Transient("Escrow.com does not answer.") from None
        except (requests.RequestException, OSError, NotUnderstood) as error:
            raise _lost(method, type(error).__name__) from None


def read_written(found: Any) -> EscrowTx:
    """The transaction in the answer to a write: unreadable means that the answer is lost, not that nothing was done."""
    try:
        return read_transaction(found)
    except ProviderContractError as error:
        raise AnswerLost(error.sentence) from None


def _lost(method: str, what: str) -> Transient | AnswerLost:
    if method == "GET":
        return Transient(f"Escrow.com could not be asked ({what}).")
    return AnswerLost(f"The answer of Escrow.com got lost ({what}).")


def _read(answer: requests.Response, *, absent: frozenset[int] | set[int]) -> Any:
    status = answer.status_code
    if status == _TOO_MANY:
        raise Transient("Escrow.com asks us to wait.", retry_after=asked_to_wait(answer))
    if status >= requests.codes.server_error or 300 <= status < 400:
        raise NotUnderstood(str(status))
    if status == requests.codes.unauthorized:
        raise Halted("Escrow.com does not accept our key.")
    if status in absent:
        return None
    if status >= requests.codes.bad_request:
        raise RefusedThere(status)
    return as_json(whole_body(answer, most=_LARGEST))


def _require_terms(known: EscrowTx, draft: EscrowDraft, reference: str) -> None:
    same = (
        known.reference == reference
        and known.amount == draft.amount
        and known.currency == CURRENCIES[CURRENCY]
        and known.buyer.customer.casefold() == draft.buyer.casefold()
        and known.seller.customer.casefold() == draft.seller.casefold()
    )
    if not same:
        raise ReferenceConflict("Escrow.com has a transaction under our reference on other terms.")


def _order(draft: EscrowDraft, reference: str) -> dict[str, Any]:
    """All that leaves: what is sold, for how much, and the addresses of the two."""
    return {
        "reference": reference,
        "currency": CURRENCIES[CURRENCY],
        "description": draft.title,
        "parties": [
            {"role": "partner", "customer": "me"},
            {"role": Role.BUYER.value, "customer": draft.buyer},
            {"role": Role.SELLER.value, "customer": draft.seller},
        ],
        "items": [
            {
                "title": draft.title,
                "description": draft.title,
                "type": "general_merchandise",
                "inspection_period": draft.inspection,
                "quantity": 1,
                "schedule": [
                    {
                        "amount": wire(draft.amount),
                        "payer_customer": draft.buyer,
                        "beneficiary_customer": draft.seller,
                    }
                ],
                "fees": [{"type": "escrow", "split": "1", "payer_customer": draft.buyer}],
            }
        ],
    }


def wire(amount: Decimal) -> str:
    """An amount as it goes over the wire. Raises NoAmount."""
    return f"{exact(amount):.2f}"
