"""What we ask Braintree, and what of its answers we read: never anything of a card (policy clause 9.1; Q8.19, Q9.2).

Its answers hold last digits, BIN, expiry and the cardholder's name. They are dropped here: what leaves this module is
frozen and has no place for them.
"""

import hmac
import re
import warnings
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final, Self, TypeVar
from urllib.parse import urlsplit
from uuid import UUID
from xml.parsers.expat import ExpatError

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from outbox.answers import NotUnderstood
from outbox.handlers import AnswerLost, EffectError, Halted, Permanent, Transient

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # the library's own
    import braintree
    from braintree.exceptions.authentication_error import AuthenticationError
    from braintree.exceptions.authorization_error import AuthorizationError
    from braintree.exceptions.braintree_error import BraintreeError
    from braintree.exceptions.http.timeout_error import ConnectTimeoutError
    from braintree.exceptions.not_found_error import NotFoundError
    from braintree.exceptions.upgrade_required_error import UpgradeRequiredError
    from braintree.util.crypto import Crypto
    from braintree.util.xml_util import XmlUtil

    from payments.cards.wire import Busy, Wire

CODE: Final = "BRAINTREE"

T = TypeVar("T")
_PAYLOAD: Final = re.compile(r"[A-Za-z0-9+=/\n]{1,262144}")
_CHALLENGE: Final = re.compile(r"[a-f0-9]{20,32}")
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_IN_FLIGHT: Final = "915233"
_KEY_OF_ANOTHER: Final = "915232"
_KEY_NOT_ALLOWED: Final = "915231"
_KEY_SPENT: Final = frozenset({"915234", "915235"})
_IN_FLIGHT_PAUSE: Final = timedelta(seconds=20)


class NotHere(Permanent):
    """Braintree was asked, and knows nothing by this number."""


class Refused(Permanent):
    """Braintree made no transaction of it; `codes` are its reasons."""

    def __init__(self, codes: tuple[str, ...]) -> None:
        super().__init__(f"Braintree refused it ({', '.join(codes) or 'no reason given'}).")
        self.codes = codes


class KeyNotAllowed(Refused):
    """This account may not send keys of requests; nothing was done."""


class KeySpent(Refused):
    """The first request under this key failed at Braintree itself: it must be looked up, and the key is of no use."""


@dataclass(frozen=True, slots=True)
class Charge:
    """One transaction, as far as it concerns us. `refund_of` is the id of the transaction whose money goes back."""

    id: str
    order: str
    amount: Decimal
    currency: str
    status: str
    refund_of: str
    dispute: str
    """How the latest dispute about it stands, empty where there is none."""

    refusal: str
    """Why it was declined: Braintree's code or word, empty where it was not."""

    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sale:
    """Everything that leaves for a payment (Q9.2), besides the merchant account, which says the currency."""

    order: UUID
    amount: Decimal
    nonce: str


class NotSigned(ValueError):
    """What came in was not signed with our key, or is no call of Braintree."""


@dataclass(frozen=True, slots=True)
class Called:
    """What is read of a call of Braintree: what it is about, and the number of the transaction, empty where none."""

    kind: str
    transaction: str
    dispute: str
    """The number of the dispute, empty where it is about none."""


@dataclass(frozen=True, slots=True)
class Braintree:
    """One merchant at Braintree. Every method raises Transient, AnswerLost, Halted, Refused or NotHere."""

    gateway: Any
    merchant_account: str

    @classmethod
    def of_settings(cls) -> Self:
        """As the site is set up. Raises ImproperlyConfigured where an emulator is named that must not be."""
        named: dict[str, Any] = settings.BRAINTREE
        if named["EMULATOR_URL"] and (settings.PRODUCTION or not settings.PROCESSORS_EMULATED):
            raise ImproperlyConfigured("BRAINTREE_EMULATOR_URL is named: money would go to an emulator or elsewhere.")
        return cls(_gateway(tuple(named.items())), named["MERCHANT_ACCOUNT"])

    def client_token(self) -> str:
        """What the card form in the browser needs to speak to Braintree; says nothing about the person."""
        account = {"merchant_account_id": self.merchant_account} if self.merchant_account else {}
        found = asked(lambda: self.gateway.client_token.generate(account))
        if not isinstance(found, str) or not found:
            raise AnswerLost("Braintree gave no token.")
        return found

    def charge(self, sale: Sale, *, key: str) -> Charge:
        """Charge once: with the same `key` Braintree answers the same transaction again. Without a key it checks by
        itself for half a minute whether it charged the same a moment ago.

        Raises KeyNotAllowed, KeySpent besides.
        """
        wanted: dict[str, Any] = {
            "amount": f"{sale.amount:.2f}",
            "order_id": str(sale.order),
            "payment_method_nonce": sale.nonce,
            "options": {"submit_for_settlement": True},
        }
        if self.merchant_account:
            wanted["merchant_account_id"] = self.merchant_account
        if key:
            wanted["api_request_key"] = key
        return self._transaction(lambda: self.gateway.transaction.sale(wanted))

    def refund(self, transaction: str, *, amount: Decimal, order: UUID, key: str) -> Charge:
        """Send `amount` back; the refund is a transaction of its own, under our number for it."""
        wanted = {"amount": f"{amount:.2f}", "order_id": str(order)}
        number = checked(transaction)
        return self._transaction(
            lambda: self.gateway.transaction.refund(number, wanted | ({"api_request_key": key} if key else {}))
        )

    def void(self, transaction: str, *, key: str) -> Charge:
        """Take back a charge whose money has not moved yet."""
        number = checked(transaction)
        return self._transaction(
            lambda: self.gateway.transaction.void(number, {"api_request_key": key} if key else None)
        )

    def find(self, transaction: str) -> Charge:
        """One transaction by its number."""
        number = checked(transaction)
        return _charge(asked(lambda: self.gateway.transaction.find(number)))

    def of_order(self, order: UUID) -> list[Charge]:
        """Every transaction that Braintree made under our number."""
        return self._search(braintree.TransactionSearch.order_id == str(order))

    def created(self, begin: datetime, end: datetime) -> list[Charge]:
        """Every transaction made between two moments."""
        return self._search(braintree.TransactionSearch.created_at.between(begin, end))

    def heard(self, signature: str, payload: str) -> Called:
        """What a call says, once its signature is right. Raises NotSigned.

        The library's own reader makes objects of everything in it, card data too; so it is read here.
        """
        if not _PAYLOAD.fullmatch(payload) or not any(
            self._is_signed(pair, text) for pair in signature.split("&") for text in (payload, f"{payload}\n")
        ):
            raise NotSigned
        try:
            found = XmlUtil.dict_from_xml(b64decode(payload))["notification"]
            subject = found.get("subject") or {}
            dispute = subject.get("dispute") or {}
            about = subject.get("transaction") or dispute.get("transaction") or {}
            return Called(str(found["kind"]), _number(about), _number(dispute))
        except (ExpatError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise NotSigned from error

    def answer_to(self, challenge: str) -> str:
        """What Braintree wants to hear when the address of the webhook is entered there. Raises NotSigned."""
        if not _CHALLENGE.fullmatch(challenge):
            raise NotSigned
        config = self.gateway.config
        return f"{config.public_key}|{Crypto.sha1_hmac_hash(config.private_key, challenge)}"

    def _is_signed(self, pair: str, payload: str) -> bool:
        key, _, signature = pair.partition("|")
        config = self.gateway.config
        right = str(Crypto.sha1_hmac_hash(config.private_key, payload))
        return key == config.public_key and hmac.compare_digest(right.encode(), signature.encode())

    def _search(self, *terms: Any) -> list[Charge]:
        return asked(lambda: [_charge(one) for one in self.gateway.transaction.search(*terms)])

    def _transaction(self, ask: Callable[[], Any]) -> Charge:
        return asked(lambda: _result(ask()))


def is_configured() -> bool:
    """Whether the site has keys for Braintree."""
    return all(settings.BRAINTREE[name] for name in ("MERCHANT_ID", "PUBLIC_KEY", "PRIVATE_KEY"))


@lru_cache(maxsize=2)
def _gateway(settings_in_order: tuple[tuple[str, Any], ...]) -> Any:
    """One for each set of settings, so that its connections are kept; each thread has its own."""
    named = dict(settings_in_order)
    return braintree.BraintreeGateway(
        braintree.Configuration(
            _environment(named),
            named["MERCHANT_ID"],
            named["PUBLIC_KEY"],
            named["PRIVATE_KEY"],
            timeout=named["TIMEOUT"],
            wrap_http_exceptions=True,
            http_strategy=Wire,
        )
    )


def _environment(named: dict[str, Any]) -> Any:
    if not named["EMULATOR_URL"]:
        known = {"sandbox": braintree.Environment.Sandbox, "production": braintree.Environment.Production}
        return known[named["ENVIRONMENT"]]
    place = urlsplit(named["EMULATOR_URL"])
    host, port = place.hostname or "", str(place.port or 80)
    return braintree.Environment("emulated", host, port, named["EMULATOR_URL"], False, None, host, port)


def checked(transaction: str) -> str:
    """A number that Braintree can have given: of another the library says "not found" without having asked anybody."""
    if not _ID.fullmatch(transaction):
        raise Permanent("This is no number of a transaction.")
    return transaction


def asked(ask: Callable[[], T]) -> T:
    """What a call answers; whatever the library raises, as what it means for us."""
    try:
        return ask()
    except EffectError:
        raise
    except (BraintreeError, NotUnderstood, ExpatError, InvalidOperation) as error:
        raise _meaning(error) from None
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OSError) as error:
        # The library reads answers as they come: what lacks a part breaks it somewhere.
        raise AnswerLost(f"Braintree answered something else ({type(error).__name__}).") from None


def _number(found: dict[str, Any]) -> str:
    number = str(found.get("id") or "")
    return number if _ID.fullmatch(number) else ""


def _meaning(error: Exception) -> EffectError:
    """Whether it certainly did not happen, may have happened, or nothing can until staff have looked."""
    match error:
        case Busy():
            return Transient("Braintree asks us to wait.", retry_after=error.asked)
        case ConnectTimeoutError():
            return Transient("Braintree does not answer.")
        case AuthenticationError() | AuthorizationError() | UpgradeRequiredError():
            return Halted(f"Braintree does not accept our keys or our requests ({type(error).__name__}).")
        case NotFoundError():
            return NotHere("Braintree knows nothing by this number.")
        case _:
            return AnswerLost(f"Braintree's answer was lost ({type(error).__name__}).")


def _result(result: Any) -> Charge:
    """The transaction of an answer, also of one that declines. Raises what the codes mean where there is none."""
    if result is None:
        raise AnswerLost("Braintree answered something else.")
    if getattr(result, "transaction", None) is not None:
        return _charge(result.transaction)
    raise _why(result)


def require_done(result: Any) -> None:
    """An answer that brings nothing back but that it was done. Raises what the codes mean where it was not."""
    if result is None:
        raise AnswerLost("Braintree answered something else.")
    if not result.is_success:
        raise _why(result)


def _why(result: Any) -> EffectError:
    codes = tuple(sorted({str(error.code) for error in result.errors.deep_errors}))
    if _IN_FLIGHT in codes:
        return AnswerLost("Braintree is still at work on it.", look_after=_IN_FLIGHT_PAUSE)
    if _KEY_OF_ANOTHER in codes:
        return Halted("A key was sent with another request: this is an error of the site.")
    if _KEY_NOT_ALLOWED in codes:
        return KeyNotAllowed(codes)
    if _KEY_SPENT.intersection(codes):
        return KeySpent(codes)
    return Refused(codes)


def _charge(found: Any) -> Charge:
    if not _ID.fullmatch(str(found.id)) or not isinstance(found.amount, Decimal):
        raise AnswerLost("Braintree answered something else.")
    return Charge(
        id=str(found.id),
        order=str(getattr(found, "order_id", None) or ""),
        amount=found.amount,
        currency=str(getattr(found, "currency_iso_code", None) or ""),
        status=str(found.status),
        refund_of=str(getattr(found, "refunded_transaction_id", None) or ""),
        dispute=_dispute(found),
        refusal=_refusal(found),
        created_at=_moment(getattr(found, "created_at", None)),
    )


def _moment(found: Any) -> datetime | None:
    """The library reads times of UTC without saying so."""
    if not isinstance(found, datetime):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _dispute(found: Any) -> str:
    """How the latest one stands."""
    stand = [str(one.status) for one in getattr(found, "disputes", None) or [] if getattr(one, "status", None)]
    return stand[-1][:20] if stand else ""


def _refusal(found: Any) -> str:
    status = str(found.status)
    if status == "gateway_rejected":
        return f"gateway_rejected:{getattr(found, 'gateway_rejection_reason', None) or ''}"[:60]
    if status in {"processor_declined", "settlement_declined", "failed"}:
        settlement = getattr(found, "processor_settlement_response_code", None)
        return f"{status}:{settlement or getattr(found, 'processor_response_code', None) or ''}"[:60]
    return ""
