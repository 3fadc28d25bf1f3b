"""Asks those who got data about a person what they hold, for her copy: before it is read, outside any transaction."""

from collections.abc import Mapping
from datetime import datetime

from datamap.processors import RecipientResult, handlers
from datamap.trace import Subject

Answers = Mapping[str, RecipientResult]
"""What the recipients said, by their codes; who never got anything is not asked."""


def ask_recipients(subject: Subject, *, now: datetime) -> Answers:
    """What everybody holds who got something about her, in the active language (Art. 15(1), 28(3)(e))."""
    return {
        code: handler.collect(subject, now=now) for code, handler in handlers().items() if handler.describe(subject)
    }
