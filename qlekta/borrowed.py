"""Sentences of Django that stand in our own catalogue: its Latvian says "tu" in them, ours says "jūs" throughout."""

from typing import Final

from django.utils.translation import gettext_noop

BORROWED: Final = (gettext_noop("Enter a valid email address."), gettext_noop("Enter a valid URL."))
