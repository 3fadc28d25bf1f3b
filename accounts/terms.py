"""The words of the accounts: the age rule, the languages, the kinds of log-in events (policy clauses 5.1, 6)."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

MINIMUM_AGE: Final = 16
"""The policy promises more than the Latvian law asks (13); it is never set below that."""

AGE_TEXT_VERSION: Final = "2020-05-10"
"""Which wording of the age declaration a person agreed to; it changes with the sentence on the sign-up form."""


class Language(TextChoices):
    """The languages in which Qlekta writes to a person; Latvian is the fallback (Q5.6)."""

    LATVIAN = "lv", "Latviešu"
    ENGLISH = "en", "English"
    RUSSIAN = "ru", "Русский"


class LoginKind(TextChoices):
    """What happened at the door."""

    LOGGED_IN = "in", _("logged in")
    LOGGED_OUT = "out", _("logged out")
    REFUSED = "refused", _("log-in refused")
