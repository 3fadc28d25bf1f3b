"""No page of the administration without a second factor: closed for every address below it (requirement G1)."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.models import User
from accounts.queries import has_second_factor


class StaffSecondFactorMiddleware:
    """Answers 403 with the way to switch the second factor on; visitors go on to the log-in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.STAFF_SECOND_FACTOR_REQUIRED and request.path.startswith(reverse("admin:index")):
            user = request.user
            if isinstance(user, User) and not has_second_factor(user):
                return render(request, "accounts/second_factor_required.html", status=403)
        return self.get_response(request)
