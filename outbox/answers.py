"""How an answer from outside is read: from a session of its own, to a limit, and believed only where it makes sense."""

import json
import time
from datetime import timedelta
from typing import Any, Final

import requests

_PIECE: Final = 64 * 1024
_PATIENCE: Final = 30.0
"""Seconds for the whole of an answer, within the lease of an effect: a limit of reading counts anew with each piece."""

_LONGEST_ASKED: Final = timedelta(hours=24)
_DIGITS: Final = 9


class NotUnderstood(ValueError):
    """The answer is not what the interface promises: too long, too slow, cut, from elsewhere, or of another form."""


def bare_session() -> requests.Session:
    """A session that takes no proxy, key or certificate from the environment; requests itself tries nothing twice."""
    session = requests.Session()
    session.trust_env = False
    return session


def whole_body(answer: requests.Response, *, most: int, patience: float = _PATIENCE) -> bytes:
    """The body of an answer that was asked for with `stream`. Raises NotUnderstood beyond `most` bytes or `patience`
    seconds."""
    body, begun = b"", time.monotonic()
    for piece in answer.iter_content(_PIECE):
        body += piece
        if len(body) > most or time.monotonic() - begun > patience:
            raise NotUnderstood("too long")
    return body


def as_json(body: bytes) -> Any:
    """What a body says. Raises NotUnderstood."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise NotUnderstood("no JSON") from None


def asked_to_wait(answer: requests.Response, *, most: timedelta = _LONGEST_ASKED) -> timedelta | None:
    """What the `Retry-After` of an answer asks for, but not for longer than `most`; None where it says nothing that we
    understand, such as a date."""
    seconds = answer.headers.get("Retry-After", "")
    if not (seconds.isascii() and seconds.isdecimal()):
        return None
    return min(timedelta(seconds=int(seconds[:_DIGITS])), most)
