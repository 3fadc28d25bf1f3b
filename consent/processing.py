"""What is done on a consent, as the declarations of the site have it: data, recipients, storage (Art. 13(1)-(2))."""

from collections.abc import Iterable
from typing import Any, Final

from django.utils.translation import gettext as _

from consent.terms import ConsentPurpose
from datamap.catalogue import catalogue
from datamap.declarations import Holding, Recipient
from datamap.dpv import CATEGORY_TERMS, LEGAL_BASIS_TERMS, SOURCE_TERMS
from datamap.registry import registry
from datamap.terms import Category, LawfulBasis, RecipientRole

PURPOSE_TERMS: Final[dict[str, str]] = {
    ConsentPurpose.MARKETING_EMAIL: "dpv:DirectMarketing",
    ConsentPurpose.EMAIL_ANALYSIS: "dpv:Marketing",
    ConsentPurpose.PROFILING: "dpv:PersonalisedAdvertising",
    ConsentPurpose.LOYALTY: "dpv:PersonalisedBenefits",
    ConsentPurpose.COOKIE_FUNCTIONAL: "dpv:Personalisation",
    ConsentPurpose.COOKIE_ANALYTICS: "dpv:ImproveExistingProductsAndServices",
    ConsentPurpose.COOKIE_MARKETING: "dpv:Advertising",
}
"""The nearest purpose of DPV; where there is none, the purpose has its title and description alone."""

ROLE_TERMS: Final[dict[RecipientRole, str]] = {
    RecipientRole.PROCESSOR: "dpv:DataProcessor",
    RecipientRole.JOINT_CONTROLLER: "dpv:DataController",
    RecipientRole.CONTROLLER: "dpv:DataController",
    RecipientRole.AUTHORITY: "dpv:Authority",
    RecipientRole.PERSON: "dpv:ThirdParty",
}


def holdings_for(purpose: str) -> list[Holding]:
    """The tables that serve a purpose."""
    return [holding for holding in registry().holdings if purpose in holding.purposes]


def categories_for(purpose: str) -> list[Category]:
    """The categories of data processed for a purpose; the record of the consent itself is always among them."""
    found = {item.category for holding in holdings_for(purpose) for item in holding.personal.values()}
    return [category for category in Category if category in found or category == Category.CONSENT]


def recipients_for(purpose: str) -> list[Recipient]:
    """Who receives data of the tables that serve a purpose."""
    codes = {code for holding in holdings_for(purpose) for code in holding.recipients}
    return [item for code, item in catalogue().recipients.items() if code in codes]


def process(code: str) -> dict[str, Any]:
    """The processing that a consent allows, in the words of DPV-27560."""
    purpose = catalogue().purposes[code]
    holdings = holdings_for(code)
    return {
        "@type": "dpv:Process",
        "dpv:hasPurpose": {
            "@type": ["dpv:Purpose", *([PURPOSE_TERMS[code]] if code in PURPOSE_TERMS else [])],
            "dct:identifier": code,
            "dct:title": str(purpose.label),
            "dct:description": str(purpose.description),
        },
        "dpv:hasLegalBasis": {"@id": LEGAL_BASIS_TERMS[LawfulBasis.CONSENT]},
        "dpv:hasPersonalData": [
            {"@type": ["dpv:PersonalData", CATEGORY_TERMS[item]], "dct:title": str(item.label)}
            for item in categories_for(code)
        ],
        "dpv:hasDataSource": [{"@id": term} for term in _sources(holdings)],
        "dpv:hasRecipient": [_recipient(item) for item in recipients_for(code)],
        "dpv:hasStorageCondition": [_place(), *_durations(holdings)],
    }


def _sources(holdings: Iterable[Holding]) -> list[str]:
    return sorted({SOURCE_TERMS[item.source] for item in holdings if item.source in SOURCE_TERMS})


def _recipient(recipient: Recipient) -> dict[str, Any]:
    return {
        "@type": ["dpv:Recipient", ROLE_TERMS[recipient.role]],
        "dct:identifier": recipient.code,
        "dpv:hasName": recipient.name,
        "dpv:hasContact": recipient.contact or recipient.policy_url,
        "dpv:hasLocation": {"@id": f"loc:{recipient.country}"},
        "dct:description": f"{recipient.service} ({recipient.safeguard.label})",
    }


def _place() -> dict[str, Any]:
    return {
        "@type": "dpv:StorageLocation",
        "dpv:hasLocation": {"@id": f"loc:{catalogue().controller.country}"},
        "dct:description": _("In our own systems; with each recipient in the country that is named with it."),
    }


def _durations(holdings: Iterable[Holding]) -> list[dict[str, Any]]:
    """The storage rule of each table, and that of the proof of the consent itself (rule K10)."""
    rules = {holding.period: str(holding.label) for holding in holdings} | {"CONSENT_PROOF": _("proof of this consent")}
    found = []
    for code, of in rules.items():
        rule = catalogue().periods[code]
        found.append(
            {
                "@type": "dpv:StorageDuration",
                "dct:identifier": code,
                "dct:title": of,
                "dpv:hasDuration": " ".join(filter(None, [str(rule.label), str(rule.starts)])),
            }
        )
    return found
