"""How the Braintree library reaches its server: no redirects, no proxies, answers of a bounded size and time.

The library's own transport follows redirects, reads answers of any length, and hides what a busy server asks for.
"""

import re
import time
from datetime import timedelta
from typing import Any, Final

import requests
from braintree.exceptions.too_many_requests_error import TooManyRequestsError
from braintree.util.http import Http
from requests.adapters import HTTPAdapter

_LARGEST: Final = 4 * 1024 * 1024
_PIECE: Final = 64 * 1024
_CONNECT_SECONDS: Final = 3.05
_LONGEST: Final = 40.0
"""Seconds for a whole answer, within the lease of an effect: the time limit of a read counts anew with each piece."""

_LONGEST_ASKED: Final = timedelta(hours=1)
_DECLARES: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


class NotUnderstood(ValueError):
    """The answer is not what the interface promises: too long, cut, from elsewhere, or no plain XML."""


class Busy(TooManyRequestsError):
    """Braintree asks us to wait (429), for so long at least."""

    def __init__(self, asked: timedelta | None) -> None:
        super().__init__()
        self.asked = asked


class Wire(Http):
    """The transport of one gateway; one connection for each thread, kept while it is in use."""

    def _get_session(self) -> requests.Session:
        session: requests.Session = super()._get_session()
        if session.trust_env:  # a fresh one
            session.trust_env = False
            session.mount(self.config.base_url(), HTTPAdapter(max_retries=0))
        return session

    def http_do(self, http_verb: str, path: str, headers: dict[str, Any], request_body: Any) -> list[Any]:
        with self._get_session().request(
            http_verb,
            path,
            data=request_body.encode() if isinstance(request_body, str) else request_body,
            headers=headers,
            verify=self.environment.ssl_certificate or True,
            timeout=(_CONNECT_SECONDS, self.config.timeout),
            allow_redirects=False,
            stream=True,
        ) as answer:
            return [answer.status_code, _read(answer)]

    def handle_exception(self, exception: Exception) -> None:
        if isinstance(exception, NotUnderstood | Busy):
            raise exception
        super().handle_exception(exception)


def _read(answer: requests.Response) -> str:
    if answer.status_code == requests.codes.too_many_requests:
        raise Busy(_asked(answer.headers.get("Retry-After", "")))
    if 300 <= answer.status_code < 400:
        raise NotUnderstood("It pointed elsewhere.")
    body, begun = b"", time.monotonic()
    for piece in answer.iter_content(_PIECE):
        body += piece
        if len(body) > _LARGEST or time.monotonic() - begun > _LONGEST:
            raise NotUnderstood("It was too long.")
    if _DECLARES.search(body):
        raise NotUnderstood("It declares entities.")
    return body.decode("utf-8", "replace")


def _asked(seconds: str) -> timedelta | None:
    if not (seconds.isascii() and seconds.isdecimal()):
        return None
    return min(timedelta(seconds=min(int(seconds[:9]), 999_999_999)), _LONGEST_ASKED)
