"""Contracts with processors: which one is in force, whether data may go out under it, and entering a new one (Art. 28).

The catalogue carries the contract that was in force when this version of the site was made, so that a new installation
works; what staff enter afterwards counts from its first day on. A contract that was ended is entered with its last day.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import models, transaction
from django.utils.translation import gettext as _

from audit import trail
from audit.ledger import append
from audit.trail import Actor
from datamap.catalogue import catalogue
from datamap.gate import Decision
from datamap.periods import RIGA
from datamap.register import categories_of, subjects_of
from datamap.registry import registry
from datamap.terms import RecipientRole, Safeguard
from registers.models import ContractVersion
from registers.refusals import RegisterRefused
from registers.remembering import remember

_COPIED: Final = (
    "reference",
    "signed_on",
    "starts_on",
    "ends_on",
    "transfer_ends_on",
    "review_on",
    "instructions",
    "confidentiality",
    "measures",
    "subprocessors",
    "assistance",
    "at_end",
    "audits",
    "file_sha256",
)


def under_contract() -> list[str]:
    """The codes of all recipients that get data under a contract: processors (Art. 28), and others in third countries
    (Art. 46; Q9.4)."""
    recipients = catalogue().recipients.items()
    return [code for code, item in recipients if item.role is RecipientRole.PROCESSOR or item.contract is not None]


Entered = Sequence[ContractVersion]
"""All contracts that staff entered, the last first: read once by whoever asks about many recipients."""


def entered() -> Entered:
    return list(ContractVersion.objects.all())


def contract_on(recipient: str, day: date, *, among: Entered | None = None) -> ContractVersion | None:
    """What was agreed with a processor for a day: of those that had begun, the one entered last; else the catalogue's,
    as a row that is not stored; None where there is none."""
    known = ContractVersion.objects.filter(recipient=recipient, starts_on__lte=day)[:1] if among is None else among
    begun = (version for version in known if version.recipient == recipient and version.starts_on <= day)
    return next(begun, None) or from_catalogue(recipient)


def from_catalogue(recipient: str) -> ContractVersion | None:
    """The contract that the catalogue declares, in the active language, not stored."""
    declared = catalogue().recipients[recipient]
    if declared.contract is None:
        return None
    return ContractVersion(
        recipient=recipient,
        contact=declared.contact,
        transfer=transfer_of(recipient),
        note=_("as declared in the catalogue"),
        **{name: _plain(getattr(declared.contract, name)) for name in _COPIED},
    )


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, date) else str(value)


def transfer_of(recipient: str) -> str:
    """Country and safeguard as the catalogue declares them (Art. 44-46)."""
    declared = catalogue().recipients[recipient]
    return f"{declared.country}: {declared.safeguard.label}"


def answer(recipient: str, now: datetime) -> Decision | None:
    """The answer to `datamap.transfers.may_hand_over` (Q8.6, Q9.4)."""
    return decide(recipient, now.astimezone(RIGA).date())


def decide(recipient: str, day: date, *, among: Entered | None = None) -> Decision:
    """Whether the contract and the transfer mechanism of a recipient hold on a day; their last days count in."""
    contract = contract_on(recipient, day, among=among)
    if contract is None:
        return Decision(False, "no contract on record")
    if day < contract.starts_on:
        return Decision(False, f"the contract begins on {contract.starts_on.isoformat()}")
    if contract.ends_on is not None and day > contract.ends_on:
        return Decision(False, f"the contract ended on {contract.ends_on.isoformat()}")
    if contract.transfer_ends_on is not None and day > contract.transfer_ends_on:
        return Decision(False, f"the transfer mechanism ended on {contract.transfer_ends_on.isoformat()}")
    return Decision(True, "contract in force", proof=f"{contract._meta.label}:{contract.pk or 'catalogue'}")


def stopped_processors(*, now: datetime) -> list[str]:
    """The recipients that get nothing now because their contract is not in force (Q8.6)."""
    today, among = now.astimezone(RIGA).date(), entered()
    return [code for code in under_contract() if not decide(code, today, among=among)]


def stops_within(recipient: str, days: int, *, today: date, among: Entered | None = None) -> bool:
    """True where data may still go today, but not any more so many days from now."""
    later = today + timedelta(days=days)
    return bool(decide(recipient, today, among=among)) and not decide(recipient, later, among=among)


def enter(values: dict[str, Any], *, by: models.Model, now: datetime) -> ContractVersion:
    """Enter a contract, its renewal, its change or its end; `values` are the columns of ContractVersion.

    Raises RegisterRefused for somebody who is no processor, for dates out of order and for missing columns.
    """
    version = ContractVersion(at=now, **values)
    _check(version, now)
    with transaction.atomic():
        trail.record(
            "contract.entered", actor=Actor.of(by), kind=ContractVersion._meta.label, details=_facts(version), now=now
        )
        remember(append(version), now=now)
    return version


def _check(version: ContractVersion, now: datetime) -> None:
    if version.recipient not in under_contract():
        raise RegisterRefused(_("The catalogue knows no processor of this code."))
    if version.ends_on is not None and version.ends_on < version.starts_on:
        raise RegisterRefused(_("The contract cannot end before it begins."))
    if version.signed_on > now.astimezone(RIGA).date():
        raise RegisterRefused(_("A contract that is not signed yet cannot be entered."))
    needs_end = catalogue().recipients[version.recipient].safeguard is not Safeguard.NONE_NEEDED
    if needs_end and not version.transfer.strip():
        raise RegisterRefused(_("Data go to a third country: name the transfer mechanism."))


def _facts(version: ContractVersion) -> dict[str, str | int]:
    return {
        "recipient": version.recipient,
        "starts_on": version.starts_on.isoformat(),
        "ends_on": version.ends_on.isoformat() if version.ends_on else "",
    }


def handed_over(recipient: str) -> dict[str, list[str]]:
    """What this processor gets, from the declarations: categories of data, and of people (Art. 28(3))."""
    holdings = [item for item in registry().holdings if recipient in item.recipients]
    return {
        "categories": list(dict.fromkeys(word for item in holdings for word in categories_of(item))),
        "subjects": list(dict.fromkeys(word for item in holdings for word in subjects_of(item))),
    }
