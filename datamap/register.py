"""The Art. 30 record of processing activities, derived from the declarations: nobody writes it by hand."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from datamap.catalogue import catalogue, cited
from datamap.declarations import Holding, Recipient
from datamap.registry import registry
from datamap.terms import RIGHTS_BY_BASIS, Category, Erasure, LawfulBasis, Safeguard, Source, SubjectKey, Text


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One processing activity: one table of one purpose group (Art. 30(1)(a)-(g), and what we add).

    limits       how long each category of data is kept, with what an erasure has to leave
    transfers    recipients outside the European Economic Area with country and safeguard
    contracts    the contracts with the processors among the recipients (Art. 28)
    balancing    the assessment of a legitimate interest: when decided, when it is looked at again
    """

    activity: str
    table: str
    purposes: tuple[str, ...]
    lawful_basis: str
    act: str
    balancing: tuple[str, ...]
    subjects: tuple[str, ...]
    categories: tuple[str, ...]
    source: str
    recipients: tuple[str, ...]
    transfers: tuple[str, ...]
    contracts: tuple[str, ...]
    erased_after: str
    counted_from: str
    limits: tuple[str, ...]
    rights: tuple[str, ...]
    measures: str
    controller: str
    joint_controllers: tuple[str, ...]
    representative: str
    officer: str
    owner: str
    reviewed_on: str
    version: str


MEASURES: Final = gettext_lazy(
    "TLS with HSTS; passwords as Argon2 hashes; a second factor for staff; encryption with a key for each person"
    " (AES-256-GCM); append-only, hash-chained records; deletion by schedule, with reports; a database role with few"
    " rights."
)
"""Art. 32(1) measures, the same for every activity (Art. 30(1)(g))."""

COLUMNS: Final[dict[str, Text]] = {
    "activity": gettext_lazy("Activity"),
    "table": gettext_lazy("Table"),
    "purposes": gettext_lazy("Purposes"),
    "lawful_basis": gettext_lazy("Lawful basis"),
    "act": gettext_lazy("Act"),
    "balancing": gettext_lazy("Balancing test"),
    "subjects": gettext_lazy("Categories of people"),
    "categories": gettext_lazy("Categories of data"),
    "source": gettext_lazy("Source"),
    "recipients": gettext_lazy("Recipients"),
    "transfers": gettext_lazy("Transfers"),
    "contracts": gettext_lazy("Contracts with processors"),
    "erased_after": gettext_lazy("Erased after"),
    "counted_from": gettext_lazy("Counted from"),
    "limits": gettext_lazy("Time limits by category"),
    "rights": gettext_lazy("Rights"),
    "measures": gettext_lazy("Security measures"),
    "controller": gettext_lazy("Controller"),
    "joint_controllers": gettext_lazy("Joint controllers"),
    "representative": gettext_lazy("Representative"),
    "officer": gettext_lazy("Data protection officer"),
    "owner": gettext_lazy("Kept by"),
    "reviewed_on": gettext_lazy("Last looked through"),
    "version": gettext_lazy("Version of the rule"),
}
"""What the columns of the register are called, in their order."""

_SUBJECTS: Final[dict[SubjectKey, Text]] = {
    SubjectKey.USER: gettext_lazy("people with an account"),
    SubjectKey.ALSO: gettext_lazy("the other side of a deal or a conversation"),
    SubjectKey.EMAIL: gettext_lazy("people who write to us or get letters from us"),
    SubjectKey.PHONE: gettext_lazy("people who call us"),
    SubjectKey.VISITOR: gettext_lazy("visitors of the site"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """A processing that no table of ours holds, such as what is kept in a visitor's browser.

    `ACTIVITIES` in a `privacy.py` names functions `() -> list[Activity]`, asked in the active language. `place` stands
    where the name of a table would, `purposes` are codes of the catalogue, `kept` says of each part how long.
    """

    label: Text
    place: str
    purposes: tuple[str, ...]
    basis: LawfulBasis
    subjects: tuple[SubjectKey, ...]
    categories: tuple[Category, ...]
    source: Source
    recipients: tuple[str, ...]
    transfers: tuple[str, ...]
    kept: tuple[str, ...]
    counted_from: str
    version: str


def register_entries() -> list[RegisterEntry]:
    """The register in the order of the apps, in the active language: the tables, then what no table holds."""
    others = [item for path in registry().activities for item in import_string(path)()]
    return [*(_entry(holding) for holding in registry().holdings), *(_entry_of_activity(item) for item in others)]


def _entry_of_activity(item: Activity) -> RegisterEntry:
    return RegisterEntry(
        activity=str(item.label),
        table=item.place,
        purposes=tuple(str(catalogue().purposes[code].label) for code in item.purposes),
        lawful_basis=str(item.basis.label),
        act="",
        balancing=(),
        subjects=tuple(str(_SUBJECTS[key]) for key in item.subjects),
        categories=tuple(str(category.label) for category in item.categories),
        source=str(item.source.label),
        recipients=item.recipients,
        transfers=item.transfers,
        contracts=tuple(_contract(found) for found in catalogue().recipients.values() if _is_among(found, item)),
        erased_after="; ".join(item.kept),
        counted_from=item.counted_from,
        limits=item.kept,
        rights=tuple(sorted(str(right.label) for right in RIGHTS_BY_BASIS[item.basis])),
        version=item.version,
        **_of_everything(item.purposes),
    )


def _is_among(recipient: Recipient, item: Activity) -> bool:
    return recipient.contract is not None and any(name.startswith(recipient.name) for name in item.recipients)


def _of_everything(purposes: tuple[str, ...]) -> dict[str, Any]:
    """What the register says of every activity alike."""
    facts = catalogue()
    controller = facts.controller
    return {
        "measures": str(MEASURES),
        "controller": _of_controller(),
        "joint_controllers": tuple(
            f"{item.name}, {item.contact}" for item in facts.joint_controllers if set(item.purposes) & set(purposes)
        ),
        "representative": str(controller.representative) or _("none: the controller is in the European Union"),
        "officer": str(controller.officer) or _("none appointed: Art. 37(1) GDPR does not ask for one"),
        "owner": str(controller.owner) or controller.name,
        "reviewed_on": controller.reviewed_on.isoformat() if controller.reviewed_on else "",
    }


def _entry(holding: Holding) -> RegisterEntry:
    facts = catalogue()
    period = facts.periods[holding.period]
    recipients = [facts.recipients[code] for code in holding.recipients]
    return RegisterEntry(
        activity=str(holding.label),
        table=holding.model,
        purposes=tuple(str(facts.purposes[code].label) for code in holding.purposes),
        lawful_basis=str(holding.basis.label),
        act=cited(holding.act),
        balancing=tuple(_balancing(holding)),
        subjects=subjects_of(holding),
        categories=categories_of(holding),
        source=str(holding.source.label),
        recipients=tuple(f"{item.name} ({item.role.label})" for item in recipients),
        transfers=tuple(_transfer(item) for item in recipients if item.safeguard is not Safeguard.NONE_NEEDED),
        contracts=tuple(_contract(item) for item in recipients if item.contract),
        erased_after=str(period.label),
        counted_from=str(period.starts),
        limits=tuple(_limits(holding)),
        rights=tuple(sorted(str(right.label) for right in RIGHTS_BY_BASIS[holding.basis])),
        version=version_of(holding),
        **_of_everything(holding.purposes),
    )


def _of_controller() -> str:
    controller = catalogue().controller
    return f"{controller.name}, {controller.registration_number}, {controller.address}, {controller.email}"


def _balancing(holding: Holding) -> Iterator[str]:
    for code in holding.purposes:
        purpose = catalogue().purposes[code]
        if purpose.balancing and purpose.basis is LawfulBasis.LEGITIMATE_INTERESTS:
            yield _("%(purpose)s: decided %(day)s, to be looked at again by %(review)s") % {
                "purpose": purpose.label,
                "day": purpose.balancing.decided_on,
                "review": purpose.balancing.review_on.isoformat(),
            }


def _transfer(recipient: Recipient) -> str:
    return f"{recipient.name}: {recipient.country}, {recipient.safeguard.label}"


def _contract(recipient: Recipient) -> str:
    contract = recipient.contract
    return f"{recipient.name}: {contract.reference}, {contract.signed_on.isoformat()}" if contract else ""


def _limits(holding: Holding) -> Iterator[str]:
    """Each category once with its term, and after it what stays longer or for a reason of its own."""
    periods = catalogue().periods
    label = periods[holding.period].label
    for category in Category:
        items = [item for item in holding.personal.values() if item.category is category]
        if not items:
            continue
        kept = {
            f"{cited(item.on_erasure.act)}: {periods[item.on_erasure.until or holding.period].label}"
            for item in items
            if item.on_erasure.verdict is Erasure.KEEP
        }
        after = f" ({_('after an erasure')} – {'; '.join(sorted(kept))})" if kept else ""
        yield f"{category.label}: {label}{after}"
    if (own := holding.unpublished) is not None and own.period:
        yield f"{own.label}: {periods[own.period].label}"


def subjects_of(holding: Holding) -> tuple[str, ...]:
    """The categories of people in one table: the ways by which its rows lead to somebody (Art. 30(1)(c))."""
    return tuple(str(label) for key, label in _SUBJECTS.items() if key in holding.about)


def categories_of(holding: Holding) -> tuple[str, ...]:
    """The categories of data in one table, each once, in the order of the vocabulary."""
    present = {item.category for item in holding.personal.values()}
    return tuple(str(category.label) for category in Category if category in present)


def version_of(holding: Holding) -> str:
    """A short hash over what the declaration means, so that every report can name the rule it followed."""
    meaning: dict[str, Any] = {
        "model": holding.model,
        "about": {kind: str(way) for kind, way in sorted(holding.about.items())},
        "purposes": holding.purposes,
        "basis": holding.basis.value,
        "period": holding.period,
        "sooner": holding.unpublished.period if holding.unpublished else "",
        "term": str(catalogue().periods[holding.period].term) if holding.period in catalogue().periods else "",
        "personal": {
            name: (
                item.category.value,
                item.on_access.verdict.value,
                item.on_erasure.verdict.value,
                item.on_erasure.until,
            )
            for name, item in sorted(holding.personal.items())
        },
        "neutral": sorted(holding.neutral),
        "recipients": holding.recipients,
    }
    return hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()[:12]


def register_as_data() -> dict[str, Any]:
    """The register as plain data for JSON and CSV, in the active language."""
    controller = catalogue().controller
    return {
        "controller": {
            "name": controller.name,
            "registration_number": controller.registration_number,
            "address": controller.address,
            "email": controller.email,
            "country": controller.country,
        },
        "security_measures": str(MEASURES),
        "activities": [asdict(entry) for entry in register_entries()],
    }
