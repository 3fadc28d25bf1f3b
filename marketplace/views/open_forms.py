"""Forms that everybody can send, without an account and without a cookie: whom they turn away, and how we answer."""

from typing import Any

from allauth.core import ratelimit
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from audit.origin import is_from_elsewhere


def turned_away(request: HttpRequest, *, user: Any) -> HttpResponse | None:
    """The answer to a form that another site sent, and to too many of them; None for everybody else.

    Who is logged in carries a token against foreign forms and is not asked where the form came from.
    """
    if request.method == "POST" and user is None and is_from_elsewhere(request):
        words = {"heading": _("Nothing was done"), "sentence": _("This form can only be sent from our own pages.")}
        return render(request, "qlekta/problem.html", words, status=403)
    return None if ratelimit.consume(request, action="notice") else ratelimit.respond_429(request)


def language_for(user: Any) -> str:
    """The language of our letters to whoever sends the form: that of the account, else that of the page."""
    return str((get_language() if user is None else user.language) or settings.LANGUAGE_CODE)
