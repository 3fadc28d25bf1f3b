"""Lets a page that asks about the same people many times ask the database once."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from datamap.once import looking_once

Handler = Callable[[HttpRequest], HttpResponse]

_CHANGES_NOTHING = frozenset({"GET", "HEAD"})


class LookingOnceMiddleware:
    """Only for requests that change nothing: no withdrawal is made in the middle of one, so none is overlooked."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in _CHANGES_NOTHING:
            return self.get_response(request)
        with looking_once():
            return self.get_response(request)
