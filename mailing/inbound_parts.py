"""Cuts what was attached to a mail from its words, so that each can be kept, and destroyed, by itself (Art. 5(1)(e)).

Nothing is unpacked: an archive is one piece of bytes, however much it says that it holds.
"""

import re
from dataclasses import dataclass
from email.message import Message
from typing import Final

from mailing.inbound import ReceivedMail
from mailing.inbound_reading import file_name, parsed, read

MOST: Final = 20
"""So many attachments of one mail are kept."""

_DESCRIBES_BODY: Final = re.compile(rb"(?im)^(mime-version|content-[a-z-]+)(?=[ \t]*:)")
_AS_TEXT: Final = b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
_LONGEST_HEAD: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Part:
    """One attachment: its name as the mail says it, and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class TakenApart:
    """A mail without its attachments: as it came where it had none, else its head and its words."""

    original: bytes
    parts: tuple[Part, ...]
    dropped: int


def take_apart(mail: ReceivedMail) -> TakenApart:
    """The words of a mail, and what was attached to it. Of a mail that came cut, or lies in parts so deep that only
    malice makes them, no attachment is whole: head and words are all that is left.
    """
    message = parsed(mail.raw)
    found = [part for part in message.walk() if _is_attached(part)]
    hidden = message.get_content_maintype() == "multipart" and not message.is_multipart()
    if not (found or hidden or mail.is_cut):
        return TakenApart(mail.raw, (), 0)
    kept = [] if mail.is_cut else found[:MOST]
    parts = tuple(Part(file_name(part), _bytes_of(part)) for part in kept)
    return TakenApart(_without_parts(mail.raw, hidden=hidden), parts, len(found) - len(kept))


def _is_attached(part: Message) -> bool:
    if part.is_multipart() or part.get_content_maintype() == "multipart":
        return False
    return part.get_content_disposition() == "attachment" or part.get_content_type() not in {"text/plain", "text/html"}


def _bytes_of(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _without_parts(raw: bytes, *, hidden: bool) -> bytes:
    """The head as it came, what described the body renamed in it, and the words as text."""
    head = re.split(rb"\r?\n\r?\n", raw[:_LONGEST_HEAD], maxsplit=1)[0]
    words = "" if hidden else read(raw).text
    return _DESCRIBES_BODY.sub(rb"X-As-Sent-\1", head) + b"\r\n" + _AS_TEXT + b"\r\n" + words.encode()
