"""The form in which a person asks for something, logged in or without an account and cookies (clauses.md D2, D6)."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from audit.client import client_ip
from audit.origin import is_from_elsewhere
from datamap.catalogue import catalogue
from datamap.terms import Right
from dsar.filing import Filed, file_form, file_several
from dsar.forms import PublicRequestForm, RequestForm
from dsar.refusals import AlreadyUnderWay, TooManyAttempts
from dsar.services import is_self_service
from mailing.services import InvalidAddress
from vault.tokens import new_secret


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def request_new(request: HttpRequest) -> HttpResponseBase:
    """File a request: one form for who is logged in, one for everybody else and for who acts for somebody else.

    The second sets no cookie and so has no token against foreign forms: it does nothing for a session, it only files.
    """
    if request.user.is_authenticated and request.GET.get("for") != "other":
        return _for_account(request)
    return _for_everybody(request)


@csrf_protect
def _for_account(request: HttpRequest) -> HttpResponseBase:
    """A copy and an erasure ask for the password again first (security I1)."""
    form = RequestForm(request.POST if request.method == "POST" else None, initial={"right": _wanted(request)})
    if request.method == "POST" and form.is_valid():
        file = _file_after_step_up if any(is_self_service(right) for right in form.rights) else _file
        return file(request, form)
    return render(request, "dsar/request_new.html", {"form": form}, status=400 if form.errors else 200)


def _file(request: HttpRequest, form: RequestForm) -> HttpResponseBase:
    filed = file_several(
        request.user,  # type: ignore[arg-type]
        form.rights,
        text=form.cleaned_data["text"],
        now=timezone.now(),
        young=form.cleaned_data["young"],
    )
    _announce(request, filed)
    if form.rights == (Right.ERASURE,):
        return redirect("account-delete")
    numbers = [case.number for case in filed.opened] + list(filed.under_way)
    return redirect("privacy:request-detail", number=numbers[0])


_file_after_step_up = reauthentication_required(_file)


def _announce(request: HttpRequest, filed: Filed) -> None:
    for number in filed.under_way:
        messages.warning(request, f"{AlreadyUnderWay.message} ({number})")
    if len(filed.opened) == 1:
        words = {"number": filed.opened[0].number}
        messages.success(request, _("We received your request. Its number is %(number)s.") % words)
    elif filed.opened:
        words = {"numbers": ", ".join(case.number for case in filed.opened)}
        messages.success(request, _("We received your requests. Their numbers are %(numbers)s.") % words)


def _for_everybody(request: HttpRequest) -> HttpResponse:
    """The same page, the same work, the same letter for every address: nothing is looked up (security I2)."""
    if request.method != "POST":
        initial = {"right": _wanted(request), "language": get_language(), "once": new_secret()}
        return _public_page(request, PublicRequestForm(initial=initial))
    if is_from_elsewhere(request):
        return refused_as_foreign(request)
    form = PublicRequestForm(request.POST)
    if not form.is_valid():
        return _public_page(request, form, status=400)
    try:
        file_form(form.filled(), ip=client_ip(request), now=timezone.now())
    except TooManyAttempts as refusal:
        return too_many(request, refusal)
    except InvalidAddress:
        form.add_error("email", _("We cannot send a letter to this address. Please check it."))
        return _public_page(request, form, status=400)
    return redirect(with_query(request, reverse("privacy:request-sent")))


@never_cache
@require_safe
def request_sent(request: HttpRequest) -> HttpResponse:
    """The one answer for everybody; the letter says the rest."""
    return render(request, "dsar/request_sent.html", {"controller": catalogue().controller})


def refused_as_foreign(request: HttpRequest) -> HttpResponse:
    """403: the browser says that another site sent this form."""
    words = {"heading": _("Nothing was done"), "sentence": _("This form can only be sent from our own pages.")}
    return render(request, "qlekta/problem.html", words, status=403)


def too_many(request: HttpRequest, refusal: TooManyAttempts) -> HttpResponse:
    """429, with the way that stays open to everybody: what was filed is kept, and a letter is a request too."""
    return render(request, "dsar/too_many.html", {"refusal": refusal}, status=429)


def with_query(request: HttpRequest, path: str, **more: str) -> str:
    """A path of ours with the query of this page, which may hold the language where no cookie may."""
    query = request.GET.copy()
    for name in ("said", "right", "for", "write"):
        query.pop(name, None)
    query.update(more)
    return f"{path}?{query.urlencode()}" if query else path


def _public_page(request: HttpRequest, form: PublicRequestForm, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "is_for_other": request.user.is_authenticated}
    return render(request, "dsar/request_public.html", context, status=status)


def _wanted(request: HttpRequest) -> list[str]:
    return [right for right in request.GET.getlist("right") if right in Right.values]
