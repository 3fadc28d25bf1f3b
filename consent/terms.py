"""The words of consent: states by W3C DPV, methods, and the consents a person can give (rules K3, K7)."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ConsentState(TextChoices):
    """State of one consent; only GIVEN and RENEWED permit processing (DPV `valid_for_processing`)."""

    UNKNOWN = "unknown", _("never asked or no proof")
    REQUESTED = "requested", _("asked, not answered")
    REFUSED = "refused", _("refused")
    GIVEN = "given", _("given")
    RENEWED = "renewed", _("given again")
    WITHDRAWN = "withdrawn", pgettext_lazy("consent", "withdrawn")
    EXPIRED = "expired", _("run out")
    INVALIDATED = "invalidated", _("declared invalid by us")
    RENEWAL_NEEDED = "renewal_needed", _("the wording has changed: needs a new answer")


PERMITTING: Final = frozenset({ConsentState.GIVEN, ConsentState.RENEWED})


class Method(TextChoices):
    """How a choice was made (rule K2)."""

    SIGNUP_FORM = "signup_form", _("sign-up form")
    CONSENTS_PAGE = "consents_page", _("page of consents")
    COOKIE_BANNER = "cookie_banner", _("cookie banner")
    COOKIE_SETTINGS = "cookie_settings", _("cookie settings")
    COOKIE_PLACEHOLDER = "cookie_placeholder", _("button in place of what was not loaded")
    ACCOUNT = "account", _("account")
    PAPER = "paper", _("on paper")
    EMAIL = "email", _("by e-mail")
    NEWSLETTER_FORM = "newsletter_form", _("newsletter form, confirmed by e-mail")
    UNSUBSCRIBE_LINK = "unsubscribe_link", _("unsubscribe link in a message")
    LISTING = "listing", _("step 4 of a listing")
    SURVEY_FORM = "survey_form", _("form of a survey, promotion or draw")
    ERASURE = "erasure", _("with the deletion of what was held about the address")


class ConsentPurpose(TextChoices):
    """The purposes that rest on consent; the codes are those of the catalogue."""

    MARKETING_EMAIL = "MARKETING_EMAIL", _("Commercial messages by e-mail")
    EMAIL_ANALYSIS = "EMAIL_ANALYSIS", _("Analysis of e-mail marketing")
    PROFILING = "PROFILING", _("Profile of your shopping habits")
    LOYALTY = "LOYALTY", _("Loyalty programme")
    CONTACT_PUBLISH = "CONTACT_PUBLISH", _("Publication of your contact details")
    SURVEY = "SURVEY", _("Survey, promotion or draw")
    COOKIE_FUNCTIONAL = "COOKIE_FUNCTIONAL", _("Functional cookies")
    COOKIE_ANALYTICS = "COOKIE_ANALYTICS", _("Analytical cookies")
    COOKIE_MARKETING = "COOKIE_MARKETING", _("Marketing cookies")


ACCOUNT_PURPOSES: Final = (
    ConsentPurpose.MARKETING_EMAIL,
    ConsentPurpose.EMAIL_ANALYSIS,
    ConsentPurpose.PROFILING,
    ConsentPurpose.LOYALTY,
)
"""Given and withdrawn for the account as a whole, at sign-up or on the page of consents."""

PIECEWISE_PURPOSES: Final = (ConsentPurpose.CONTACT_PUBLISH, ConsentPurpose.SURVEY)
"""Given where the thing itself is: one by one, for a listing or a survey; taken back on the page of consents too."""

COOKIE_PURPOSES: Final = (
    ConsentPurpose.COOKIE_FUNCTIONAL,
    ConsentPurpose.COOKIE_ANALYTICS,
    ConsentPurpose.COOKIE_MARKETING,
)
"""Chosen per browser under a random receipt, not per account."""
