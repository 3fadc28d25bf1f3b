"""The words of the vocabulary in W3C DPV 2: terms for bases, sources and categories (https://w3id.org/dpv).

A test compares every term with `tests/data/dpv_terms.json`, which was read off the published vocabularies.
"""

from typing import Final

from datamap.terms import Category, LawfulBasis, Source

CONTEXT: Final = {
    "@version": 1.1,
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "loc": "https://w3id.org/dpv/loc#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "dct": "http://purl.org/dc/terms/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""Names only, nothing to fetch: who reads the file needs no network."""

LEGAL_BASIS_TERMS: Final[dict[LawfulBasis, str]] = {
    LawfulBasis.CONSENT: "eu-gdpr:A6-1-a",
    LawfulBasis.CONTRACT: "eu-gdpr:A6-1-b",
}

SOURCE_TERMS: Final[dict[Source, str]] = {
    Source.PROVIDED: "dpv:ProvidedPersonalData",
    Source.OBSERVED: "dpv:ObservedPersonalData",
}

CATEGORY_TERMS: Final[dict[Category, str]] = {
    Category.IDENTITY: "pd:Name",
    Category.ACCOUNT: "pd:Identifying",
    Category.EMAIL: "pd:EmailAddress",
    Category.PHONE: "pd:TelephoneNumber",
    Category.ADDRESS: "pd:PhysicalAddress",
    Category.LANGUAGE: "pd:Language",
    Category.AGE: "pd:AgeRange",
    Category.CREDENTIALS: "pd:Authenticating",
    Category.NETWORK: "pd:IPAddress",
    Category.DEVICE: "pd:DeviceBased",
    Category.VISITOR_KEY: "pd:Tracking",
    Category.BEHAVIOUR: "pd:BrowsingBehavior",
    Category.CONSENT: "pd:PrivacyPreference",
    Category.FREE_TEXT: "pd:Communication",
    Category.PUBLIC_CONTENT: "pd:Communication",
    Category.FINANCIAL: "pd:Transactional",
    Category.BANK_ACCOUNT: "pd:BankAccount",
    Category.REQUEST: "pd:Communication",
}
