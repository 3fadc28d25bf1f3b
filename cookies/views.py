"""The cookie choice, the settings page with the full table, and the language switch (policy clause 11.3)."""

from collections.abc import Mapping

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from consent import cookie_choices
from consent.queries import receipt_token
from consent.receipt_views import receipt_response
from consent.services import AgeNotDeclared
from consent.terms import Method
from cookies import account
from cookies.addresses import with_parameter
from cookies.answers import NoSuchAnswer, answers_in, for_record
from cookies.banner import switches
from cookies.browsers import BROWSERS, GOOGLE_ANALYTICS_OPT_OUT
from cookies.choice import CookieConsent, decided, today_utc, write_choice
from cookies.context import CONFIRMED
from cookies.cookies import CONSENT_COOKIE, LANGUAGE_KEY
from cookies.google import is_ordered
from cookies.language import PARAMETER, SESSION_KEY, spoken
from cookies.middleware import take_effect
from cookies.origin import from_own_page, safe_next
from cookies.registry import CHOICE_HOLDS, OPTIONAL, Category, Register, register
from cookies.third_parties import GOOGLE_ANALYTICS_KEY
from cookies.withdrawing import ends_analytics, number_to_delete, order_deletion

_SEE_OTHER = 303


@require_safe
def cookie_settings(request: HttpRequest) -> HttpResponse:
    """All cookies, a switch for each optional category, the visitor's own choice and receipt number."""
    services = register()
    in_use = {service.category for service in services.asked}
    context = {
        "categories": [
            (category, found := services.of(category), any(item.cookies or item.csp for item in found))
            for category in Category
        ],
        "switches": switches(services.asked, language=_language(), now=timezone.now()),
        "unused": [category for category in OPTIONAL if category not in in_use],
        "browsers": BROWSERS,
        "opt_out": GOOGLE_ANALYTICS_OPT_OUT if services.service(GOOGLE_ANALYTICS_KEY) else "",
        "choice_days": CHOICE_HOLDS.days,
        "google_deletes": is_ordered(),
        "account_choice": account.shown(request, services, now=timezone.now()),
    }
    return render(request, "cookies/settings.html", context)


@never_cache
@require_safe
def receipt_file(request: HttpRequest, service: str) -> HttpResponse:
    """The signed receipt of one cookie consent, for the browser that holds its number (ISO/IEC TS 27560)."""
    number = request.consent.receipt  # type: ignore[attr-defined]
    found = register().service(service)
    if number is None or found is None:
        raise Http404
    return receipt_response(receipt_token(number), found.category.purpose, scope=service)


@require_safe
def gpc(request: HttpRequest) -> JsonResponse:
    """Says to browsers that the signal "Global Privacy Control" is honoured here, and since when this is so."""
    return JsonResponse({"gpc": True, "lastUpdate": "2026-11-23"})


@csrf_exempt
def choice(request: HttpRequest) -> HttpResponse:
    """Takes a choice from the banner, the settings page or a placeholder, records it, and goes back (303).

    Exempt from the CSRF cookie because there must be none before a choice; the origin of the form is checked instead.
    """
    if request.method != "POST":
        return redirect("cookies:settings")
    services = register()
    try:
        _refuse_foreign(request)
        answers = answers_in(request, services)
        if request.POST.get("account"):
            _for_account(request, answers, services)
    except (NoSuchAnswer, AgeNotDeclared) as problem:
        return Refused(str(problem)).page(request)
    except Refused as problem:
        return problem.page(request)
    before: CookieConsent = request.consent  # type: ignore[attr-defined]
    number = number_to_delete(request, now=timezone.now()) if ends_analytics(before, answers) else ""
    with transaction.atomic():
        value = _decide(request, answers, services)
        order_deletion(number, now=timezone.now())
    response = _confirmed(request, in_place=not before.services and not any(answers.values()))
    if value:
        _set_cookie(response, CONSENT_COOKIE, value)
    return response


@csrf_exempt
def end_account_choice(request: HttpRequest) -> HttpResponse:
    """Takes back what a person chose for all her browsers: one button, as giving it was (Art. 7(3))."""
    if request.method != "POST" or not request.user.is_authenticated:
        return redirect("cookies:settings")
    try:
        _refuse_foreign(request)
    except Refused as problem:
        return problem.page(request)
    now = timezone.now()
    is_counted = GOOGLE_ANALYTICS_KEY in request.consent.by_account  # type: ignore[attr-defined]
    number = number_to_delete(request, now=now) if is_counted else ""
    with transaction.atomic():
        cookie_choices.end_account_choice(request.user.pk, language=_language(), now=now)
        order_deletion(number, now=now)
    return _see_other(f"{reverse('cookies:settings')}#account")


@csrf_exempt
def set_language(request: HttpRequest) -> HttpResponse:
    """Switches the language: for the session when logged in, in a cookie with functional consent, else for one page."""
    if request.method != "POST":
        return redirect("home")
    try:
        _refuse_foreign(request)
        language = _language_asked(request)
    except Refused as problem:
        return problem.page(request)
    target = with_parameter(safe_next(request, default="/"), PARAMETER, "")
    remembered = False
    if request.user.is_authenticated:
        request.session[SESSION_KEY] = language
        remembered = True
    allowed = request.consent.accepts(LANGUAGE_KEY)  # type: ignore[attr-defined]
    response = _see_other(target if remembered or allowed else with_parameter(target, PARAMETER, language))
    if allowed:
        _set_cookie(response, settings.LANGUAGE_COOKIE_NAME, language)
    return response


class Refused(Exception):
    """A form that is not acted upon, with the sentence that says why."""

    def __init__(self, sentence: str, *, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status

    def page(self, request: HttpRequest) -> HttpResponse:
        return render(request, "cookies/problem.html", {"problem": str(self)}, status=self.status)


def _refuse_foreign(request: HttpRequest) -> None:
    if not from_own_page(request):
        raise Refused(_("This form can only be sent from our own pages."), status=403)


def _language_asked(request: HttpRequest) -> str:
    language = request.POST.get("language", "")
    if not spoken(language):
        raise Refused(_("This site does not speak that language."))
    return language


def _for_account(request: HttpRequest, answers: Mapping[str, bool], services: Register) -> None:
    """The same choice for all browsers of the person, while she is logged in."""
    if not request.user.is_authenticated:
        raise Refused(_("Log in first: a choice for all your devices belongs to your account."))
    cookie_choices.record_account_choice(
        request.user.pk, for_record(answers, services), language=_language(), place=request.path, now=timezone.now()
    )


def _decide(request: HttpRequest, answers: Mapping[str, bool], services: Register) -> str:
    """Record the answers beside those that stay; the value of the cookie that says so, empty where there is nothing.

    The day is that of the oldest answer: none is kept for longer than it may be.
    """
    before: CookieConsent = request.consent  # type: ignore[attr-defined]
    now = timezone.now()
    receipt = cookie_choices.record_cookie_choice(
        for_record(answers, services),
        receipt=before.receipt,
        language=_language(),
        method=_method(request),
        place=request.path,
        notice=services.notice,
        now=now,
    )
    kept = {key: yes for key, yes in before.answers.items() if key not in {*answers, *before.by_account}}
    said = {**kept, **answers}
    day = before.chosen_on if kept and before.chosen_on else today_utc(now)
    number = receipt if any(said.values()) else None
    # The middleware guards this response by the new choice: what was withdrawn goes at once (Q11.8).
    take_effect(request, decided(said, register=services, chosen_on=day, receipt=number), services)
    return write_choice(said, register=services, receipt=number, day=day) if said else ""


def _confirmed(request: HttpRequest, *, in_place: bool) -> HttpResponse:
    """Back to the page; or, where nothing is or was switched on and a script of ours asks, the confirmation alone."""
    consent: CookieConsent = request.consent  # type: ignore[attr-defined]
    address = safe_next(request, default="/")
    if in_place and "X-Part" in request.headers:
        return render(request, "cookies/confirmation.html", {"cookie_confirmation": consent, "page_address": address})
    # The fragment moves the focus to the confirmation, also without scripts.
    return _see_other(f"{with_parameter(address, CONFIRMED, 'saved').partition('#')[0]}#cookie-confirmation")


def _method(request: HttpRequest) -> Method:
    if request.POST.get("choice", "").startswith("show:"):
        return Method.COOKIE_PLACEHOLDER
    return Method.COOKIE_SETTINGS if request.POST.get("from") == "settings" else Method.COOKIE_BANNER


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


def _set_cookie(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=CHOICE_HOLDS,
        path="/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _see_other(target: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(target, status=_SEE_OTHER)
