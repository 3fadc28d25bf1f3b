"""Letters of the marketplace: a notice with one link, in the language that is active where it is composed."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import User
from mailing.services import send


def language_of(person: User) -> str:
    """The language in which somebody with an account reads."""
    return person.language or settings.LANGUAGE_CODE


def write_to(
    person: User,
    heading: str,
    paragraphs: Sequence[str],
    *,
    link: str,
    label: str,
    now: datetime,
) -> None:
    """A letter to somebody with an account, in her language; compose the words under `language_of`."""
    language, address = language_of(person), person.email
    write(address, language, heading, paragraphs, link=link, label=label, user_id=person.pk, now=now)


def write(
    address: str,
    language: str,
    heading: str,
    paragraphs: Sequence[str],
    *,
    link: str,
    label: str,
    user_id: UUID | None,
    now: datetime,
) -> None:
    """The same to an address, in the language of whoever wrote from it. Raises what `mailing.services.send` raises."""
    context = {"heading": heading, "paragraphs": paragraphs, "link": link, "link_label": label}
    send("notice", to=address, language=language, purpose="SERVICE", context=context, user_id=user_id, now=now)


def by_a_person() -> str:
    """What every decision of our staff says of itself."""
    return _("A person decided this, not a program.")


def against() -> str:
    """What can be done about a decision."""
    return _("If you think that this is wrong, write to us and we look at it anew; you can also go to court.")
