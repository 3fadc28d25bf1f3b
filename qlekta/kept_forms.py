"""Nothing typed is lost: whoever was logged out in the middle of a form finds it again on the page that says so.

What was typed goes back to the browser it came from, and nowhere else: it is stored by nobody.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.urls import reverse

SECRET: Final = re.compile(r"password|^code$", re.IGNORECASE)
"""Names of fields that are never shown or sent back: they are typed again."""

SHOWN_FROM: Final = 40
"""Characters from which a text is shown as well: so much nobody likes to type again, and may want to copy away."""

Handler = Callable[[HttpRequest], HttpResponse]


@dataclass(frozen=True, slots=True)
class KeptForm:
    """What somebody sent, as a form that can be sent again."""

    address: str
    fields: list[tuple[str, str]]
    is_multipart: bool
    """There may have been files, which no page can choose for somebody."""

    lacks_secrets: bool

    @property
    def texts(self) -> list[str]:
        """The longer ones, to be read."""
        return [text for _name, text in self.fields if len(text) >= SHOWN_FROM]


class KeptFormMiddleware:
    """Answers a form of somebody who is no longer logged in with the form itself, not with a page to log in."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "POST" and _leads_to_login(response) and not request.user.is_authenticated:
            return form_again(request, was_logged_out=True)
        return response


def form_again(request: HttpRequest, *, was_logged_out: bool) -> HttpResponse:
    """403, with what was typed and a button that sends it again."""
    context = {"kept": _kept(request), "was_logged_out": was_logged_out}
    page = render(request, "qlekta/form_again.html", context, status=403)
    page.headers["Cache-Control"] = "no-store"
    return page


def comes_from_our_page(request: HttpRequest) -> bool:
    """As the browser says, which no foreign page can make it say: what others had it send is offered to nobody."""
    if (site := request.headers.get("Sec-Fetch-Site")) is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"


def _kept(request: HttpRequest) -> KeptForm:
    sent = [(name, text) for name, texts in request.POST.lists() for text in texts if name != "csrfmiddlewaretoken"]
    fields = [(name, text) for name, text in sent if not SECRET.search(name)]
    is_multipart = request.content_type == "multipart/form-data"
    return KeptForm(request.get_full_path(), fields, is_multipart, lacks_secrets=len(fields) < len(sent))


def _leads_to_login(response: HttpResponse) -> bool:
    """Where a page wants somebody logged in, and back; not where a form that was taken ends at the log-in."""
    if response.status_code != 302:
        return False
    parts = urlsplit(response.headers["Location"])
    if "next" not in parse_qs(parts.query):
        return False
    return parts.path in {resolve_url(settings.LOGIN_URL), reverse("admin:login")}
