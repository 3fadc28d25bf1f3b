"""How the interface reads what it is sent: small, strict JSON, from a session with its token (security H4, H7)."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NoReturn

from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.authentication import SessionAuthentication
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from dsar.api.problems import Kind, Problem

LARGEST_BODY: Final = 256 * 1024
DEEPEST: Final = 8


class SessionOfThePerson(SessionAuthentication):
    """Who is logged in on the site is logged in here; what changes something needs the token against foreign forms."""

    def authenticate_header(self, request: Request) -> str:
        return 'Session realm="Qlekta"'

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied:
            raise Problem(Kind.FOREIGN) from None


class StrictJson(BaseParser):
    """JSON of bounded size and depth, each name once, in texts that can be stored."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        sent = stream.read(LARGEST_BODY + 1)
        if len(sent) > LARGEST_BODY:
            raise Problem(Kind.TOO_LARGE)
        try:
            found = json.loads(sent.decode(), object_pairs_hook=_once_each, parse_constant=_no_number)
        except (ValueError, RecursionError):
            raise Problem(Kind.UNREADABLE) from None
        for text, depth in _texts(found):
            if depth > DEEPEST:
                raise Problem(Kind.UNREADABLE, _("It is nested too deeply. Nothing was changed."))
            if not _can_be_kept(text):
                raise Problem(Kind.UNREADABLE, _("A text in it holds characters that are none. Nothing was changed."))
        return found


class OnlyJson(BaseContentNegotiation):
    """There is one answer, and everybody gets it."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        return next(iter(parsers)) if is_json(request) else None

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type or ""


def is_json(request: Request) -> bool:
    """Whether the body says of itself that it is JSON."""
    return (request.content_type or "").partition(";")[0].strip().lower() == StrictJson.media_type


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name twice")
    return found


def _no_number(_constant: str) -> NoReturn:
    raise ValueError("no number")


def _texts(found: Any) -> Iterator[tuple[str, int]]:
    """Every text with its depth, and every container as an empty text: none of it by recursion."""
    waiting = [(found, 0)]
    while waiting:
        item, depth = waiting.pop()
        match item:
            case str():
                yield item, depth
            case Mapping():
                yield "", depth
                waiting += [(inner, depth + 1) for pair in item.items() for inner in pair]
            case list():
                yield "", depth
                waiting += [(inner, depth + 1) for inner in item]


def _can_be_kept(text: str) -> bool:
    """Without the null character and without halves of characters: the database knows neither."""
    return not any(letter == "\x00" or "\ud800" <= letter <= "\udfff" for letter in text)
