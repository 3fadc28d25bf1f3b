"""Renders a message in the person's language, and refuses what may not be sent as it stands (policy clause 13)."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.template import Context, Engine
from django.utils import translation
from django.utils.html import escape

from datamap.catalogue import catalogue
from datamap.gate import UnknownPurpose
from datamap.terms import LawfulBasis
from datamap.trace import normalise_email

_SUBJECT_LENGTH = 200


class InvalidAddress(ValueError):
    """Not the address of one mailbox."""


class MissingUnsubscribeLink(ValueError):
    """Advertising without a way out is not sent (policy clause 13)."""


class Unasked(ValueError):
    """An offer, or what else only a request opens, that answers no request (policy clause 7.1)."""


class ForeignLink(ValueError):
    """A link in a mail leads away from this site, or was built from the address of a request."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What the person reads: subject, text, HTML (may be empty), and the way out of advertising."""

    subject: str
    text: str
    html: str = ""
    unsubscribe_url: str = ""

    def to_bytes(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        return cls(**json.loads(data))


def is_commercial(purpose: str) -> bool:
    """Whether mail for this purpose needs a consent and a way out. Raises UnknownPurpose."""
    try:
        return catalogue().purposes[purpose].basis is LawfulBasis.CONSENT
    except KeyError:
        raise UnknownPurpose(purpose) from None


def refuse_unasked(purpose: str, reference: str) -> None:
    """Raises Unasked where only a request of the person opens the purpose, and the letter names none."""
    if catalogue().purposes[purpose].on_request and not reference:
        raise Unasked(purpose)


def checked_address(address: str) -> str:
    """One address in its one spelling. Raises InvalidAddress, whose text does not repeat it."""
    spelling = normalise_email(address)
    try:
        validate_email(spelling)
    except ValidationError:
        raise InvalidAddress from None
    return spelling


def is_mailbox(address: str) -> bool:
    """Whether a letter can be sent to this address at all."""
    try:
        return bool(checked_address(address))
    except InvalidAddress:
        return False


def one_line(text: str) -> str:
    """Text fit for a header: a name with line breaks in it cannot begin a second header."""
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())[:_SUBJECT_LENGTH]


def supported_language(language: str) -> str:
    """The language, or the site's own where it is none of the site's."""
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def absolute_url(address: str) -> str:
    """A path of this site, or an address within it, as a link for a mail. Raises ForeignLink for any other address."""
    if not address:
        return ""
    if address.startswith("/") and not address.startswith("//"):
        return f"{settings.SITE_URL}{address}"
    if address.startswith(f"{settings.SITE_URL}/"):
        return address
    raise ForeignLink


def compose(template: str, *, language: str, purpose: str, context: Mapping[str, Any]) -> Letter:
    """Renders `mail/<template>.subject.txt`, `.txt` and `.html` in the language.

    `link` and `unsubscribe_url` may be paths. Raises ForeignLink, MissingUnsubscribeLink, UnknownPurpose.
    """
    links = {name: absolute_url(str(context.get(name, ""))) for name in ("link", "unsubscribe_url")}
    facts = catalogue()
    everything = {
        **context,
        **links,
        "controller": facts.controller,
        "site_url": settings.SITE_URL,
        "language": language,
        "commercial": is_commercial(purpose),
    }
    with translation.override(language):
        letter = Letter(
            subject=one_line(_render(f"mail/{template}.subject.txt", everything)),
            text=_render(f"mail/{template}.txt", everything).strip() + "\n",
            html=_render(f"mail/{template}.html", everything),
            unsubscribe_url=links["unsubscribe_url"],
        )
    _refuse_without_way_out(letter, purpose=purpose)
    return letter


def _render(name: str, context: Mapping[str, Any]) -> str:
    # Plain text must not show "&amp;", HTML must escape: decided by the file's name, so that no template can forget it.
    return Engine.get_default().get_template(name).render(Context(dict(context), autoescape=name.endswith(".html")))


def _refuse_without_way_out(letter: Letter, *, purpose: str) -> None:
    if not is_commercial(purpose):
        return
    url = letter.unsubscribe_url
    if not url or url not in letter.text or escape(url) not in letter.html:
        raise MissingUnsubscribeLink(purpose)
