"""Disputes as Braintree speaks of them: a few facts in, an acceptance or a text out; nothing of a card (Q8.19)."""

import warnings
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from payments.cards.gateway import Braintree, asked, checked, require_done
from payments.models.disputes import OPEN

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # the library's own
    from braintree import DisputeSearch


@dataclass(frozen=True, slots=True)
class There:
    """One dispute, as far as it concerns us; `said` are the texts that lie there already."""

    number: str
    transaction: str
    kind: str
    why: str
    amount: Decimal
    status: str
    reply_by: date | None
    said: frozenset[str] = field(repr=False)


def find(number: str) -> There:
    """One dispute by its number. Raises what every call to Braintree does."""
    gateway = Braintree.of_settings().gateway
    return asked(lambda: read(gateway.dispute.find(checked(number))))


def still_open() -> list[There]:
    """Every dispute to which Braintree takes an answer now."""
    gateway = Braintree.of_settings().gateway
    wanted = DisputeSearch.status == OPEN
    return asked(lambda: [read(one) for one in gateway.dispute.search(wanted).disputes.items])


def accept(number: str) -> None:
    """The money stays with who paid: no answer of ours, and no way back."""
    gateway = Braintree.of_settings().gateway
    asked(lambda: require_done(gateway.dispute.accept(checked(number))))


def send_evidence(number: str, text: str) -> None:
    """Put a text there; it is not the answer before `finalize`."""
    gateway = Braintree.of_settings().gateway
    asked(lambda: require_done(gateway.dispute.add_text_evidence(checked(number), text)))


def finalize(number: str) -> None:
    """What lies there is our answer: the bank decides on it."""
    gateway = Braintree.of_settings().gateway
    asked(lambda: require_done(gateway.dispute.finalize(checked(number))))


def read(found: Any) -> There:
    """The facts of a dispute."""
    about = getattr(getattr(found, "transaction", None), "id", None)
    amount = getattr(found, "amount_disputed", None) or getattr(found, "amount", None)
    return There(
        number=checked(str(found.id)),
        transaction=str(about or ""),
        kind=str(getattr(found, "kind", None) or "")[:30],
        why=str(getattr(found, "reason", None) or "")[:60],
        amount=amount if isinstance(amount, Decimal) else Decimal(str(amount or 0)),
        status=str(found.status)[:20],
        reply_by=_day(getattr(found, "reply_by_date", None)),
        said=frozenset(str(getattr(one, "comment", "")).strip() for one in getattr(found, "evidence", None) or []),
    )


def _day(found: Any) -> date | None:
    match found:
        case datetime():
            return found.date()
        case date():
            return found
        case str(text) if text:
            return date.fromisoformat(text[:10])
    return None
