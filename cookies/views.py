"""The cookie choice, the settings page with the full table, and the language switch (policy clause 11.3)."""

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from consent.queries import receipt_token
from consent.receipt_views import receipt_response
from consent.services import record_cookie_choice
from consent.terms import Method
from cookies.addresses import with_parameter
from cookies.browsers import BROWSERS, GOOGLE_ANALYTICS_KEY, GOOGLE_ANALYTICS_OPT_OUT
from cookies.choice import read_choice, today_utc, write_choice
from cookies.context import CONFIRMED, wordings
from cookies.cookies import CONSENT_COOKIE
from cookies.language import PARAMETER, SESSION_KEY, spoken
from cookies.origin import from_own_page, safe_next
from cookies.registry import CHOICE_HOLDS, OPTIONAL, Category, register

_SEE_OTHER = 303


@require_safe
def cookie_settings(request: HttpRequest) -> HttpResponse:
    """All cookies, a switch for each optional category, the visitor's own choice and receipt number."""
    services = register()
    context = {
        "categories": [(category, services.of(category)) for category in Category],
        "switches": wordings(services.asked),
        "unused": [category for category in OPTIONAL if category not in services.asked],
        "browsers": BROWSERS,
        "opt_out": GOOGLE_ANALYTICS_OPT_OUT if any(s.key == GOOGLE_ANALYTICS_KEY for s in services.services) else "",
        "choice_days": CHOICE_HOLDS.days,
    }
    return render(request, "cookies/settings.html", context)


@never_cache
@require_safe
def receipt_file(request: HttpRequest, purpose: str) -> HttpResponse:
    """The signed receipt of one cookie consent, for the browser that holds its number (ISO/IEC TS 27560)."""
    number = request.consent.receipt  # type: ignore[attr-defined]
    if number is None or purpose not in {category.purpose for category in OPTIONAL}:
        raise Http404
    return receipt_response(receipt_token(number), purpose)


@csrf_exempt
def choice(request: HttpRequest) -> HttpResponse:
    """Takes a choice from the banner or the settings page, records it, and goes back (303).

    Exempt from the CSRF cookie because there must be none before a choice; the origin of the form is checked instead.
    """
    if request.method != "POST":
        return redirect("cookies:settings")
    try:
        _refuse_foreign(request)
        chosen = _choices(request)
    except Refused as problem:
        return problem.page(request)
    method = Method.COOKIE_SETTINGS if request.POST.get("from") == "settings" else Method.COOKIE_BANNER
    now = timezone.now()
    receipt = record_cookie_choice(
        choices={category.purpose: yes for category, yes in chosen.items()},
        receipt=request.consent.receipt,  # type: ignore[attr-defined]
        language=get_language() or settings.LANGUAGE_CODE,
        method=method,
        place=request.path,
        notice=register().notice,
        now=now,
    )
    # The fragment moves the focus to the confirmation, also without scripts.
    target = with_parameter(safe_next(request, default="/"), CONFIRMED, "saved").partition("#")[0]
    response = _see_other(f"{target}#cookie-confirmation")
    _store(request, response, chosen, receipt)
    return response


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
    allowed = request.consent.functional  # type: ignore[attr-defined]
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


def _choices(request: HttpRequest) -> dict[Category, bool]:
    """Accept all, reject all, or each category by its own box; whatever is not ticked is refused."""
    asked = register().asked
    match request.POST.get("choice"):
        case "accept":
            return dict.fromkeys(asked, True)
        case "reject":
            return dict.fromkeys(asked, False)
        case "save":
            ticked = request.POST.getlist("category")
            if not set(ticked) <= set(OPTIONAL):
                raise Refused(_("There is no such category of cookies."))
            return {category: category in ticked for category in asked}
    raise Refused(_("Please choose one of the buttons: accept all, reject all, or save your choice."))


def _store(request: HttpRequest, response: HttpResponse, chosen: dict[Category, bool], receipt: UUID | None) -> None:
    today = today_utc(timezone.now())
    value = write_choice(chosen, register=register(), receipt=receipt, today=today)
    _set_cookie(response, CONSENT_COOKIE, value)
    # The middleware guards this response by the new choice: what was withdrawn goes at once (Q11.8).
    request.consent = read_choice(  # type: ignore[attr-defined]
        value, register=register(), signal=False, today=today
    )


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
