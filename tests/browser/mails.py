"""Reads what the site has written to somebody, from the files of a running site."""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from tests.browser.waiting import until


def mails_to(address: str, directory: Path) -> Iterator[EmailMessage]:
    """Every mail to an address, the oldest first."""
    for path in sorted(directory.glob("*.log"), key=lambda path: path.stat().st_mtime):
        for text in path.read_bytes().split(b"-" * 79):
            mail = message_from_bytes(text.strip(), policy=policy.default)
            if address in str(mail.get("To", "")):
                yield mail


def said(mail: EmailMessage, form: str = "plain") -> str:
    """The words of a mail in one of its forms, `plain` or `html`."""
    body = mail.get_body((form,))
    return str(body.get_content()) if body else ""


def link_in_mail(address: str, directory: Path, pattern: str) -> str:
    """The newest link of this shape in a mail to an address; waits for the worker to have sent it."""

    def find() -> str | None:
        links = [
            link
            for mail in mails_to(address, directory)
            for link in re.findall(rf"https?://\S*{pattern}\S*", said(mail))
        ]
        return links[-1] if links else None

    return until(find, f"the mail with {pattern}", seconds=30)
