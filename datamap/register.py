"""The Art. 30 record of processing activities, derived from the declarations: nobody writes it by hand."""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from datamap.catalogue import catalogue
from datamap.declarations import Holding
from datamap.registry import registry
from datamap.terms import RIGHTS_BY_BASIS, Category


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One processing activity: one table of one purpose group (Art. 30(1)(a)-(g), and what we add)."""

    activity: str
    table: str
    controller: str
    purposes: tuple[str, ...]
    lawful_basis: str
    act: str
    categories: tuple[str, ...]
    source: str
    recipients: tuple[str, ...]
    transfers: tuple[str, ...]
    erased_after: str
    counted_from: str
    rights: tuple[str, ...]
    version: str


MEASURES = (
    "TLS with HSTS; password hashes (Argon2); second factor for staff; encryption with a key per person (AES-256-GCM); "
    "append-only hash-chained records; scheduled deletion with reports; least-privilege database role."
)
"""Art. 32(1) measures, the same for every activity (Art. 30(1)(g))."""


def register_entries() -> list[RegisterEntry]:
    """The register in the order of the apps, in the active language."""
    return [_entry(holding) for holding in registry().holdings]


def _entry(holding: Holding) -> RegisterEntry:
    facts = catalogue()
    period = facts.periods[holding.period]
    recipients = [facts.recipients[code] for code in holding.recipients]
    return RegisterEntry(
        activity=str(holding.label),
        table=holding.model,
        controller=f"{facts.controller.name}, {facts.controller.registration_number}",
        purposes=tuple(str(facts.purposes[code].label) for code in holding.purposes),
        lawful_basis=str(holding.basis.label),
        act=holding.act,
        categories=categories_of(holding),
        source=str(holding.source.label),
        recipients=tuple(item.name for item in recipients),
        transfers=tuple(
            f"{item.name}: {item.country}, {item.safeguard.label}" for item in recipients if item.country != "EEA"
        ),
        erased_after=str(period.label),
        counted_from=str(period.starts),
        rights=tuple(sorted(str(right.label) for right in RIGHTS_BY_BASIS[holding.basis])),
        version=version_of(holding),
    )


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
    """The register as plain data for JSON and CSV."""
    facts = catalogue()
    return {
        "controller": asdict(facts.controller),
        "security_measures": MEASURES,
        "activities": [asdict(entry) for entry in register_entries()],
    }
