"""How the Braintree library reaches its server: no redirects, no proxies, answers of a bounded size and time.

The library's own transport follows redirects, reads answers of any length, and hides what a busy server asks for.
"""

import re
from datetime import timedelta
from typing import Any, Final

import requests
from braintree.exceptions.too_many_requests_error import TooManyRequestsError
from braintree.util.http import Http

from outbox.answers import NotUnderstood, asked_to_wait, whole_body

_LARGEST: Final = 4 * 1024 * 1024
_CONNECT_SECONDS: Final = 3.05
_LONGEST_ASKED: Final = timedelta(hours=1)
_DECLARES: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


class Busy(TooManyRequestsError):
    """Braintree asks us to wait (429), for so long at least."""

    def __init__(self, asked: timedelta | None) -> None:
        super().__init__()
        self.asked = asked


class Wire(Http):
    """The transport of one gateway; one connection for each thread, kept while it is in use."""

    def _get_session(self) -> requests.Session:
        session: requests.Session = super()._get_session()
        session.trust_env = False
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
        raise Busy(asked_to_wait(answer, most=_LONGEST_ASKED))
    if 300 <= answer.status_code < 400:
        raise NotUnderstood("It pointed elsewhere.")
    body = whole_body(answer, most=_LARGEST)
    if _DECLARES.search(body):
        raise NotUnderstood("It declares entities.")
    return body.decode("utf-8", "replace")
