"""The pages of the newsletter: subscribe, confirm, end it; none needs a log-in or sets a cookie (policy clause 13).

A GET changes nothing: programs that open every link of a mail neither subscribe nor unsubscribe anybody.
"""

from allauth.core import ratelimit
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from audit.client import client_ip
from audit.origin import is_from_elsewhere
from consent.receipt_views import receipt_response
from consent.rendering import wording
from consent.services import AccountGone, AgeNotDeclared, NotPublishedError, WordingChanged
from mailing.services import InvalidAddress
from newsletters.forms import PURPOSE, SubscribeForm
from newsletters.proving import receipt_path, whose_receipt
from newsletters.services import LinkOver, ask, confirm, waiting
from newsletters.stopping import WayOut, stop


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def subscribe(request: HttpRequest) -> HttpResponse:
    """Ask for the newsletter. The page, the work and the answer are the same for every address (security I2)."""
    if request.method == "POST" and is_from_elsewhere(request):
        return _problem(request, _("This form can only be sent from our own pages."), status=403)
    if not ratelimit.consume(request, action="newsletter"):
        return ratelimit.respond_429(request)
    try:
        form = SubscribeForm(request.POST if request.method == "POST" else None)
    except NotPublishedError:
        raise Http404 from None
    if request.method == "POST" and form.is_valid() and _asked(request, form):
        return redirect("newsletters:sent")
    return render(request, "newsletters/subscribe.html", {"form": form}, status=400 if form.errors else 200)


def _asked(request: HttpRequest, form: SubscribeForm) -> bool:
    try:
        ask(
            form.cleaned_data["email"],
            language=_language(),
            wording=form.cleaned_data["shown"],
            ip=client_ip(request),
            now=timezone.now(),
        )
    except InvalidAddress:
        form.add_error("email", _("We cannot send a letter to this address. Please check it."))
        return False
    return True


@never_cache
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """The one answer for everybody; the letter says the rest."""
    return render(request, "newsletters/sent.html")


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_subscription(request: HttpRequest, secret: str) -> HttpResponse:
    """The page behind the letter, in its language, with the words once more and the button that says yes."""
    now = timezone.now()
    try:
        row = waiting(secret, now=now)
        if request.method != "POST":
            with translation.override(_language_of(request, row.language)):
                words = wording(PURPOSE, language=row.language, now=now)
                return render(request, "newsletters/confirm.html", {"wording": words})
        event = confirm(secret, place=_place(request), now=now)
    except (LinkOver, AccountGone):
        return render(request, "newsletters/over.html", status=404)
    except WordingChanged:
        return _problem(request, _("The wording has changed since you subscribed. Please subscribe anew."), status=409)
    except AgeNotDeclared:
        sentence = _("The account of this address has not declared that its owner is 16 or older. Nothing was changed.")
        return _problem(request, sentence, status=403)
    with translation.override(_language_of(request, row.language)):
        return render(request, "newsletters/confirmed.html", {"receipt": receipt_path(event.subject_token)})


@never_cache
@require_safe
def receipt_file(request: HttpRequest, link: str) -> HttpResponse:
    """The signed receipt of a consent to the newsletter, for whoever has the link: nobody logs in for it."""
    whose = whose_receipt(link)
    if whose is None:
        raise Http404
    return receipt_response(whose, PURPOSE)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop_subscription(request: HttpRequest, link: str) -> HttpResponse:
    """The way out: a page with one button, and the address that mail programs call by themselves (RFC 8058).

    Their POST comes from anywhere, without cookies: whoever has the link may use it, and it can do nothing else.
    """
    out = WayOut.read(link)
    if out is None:
        return render(request, "newsletters/over.html", {"is_way_out": True}, status=404)
    if request.method != "POST":
        return render(request, "newsletters/stop.html")
    stop(out, language=_language(), place=_place(request), now=timezone.now())
    return render(request, "newsletters/stopped.html")


def _problem(request: HttpRequest, sentence: str, *, status: int) -> HttpResponse:
    words = {"heading": _("Nothing was done"), "sentence": sentence}
    return render(request, "qlekta/problem.html", words, status=status)


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


def _place(request: HttpRequest) -> str:
    """The page without the secret of its link: a path is kept for years, a secret is not."""
    return "/" + (request.resolver_match.route if request.resolver_match else "")


def _language_of(request: HttpRequest, letter: str) -> str:
    """The language of the letter that the link stood in, unless another was chosen on the page."""
    return _language() if "lang" in request.GET else letter
