"""Somebody reports a listing, or what another one wrote to her (Regulation 2022/2065 Art. 16)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from datamap.catalogue import length_of
from mailing.composing import checked_address
from marketplace import report_letters
from marketplace.models import Conversation, Listing, Report, ReportedText
from marketplace.refusals import Refused
from marketplace.report_terms import ReportKind, ReportState
from vault.tokens import email_token, token

MOST_A_DAY: Final = 20
"""So many reports of one account; and so many acknowledgements go to one address, whoever reports under it."""


class ReportRefused(Refused):
    """Nothing was kept; `message` is the sentence for whoever reports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is wrong, in the language of the answer; `address` is of who has no account, `once` names the form."""

    kind: ReportKind
    text: str
    language: str
    address: str = ""
    once: str = ""


def report(about: Listing | Conversation, told: Told, *, user: Any = None, now: datetime) -> Report:
    """Keep a report with what the listing says now, and acknowledge it; twice is once. Nothing is taken down by it.

    No account is looked up: every address gets the same (security I2). The same words while they wait for a decision
    are the same report: the way back and a second tab send them again. Raises InvalidAddress, and ReportRefused after
    too many of one account.
    """
    address = checked_address(told.address) if user is None else ""
    whose = email_token(address) if address else ""
    values = {
        "listing": about if isinstance(about, Listing) else None,
        "conversation": about if isinstance(about, Conversation) else None,
        "user": user,
        "email_token": whose,
        "email": address,
        "kind": told.kind,
        "text": told.text,
        "language": told.language,
        "arrived_at": now,
    }
    if waiting := _waiting_with(values):
        return waiting
    parts = (told.once or uuid4().hex, str(about.pk), str(getattr(user, "pk", address)), told.kind, told.text)
    with transaction.atomic():
        key = token("|".join(parts), purpose="marketplace.report")
        found, is_new = Report.objects.get_or_create(once=key, defaults=values)
        today = Report.objects.filter(user=user, email_token=whose, arrived_at__gt=now - length_of("ATTEMPTS")).count()
        if is_new and user is not None and today > MOST_A_DAY:
            raise ReportRefused(_("That is more than we can take from one person in a day. Please come back tomorrow."))
        if is_new and isinstance(about, Listing):
            _keep_text(found, about)
        if is_new and today <= MOST_A_DAY:
            report_letters.acknowledge(found, now=now)
    return found


def _waiting_with(values: dict[str, Any]) -> Report | None:
    same = {name: values[name] for name in ("listing", "conversation", "user", "email_token", "kind")}
    waiting = Report.objects.filter(**same, state=ReportState.OPEN)[:MOST_A_DAY]
    return next((report for report in waiting if report.text == values["text"]), None)


def _keep_text(found: Report, listing: Listing) -> None:
    """What everybody could read at this moment; a seller who has left is nobody."""
    ReportedText.objects.create(
        report=found, seller_id=listing.seller_id, title=listing.title, description=listing.description
    )
