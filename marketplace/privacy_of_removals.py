"""What a removal adds to a comment and to what a buyer said (policy clause 14; Q14.6)."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Personal
from datamap.terms import BLANK, Category, OnErasure, withhold

STAFF: Final = withhold(_("who on our side decided; names of staff are not part of your data"))


def removal(stays: OnErasure) -> dict[str, Personal]:
    """The fields of `Removable`; `stays` says why what is shown stays without its author."""
    return {
        "state": Personal(Category.PUBLIC_CONTENT, on_erasure=stays),
        "removed_at": Personal(Category.PUBLIC_CONTENT, on_erasure=stays),
        "removed_for": Personal(
            Category.PUBLIC_CONTENT, on_erasure=BLANK, note="why staff removed it, as its author was told"
        ),
        "removed_by": Personal(
            Category.PUBLIC_CONTENT, on_access=STAFF, on_erasure=BLANK, label=_("who of our staff removed it")
        ),
    }
