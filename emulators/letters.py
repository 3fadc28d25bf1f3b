"""What the emulated Mailgun took: kept over a restart, as files for people, and as pages where no letter is code."""

import json
import os
import re
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Final

PAGE_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"']+")
_SHOWN: Final = 200


@dataclass(slots=True)
class Message:
    """A message that was taken."""

    id: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    headers: dict[str, str]
    variables: dict[str, str]
    options: dict[str, str]
    taken_at: float = field(default_factory=time.time)


@dataclass(frozen=True, slots=True)
class Kept:
    """Where messages stay: one line of JSON each in `file`, one text for people in `directory`; nowhere by default."""

    file: Path | None = None
    directory: Path | None = None

    def load(self) -> list[Message]:
        """What an earlier run took; a line that a kill broke off is left out."""
        found = []
        lines = self.file.read_text(encoding="utf-8").splitlines() if self.file and self.file.exists() else []
        for line in lines:
            try:
                facts = json.loads(line)
            except ValueError:
                continue
            found.append(Message(**{**facts, "recipients": tuple(facts["recipients"])}))
        return found

    def add(self, message: Message, *, number: int) -> None:
        """Keep one more, for its owner alone."""
        if self.file is not None:
            _append(self.file, json.dumps(asdict(message), ensure_ascii=False))
        if self.directory is not None:
            name = f"{datetime.fromtimestamp(message.taken_at, UTC):%Y%m%d-%H%M%S}-{number:05}.txt"
            _append(self.directory / name, as_text(message))


def as_text(message: Message) -> str:
    """As people read a letter."""
    headers = {"To": ", ".join(message.recipients), "Subject": message.subject, **message.headers}
    return "\n".join([*(f"{name}: {value}" for name, value in headers.items()), "", message.text])


def inbox(messages: Sequence[Message]) -> str:
    """The page of all letters, the newest first."""
    numbered = list(enumerate(messages, start=1))[-_SHOWN:]
    rows = "".join(
        f"<tr><td>{_when(message)}</td><td>{escape(', '.join(message.recipients))}</td>"
        f'<td><a href="/__letter?number={number}">{escape(message.subject)}</a></td></tr>'
        for number, message in reversed(numbered)
    )
    empty = "" if messages else "<p>Nothing has come yet.</p>"
    head = "<thead><tr><th>taken (UTC)</th><th>to</th><th>subject</th></tr></thead>"
    return _page("Letters", f"{empty}<table>{head}<tbody>{rows}</tbody></table>")


def letter(messages: Sequence[Message], number: str) -> str:
    """The page of one letter; empty where there is none of this number."""
    if not number.isdecimal() or not 0 < int(number) <= len(messages):
        return ""
    message = messages[int(number) - 1]
    words = f'<p><a href="/">All letters</a> · {_when(message)} UTC</p><pre>{_linked(as_text(message))}</pre>'
    return _page(message.subject, words)


def _linked(text: str) -> str:
    """Escaped, its addresses made links: the text of a letter may say anything."""
    parts, end = [], 0
    for found in _ADDRESS.finditer(text):
        address = escape(found.group())
        parts += [escape(text[end : found.start()]), f'<a href="{address}" rel="noreferrer">{address}</a>']
        end = found.end()
    return "".join([*parts, escape(text[end:])])


def _when(message: Message) -> str:
    return f"{datetime.fromtimestamp(message.taken_at, UTC):%Y-%m-%d %H:%M:%S}"


def _page(title: str, content: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} – emulated Mailgun</title></head><body><h1>{escape(title)}</h1>"
        "<p>This Mailgun is emulated: no letter has left this machine.</p>"
        f"{content}</body></html>"
    )


def _append(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"{text}\n")
