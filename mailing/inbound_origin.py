"""What the mail server found out about where a mail came from: SPF, DKIM and DMARC. A hint for staff, never a proof.

Whether a mail was handed over by a server of the sender's domain says nothing about who wrote it, and a server that is
not set up says nothing at all: so nothing is decided by it, no mail is dropped, and nobody's identity is shown.
"""

import re
from collections.abc import Iterator
from email.message import Message
from typing import Final

from mailing.inbound_reading import parsed_head

METHODS: Final = ("spf", "dkim", "dmarc")

# RFC 8601 section 2.7: the results that mean something to a reader; whatever else stands there is not kept.
_RESULTS: Final = frozenset({"pass", "fail", "softfail", "neutral", "none", "policy", "temperror", "permerror"})
_FOUND: Final = re.compile(r"\b(spf|dkim|dmarc)\s*=\s*([a-z]+)", re.IGNORECASE)
_COMMENT: Final = re.compile(r"\([^()]*\)")
_LONGEST: Final = 4000
_OF_MAILGUN: Final = {"x-mailgun-spf": "spf", "x-mailgun-dkim-check-result": "dkim"}


def origin_of(raw: bytes, *, authserv: str, is_mailgun: bool = False) -> str:
    """Such as "spf=pass dkim=fail", empty where nothing is known.

    Believed are only the headers of our own mail server, `authserv`, which takes those of its name out of what comes in
    (RFC 8601 section 5), and those that Mailgun adds to what it hands over. A method with two answers has none.
    """
    message = parsed_head(raw)
    found: dict[str, set[str]] = {}
    for method, result in (*_ours(message, authserv), *(_mailguns(message) if is_mailgun else ())):
        if result in _RESULTS:
            found.setdefault(method, set()).add(result)
    return " ".join(f"{method}={found[method].pop()}" for method in METHODS if len(found.get(method, ())) == 1)


def _ours(message: Message, authserv: str) -> Iterator[tuple[str, str]]:
    for header in message.get_all("authentication-results", []) if authserv else ():
        named, _semicolon, results = _COMMENT.sub("", str(header)[:_LONGEST]).partition(";")
        if (named.split() or [""])[0].lower() == authserv.lower():
            yield from ((method.lower(), result.lower()) for method, result in _FOUND.findall(results))


def _mailguns(message: Message) -> Iterator[tuple[str, str]]:
    for name, method in _OF_MAILGUN.items():
        yield from ((method, str(value).strip().lower()) for value in message.get_all(name, []))
