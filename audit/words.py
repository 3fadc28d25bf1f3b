"""What the acts of the trail are called where the person concerned reads them (Art. 12(1), 15)."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from datamap.terms import Text

ACTS: Final[dict[str, Text]] = {
    "viewed": _("looked at"),
    "viewed_history": _("history looked at"),
    "revealed": _("looked at in clear, for the reason given"),
    "listed": _("seen in a list"),
    "added": _("added"),
    "changed": _("changed"),
    "deleted": _("deleted by staff"),
    "account.details_changed": _("you changed your details"),
    "account.email_changed": _("your address was changed"),
    "account.email_confirmed": _("your address was confirmed"),
    "account.password_changed": _("your password was changed"),
    "account.password_set": _("your password was set"),
    "account.password_reset": _("your password was set anew"),
    "copy.exported": _("a copy of your data was made"),
    "erasure.executed": _("an erasure was carried out"),
    "erasure.searched_again": _("was searched again after an erasure"),
    "restriction.placed": _("the processing was restricted"),
    "restriction.told": _("the end of a restriction was announced"),
    "restriction.lifted": _("a restriction was lifted"),
    "restriction.repeated": _("a restriction was put back after a restore"),
    "disclosure.recorded": _("a disclosure was recorded"),
    "role.given": _("a role was given"),
    "role.taken": _("a role was taken away"),
}
"""Those that can concern a person; any other stands in the copy by its code."""
