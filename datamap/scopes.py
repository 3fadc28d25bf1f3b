"""What within a purpose a consent is about: one contact detail of one listing (rule K7, policy clause 9)."""

import re
from typing import Final
from uuid import UUID

CONTACT: Final = re.compile(r"listing:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:[a-z]{2,20}")


class ScopeRefused(ValueError):
    """A consent that is given piece by piece was named as a whole, or the other way round."""

    def __init__(self) -> None:
        super().__init__("This is not what a consent of this kind can be about.")


def contact_scope(listing: UUID, channel: str) -> str:
    """The scope of a consent to publish one contact detail with one listing; `channel` is a word such as `phone`.

    Raises ScopeRefused for anything else.
    """
    scope = f"listing:{listing}:{channel}"
    if not CONTACT.fullmatch(scope):
        raise ScopeRefused
    return scope
