"""The words of the registers: kinds of recipients, grounds of a disclosure, risks and duties of a breach (clause 8)."""

from datetime import timedelta
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from datamap.terms import Text


class RecipientKind(TextChoices):
    """To whom data may be disclosed (policy clause 8.2); nobody else is a possible recipient."""

    AUTHORITY = "authority", _("state authority or an institution it authorised")
    COURT = "court", _("court")
    ADVOCATE = "advocate", _("sworn advocate")
    BAILIFF = "bailiff", _("bailiff")
    DEBT_COLLECTOR = "debt_collector", _("debt collector")
    INSOLVENCY = "insolvency", _("insolvency administrator")
    SECURITY = "security", _("whoever acts against abuse, fraud or a crime")
    ADVISER = "adviser", _("lawyer, accountant or auditor")
    PARTNER = "partner", _("partner whom the person agreed to")


BY_REQUEST: Final = frozenset(
    {RecipientKind.AUTHORITY, RecipientKind.COURT, RecipientKind.ADVOCATE, RecipientKind.BAILIFF}
)
"""Get data only by a registered request that two people approved (Q8.5)."""


DESPITE_RESTRICTION: Final = BY_REQUEST | {
    RecipientKind.DEBT_COLLECTOR,
    RecipientKind.INSOLVENCY,
    RecipientKind.SECURITY,
}
"""Whom Art. 18(2) leaves for a restricted person: legal claims, another's rights, an important public interest."""


class Ground(TextChoices):
    """Why a disclosure is lawful (policy clause 8.1)."""

    CONSENT = "A6_1_A", _("the person agreed – Art. 6(1)(a) GDPR")
    LEGAL_OBLIGATION = "A6_1_C", _("a law asks for it – Art. 6(1)(c) GDPR")
    LEGITIMATE_INTERESTS = "A6_1_F", _("claims or legitimate interests – Art. 6(1)(f) GDPR")


class RequestState(TextChoices):
    """How far a request by an authority has come."""

    REGISTERED = "registered", _("waits for the second person")
    APPROVED = "approved", pgettext_lazy("request of an authority", "approved")
    REFUSED = "refused", pgettext_lazy("request of an authority", "refused")
    ANSWERED = "answered", pgettext_lazy("request of an authority", "data given out")


class ReportedBy(TextChoices):
    """Who told us of a breach; a kind, never a name."""

    MONITORING = "monitoring", _("our own monitoring")
    STAFF = "staff", _("a member of staff")
    PROCESSOR = "processor", _("a processor – Art. 33(2) GDPR")
    SUBJECT = "subject", _("a data subject")
    AUTHORITY = "authority", _("an authority")
    OTHER = "other", _("somebody else")


class Risk(TextChoices):
    """The outcome of the assessment of a breach (Art. 33(1), 34(1))."""

    UNKNOWN = "", _("not assessed")
    NONE = "none", _("a risk is unlikely: only the register")
    RISK = "risk", _("a risk: the authority is told")
    HIGH = "high", _("a high risk: the authority and the people are told")


class Exemption(TextChoices):
    """Why the people need not be told of a breach with a high risk (Art. 34(3))."""

    NONE = "", _("none")
    UNINTELLIGIBLE = "a", _("the data cannot be read by whoever has them – Art. 34(3)(a) GDPR")
    AVERTED = "b", _("the high risk is no longer likely – Art. 34(3)(b) GDPR")
    PUBLIC = "c", _("a public notice instead, since telling each would be out of proportion – Art. 34(3)(c) GDPR")


ACTIONS: Final[dict[str, Text]] = {
    "opened": _("entered"),
    "described": _("facts added"),
    "assessed": _("risk assessed"),
    "authority_told": _("authority told"),
    "people_told": _("people told"),
    "exempted": _("people need not be told"),
    "closed": _("closed"),
}
"""What the steps of a breach are called where staff read them."""


def action_words(action: str) -> Text:
    """A step of a breach in words."""
    return ACTIONS.get(action, action)


ALARM_BEFORE: Final = timedelta(hours=24)
"""So long before the 72 hours are over a breach without assessment or notice raises an alarm."""

REMIND_DAYS: Final = (60, 30, 7)
"""So many days before a contract, a transfer mechanism or a review is due somebody is reminded."""
