"""The language of a page: asked for, chosen in the account, or remembered with consent (Q11.1, L13)."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

Handler = Callable[[HttpRequest], HttpResponse]

PARAMETER: Final = "lang"
SESSION_KEY: Final = "language"


class LanguageMiddleware:
    """Activates the language of each page; stands after the middleware that knows who is logged in."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = language_of(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = self.get_response(request)
        patch_vary_headers(response, ["Accept-Language"])
        response.headers.setdefault("Content-Language", translation.get_language() or language)
        return response


def language_of(request: HttpRequest) -> str:
    """The first of these that names a language we speak: address, session, account, cookie, browser, Latvian."""
    user = getattr(request, "user", None)
    known = [request.GET.get(PARAMETER, "")]
    if user is not None and user.is_authenticated:
        known += [request.session.get(SESSION_KEY, ""), getattr(user, "language", "")]
    # ConsentMiddleware hides this cookie from us where the visitor has not agreed to it.
    known.append(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""))
    return next(filter(spoken, known), "") or _of_browser(request)


def spoken(language: str) -> bool:
    """Whether the site speaks this language."""
    return language in dict(settings.LANGUAGES)


def _of_browser(request: HttpRequest) -> str:
    for accepted, weight in parse_accept_lang_header(request.headers.get("Accept-Language", "").lower()):
        language = accepted.split("-")[0]
        if weight and spoken(language):
            return language
    return settings.LANGUAGE_CODE
