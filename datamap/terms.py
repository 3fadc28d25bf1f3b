"""The words of the GDPR and of W3C DPV that every declaration is written in."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Text = str | Promise
"""A sentence that may still wait for its language."""


class Right(TextChoices):
    """What a person may ask of the controller (Art. 7(3), 12-22, 77)."""

    ACCESS = "access", _("Access to your data")
    RECTIFICATION = "rectification", _("Correction of your data")
    ERASURE = "erasure", _("Erasure of your data")
    RESTRICTION = "restriction", _("Restriction of processing")
    PORTABILITY = "portability", _("Data portability")
    OBJECTION = "objection", _("Objection to processing")
    MARKETING_OBJECTION = "marketing_objection", _("No more advertising")
    HUMAN_REVIEW = "human_review", _("Review by a human")
    WITHDRAWAL = "withdrawal", _("Withdrawal of consent")
    COMPLAINT = "complaint", _("Complaint")
    GENERAL = "general", _("A question about your data")


class LawfulBasis(TextChoices):
    """Why processing is lawful (Art. 6(1))."""

    CONSENT = "A6_1_A", _("your consent – Art. 6(1)(a) GDPR")
    CONTRACT = "A6_1_B", _("a contract with you – Art. 6(1)(b) GDPR")
    LEGAL_OBLIGATION = "A6_1_C", _("a legal obligation – Art. 6(1)(c) GDPR")
    VITAL_INTERESTS = "A6_1_D", _("vital interests – Art. 6(1)(d) GDPR")
    PUBLIC_TASK = "A6_1_E", _("a public task – Art. 6(1)(e) GDPR")
    LEGITIMATE_INTERESTS = "A6_1_F", _("legitimate interests – Art. 6(1)(f) GDPR")


_ALWAYS = frozenset({Right.ACCESS, Right.RECTIFICATION, Right.RESTRICTION, Right.COMPLAINT})

RIGHTS_BY_BASIS: dict[LawfulBasis, frozenset[Right]] = {
    LawfulBasis.CONSENT: _ALWAYS | {Right.ERASURE, Right.PORTABILITY, Right.WITHDRAWAL},
    LawfulBasis.CONTRACT: _ALWAYS | {Right.ERASURE, Right.PORTABILITY},
    LawfulBasis.LEGAL_OBLIGATION: _ALWAYS,
    LawfulBasis.VITAL_INTERESTS: _ALWAYS | {Right.ERASURE},
    LawfulBasis.PUBLIC_TASK: _ALWAYS | {Right.OBJECTION},
    LawfulBasis.LEGITIMATE_INTERESTS: _ALWAYS | {Right.ERASURE, Right.OBJECTION},
}
"""Which rights a basis carries (Art. 7(3), 17(3)(b), 20(1)(a), 21(1); DPV legal-basis-rights mapping)."""


class Source(TextChoices):
    """Where a value came from (Art. 15(1)(g))."""

    PROVIDED = "provided", _("you gave it to us")
    OBSERVED = "observed", _("recorded while you used the site")
    DERIVED = "derived", _("computed from other data")
    INFERRED = "inferred", _("concluded from other data")
    FROM_THIRD_PARTY = "third_party", _("received from somebody else")


class Category(TextChoices):
    """Categories of personal data; the values are fideslang keys so that the map can be exchanged."""

    IDENTITY = "user.name", _("Name and identity")
    ACCOUNT = "user.account", _("Account")
    EMAIL = "user.contact.email", _("E-mail address")
    PHONE = "user.contact.phone_number", _("Telephone number")
    ADDRESS = "user.contact.address", _("Postal address")
    LANGUAGE = "user.settings.language", _("Communication language")
    AGE = "user.demographic.age_range", _("Age declaration")
    CREDENTIALS = "user.authorization.credentials", _("Log-in credentials")
    NETWORK = "user.device.ip_address", _("IP address")
    DEVICE = "user.device", _("Browser and device")
    VISITOR_KEY = "user.unique_id.pseudonymous", _("Pseudonymous identifier")
    BEHAVIOUR = "user.behavior.browsing_history", _("Pages visited")
    CONSENT = "user.privacy_preferences", _("Consents and choices")
    FREE_TEXT = "user.content.private", _("What you wrote")
    PUBLIC_CONTENT = "user.content.public", _("What you published")
    FINANCIAL = "user.financial", _("Orders and payments")
    BANK_ACCOUNT = "user.financial.bank_account", _("Bank account number")
    REQUEST = "user.correspondence", _("Requests and correspondence")


class SubjectKey(StrEnum):
    """The keys by which a row can lead to a person."""

    USER = "user"
    ALSO = "also"
    """A second account whose access copy contains the row, but whose erasure does not touch it."""
    EMAIL = "email"
    PHONE = "phone"
    VISITOR = "visitor"


class Access(TextChoices):
    """What an access copy does with a field (Art. 15(3))."""

    DISCLOSE = "disclose", _("shown in full")
    DESCRIBE = "describe", _("described")
    WITHHOLD = "withhold", _("withheld")


class Erasure(TextChoices):
    """What an erasure does with a field (Art. 17)."""

    DELETE = "delete", pgettext_lazy("erasure", "deleted")
    BLANK = "blank", pgettext_lazy("erasure", "blanked")
    DETACH = "detach", pgettext_lazy("erasure", "detached from you")
    KEEP = "keep", pgettext_lazy("erasure", "kept")

    @property
    def planned(self) -> Text:
        """The same word before it is done."""
        return _PLANNED[self]


_PLANNED: Final[dict[Erasure, Text]] = {
    Erasure.DELETE: _("will be deleted"),
    Erasure.BLANK: _("will be blanked"),
    Erasure.DETACH: _("will be detached from you"),
    Erasure.KEEP: _("will be kept"),
}


class Use(TextChoices):
    """In which way data of a person were used, as her time line sorts it."""

    LOOK = "looks", _("Seen by our staff")
    TOLD = "recipients", _("Passed on")
    REQUEST = "requests", _("Your requests and copies")
    CONSENT = "consents", _("Consents")
    MAIL = "mails", _("E-mails to you")
    LOGIN = "log-ins", _("Log-ins")
    CHANGE = "changes", _("Changes")


class RecipientRole(TextChoices):
    """What a recipient is to the controller (Art. 4(7)-(10), 26, 28)."""

    PROCESSOR = "processor", _("processor")
    JOINT_CONTROLLER = "joint_controller", _("joint controller")
    CONTROLLER = "controller", _("independent controller")
    AUTHORITY = "authority", _("authority")
    PERSON = "person", _("another person")


class Safeguard(TextChoices):
    """What protects data in a third country (Art. 45-46)."""

    NONE_NEEDED = "eea", _("stays in the European Economic Area")
    ADEQUACY = "adequacy", _("adequacy decision – Art. 45 GDPR")
    SCC = "scc", _("standard contractual clauses – Art. 46(2)(c) GDPR")


@dataclass(frozen=True, slots=True)
class OnAccess:
    """A verdict for the access copy; `reason` is compulsory where a value is not simply disclosed."""

    verdict: Access
    reason: Text = ""


@dataclass(frozen=True, slots=True)
class OnErasure:
    """A verdict for erasure; what is kept names its reason, the act that asks for it, and its end (a period's code)."""

    verdict: Erasure
    reason: Text = ""
    act: str = ""
    until: str = ""


DISCLOSE = OnAccess(Access.DISCLOSE)
DELETE = OnErasure(Erasure.DELETE)
BLANK = OnErasure(Erasure.BLANK)
DETACH = OnErasure(Erasure.DETACH)


def describe(reason: Text) -> OnAccess:
    """The access copy says that the value exists and what it is, not the value itself."""
    return OnAccess(Access.DESCRIBE, reason)


def withhold(reason: Text) -> OnAccess:
    """The access copy leaves the value out and says why (Art. 15(4), security of processing)."""
    return OnAccess(Access.WITHHOLD, reason)


def keep(reason: Text, *, act: str, until: str = "") -> OnErasure:
    """Erasure leaves the value: `reason` for the person, `act` the law or article, `until` a period's code
    (default: the holding's own period)."""
    return OnErasure(Erasure.KEEP, reason, act, until)
