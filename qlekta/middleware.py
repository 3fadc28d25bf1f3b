"""What no view should ever have to think about: requests that cannot be read get a sentence, not a stack trace."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

Handler = Callable[[HttpRequest], HttpResponse]


class SafeRequestMiddleware:
    """Refuses paths and form bodies that are not valid UTF-8, and adds the headers that Django has no setting for."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), interest-cohort=()"
        )
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not request.path.startswith("/static/"):
            # Of somebody who is logged in nothing stays behind for whoever presses "back" after she has logged out.
            is_of_somebody = settings.SESSION_COOKIE_NAME in request.COOKIES
            kept = "no-store" if is_of_somebody else "no-cache"
            response.headers.setdefault("Cache-Control", f"private, {kept}")
        return response

    def process_view(self, request: HttpRequest, view: object, *_arguments: object) -> None:
        """Raises BadRequest (answered with a page) for text that no person can have typed.

        A view that `reads_body_itself` takes the mails of strangers, which hold anything, and has limits of its own.
        """
        if getattr(view, "reads_body_itself", False):
            return
        for source in (request.GET, request.POST):
            for name, values in source.lists():
                if any("\ufffd" in text or "\x00" in text for text in (name, *values)):
                    raise BadRequest("text that is not valid UTF-8")
