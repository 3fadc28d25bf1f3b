"""What people are called where others see them: the name they chose, and nothing of their account (Q8.12)."""

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from datamap.terms import Text


def public_name(user: User | None) -> Text:
    """The chosen name; who has left is called the same as everybody who has left."""
    if user is None:
        return _("Deleted user")
    return user.display_name or _("Somebody without a public name")
