"""Reads the words of a mail that anybody may have written: nothing is unpacked, run, fetched or believed."""

import codecs
import re
from dataclasses import dataclass
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.utils import getaddresses
from html import unescape
from typing import Final
from uuid import UUID

from mailing.composing import InvalidAddress, checked_address
from mailing.inbound import BEGINNING

_LONGEST_TEXT: Final = 100_000
_DEEPEST: Final = 20
_MOST_ATTACHMENTS: Final = 20
_LONGEST_NAME: Final = 100
_LONGEST_SUBJECT: Final = 300
_LONGEST_ADDRESS: Final = 254

# Control characters, marks that turn the direction of writing, halves of characters.
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_SLOW_CODECS: Final = frozenset({"punycode", "idna", "undefined", "unicode-escape", "raw-unicode-escape"})
# Neither looks further than the next angle bracket: no page of a stranger takes long.
_TAG: Final = re.compile(r"(<[^<>]*>)")
_TAG_NAME: Final = re.compile(r"<(/?[a-zA-Z][a-zA-Z0-9]*|!)[^<>]*>")
_HIDING: Final = frozenset({"script", "style", "title"})
_BREAKING: Final = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3"})
_LETTER_ID: Final = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=@)")
_FAILED: Final = re.compile(rb"^status:[ \t]*5\.", re.IGNORECASE | re.MULTILINE)
_RECIPIENT: Final = re.compile(
    rb"^(?:final|original)-recipient:[^;\r\n]{0,40};[ \t]*(\S{3,254})", re.IGNORECASE | re.MULTILINE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """What a mail server says about a letter that it could not deliver."""

    message_ids: tuple[UUID, ...]
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a mail says. `sender` is the claim of its From line, empty where that is no address; it shows nobody.

    `answers` are the ids of the letters that it says it answers; `is_automatic` is true for what no person wrote.
    """

    sender: str
    subject: str
    message_id: str
    answers: tuple[str, ...]
    text: str
    attachments: tuple[str, ...]
    is_automatic: bool
    bounce: Bounce | None = None


def read(raw: bytes) -> Contents:
    """Read the beginning of a mail; what is broken reads as empty or with replaced characters, never as an error."""
    beginning = raw[:BEGINNING]
    message = parsed(beginning)
    text, attachments = _words(message)
    return Contents(
        sender=_sender(message),
        subject=cleaned(_header(message, "subject"))[:_LONGEST_SUBJECT].replace("\n", " ").strip(),
        message_id=cleaned(_header(message, "message-id"))[:_LONGEST_ADDRESS],
        answers=_answers(message),
        text=text,
        attachments=attachments,
        is_automatic=_is_automatic(message),
        bounce=_bounce(message, beginning),
    )


def _answers(message: Message) -> tuple[str, ...]:
    named = f"{_header(message, 'references')[-10_000:]} {_header(message, 'in-reply-to')[:1000]}"
    return tuple(cleaned(named).split()[-100:])


def cleaned(text: str) -> str:
    """The text without characters that nobody can see, and with lines that end as lines end."""
    lines = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def parsed(raw: bytes) -> Message:
    """The parts of the mail; its head alone where parts lie in parts so deep that only malice makes them."""
    if len(re.findall(rb"(?i)multipart/|message/rfc822", raw)) > _DEEPEST:
        return BytesHeaderParser().parsebytes(raw)
    return BytesParser().parsebytes(raw)


def parsed_head(raw: bytes) -> Message:
    """The headers of a mail alone."""
    return BytesHeaderParser().parsebytes(raw[:BEGINNING])


def _header(message: Message, name: str) -> str:
    return _plain(message.get(name, ""))


def _plain(value: str) -> str:
    """The words of a header, whatever they were encoded in."""
    try:
        parts = decode_header(value)
    except ValueError:  # a broken encoded word
        return str(value)
    return "".join(part if isinstance(part, str) else _decoded(part, charset) for part, charset in parts)


def _decoded(data: bytes, charset: str | None) -> str:
    try:
        codec = codecs.lookup(charset or "utf-8").name
        return data.decode("utf-8" if codec in _SLOW_CODECS else codec, "replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", "replace")


def _sender(message: Message) -> str:
    for _name, address in getaddresses([str(message.get("from", ""))]):
        try:
            if len(address) <= _LONGEST_ADDRESS:
                return checked_address(address)
        except InvalidAddress:
            continue
    return ""


def _is_automatic(message: Message) -> bool:
    """The marks of robots, lists and mail servers (RFC 3834): whoever answers them starts a loop."""
    submitted = _header(message, "auto-submitted").partition(";")[0].strip().lower()
    precedence = _header(message, "precedence").strip().lower()
    return (
        submitted not in {"", "no"}
        or precedence in {"bulk", "list", "junk", "auto_reply"}
        or "list-id" in message
        or _header(message, "return-path").strip() == "<>"
        or message.get_content_type() == "multipart/report"
    )


def _bounce(message: Message, raw: bytes) -> Bounce | None:
    if message.get_content_type() != "multipart/report" or not _FAILED.search(raw):
        return None
    return Bounce(
        message_ids=tuple({UUID(found.decode()) for found in _LETTER_ID.findall(raw)[:_DEEPEST]}),
        recipients=tuple(found.decode("utf-8", "replace").strip("<>") for found in _RECIPIENT.findall(raw)[:_DEEPEST]),
    )


def _words(message: Message) -> tuple[str, tuple[str, ...]]:
    plain: list[str] = []
    html: list[str] = []
    names: list[str] = []
    for part in message.walk():
        if part.is_multipart():
            continue
        # A part of parts that has none is read as the words that it holds.
        kind = "text/plain" if part.get_content_maintype() == "multipart" else part.get_content_type()
        if part.get_content_disposition() == "attachment" or kind not in {"text/plain", "text/html"}:
            names.append(file_name(part))
        else:
            (plain if kind == "text/plain" else html).append(_content(part))
    text = "\n\n".join(plain) if any(item.strip() for item in plain) else "\n\n".join(map(_without_tags, html))
    return cleaned(text[:_LONGEST_TEXT]), tuple(names[:_MOST_ATTACHMENTS])


def _content(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return _decoded(payload, part.get_content_charset()) if isinstance(payload, bytes) else ""


def file_name(part: Message) -> str:
    """The last piece of the name, whatever path was put before it."""
    name = cleaned(_plain(part.get_filename() or "")).replace("\\", "/").rpartition("/")[2].replace("\n", " ")
    return name[:_LONGEST_NAME].strip(" .") or part.get_content_type()[:_LONGEST_NAME]


def _without_tags(html: str) -> str:
    """What a page shows; what scripts and style sheets say is no word of the person."""
    words: list[str] = []
    hidden = ""
    for piece in _TAG.split(html[:_LONGEST_TEXT]):
        found = _TAG_NAME.match(piece)
        name = found[1].lower() if found else ""
        if hidden:
            hidden = "" if name == f"/{hidden}" else hidden
        elif name in _HIDING:
            hidden = name
        elif name:
            words.append("\n" if name in _BREAKING else "")
        else:
            words.append(piece)
    return unescape("".join(words))
