"""Contact details as others may see them: in a listing where the person chose it, and nowhere else (policy 8.5)."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from accounts.models import User
from datamap.scopes import contact_scope
from datamap.terms import SubjectKey
from datamap.trace import Subject
from datamap.uses import on_consent


class Channel(StrEnum):
    """The contact details that can be published; the words of the scope of a consent."""

    PHONE = "phone"
    EMAIL = "email"


@on_consent("CONTACT_PUBLISH", scope=contact_scope)
def published_contact(person: Subject, listing: UUID, channel: Channel, *, now: datetime) -> str:
    """Shows one contact detail of the seller with one listing; empty where she has none.

    Raises NotPermitted unless she consents now to this channel in this listing.
    """
    user = User.objects.select_related("profile").filter(pk__in=person.keys(SubjectKey.USER)).first()
    if user is None:
        return ""
    if channel is Channel.EMAIL:
        return user.email
    return user.profile.phone if hasattr(user, "profile") else ""
