"""The pages on which people ask, report a problem, and read our answer; none needs an account or sets a cookie.

A GET changes nothing: programs that open every link of a mail send nothing.
"""

from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from audit.addresses import clean_path, secrets_of
from audit.origin import is_from_elsewhere
from datamap.catalogue import period
from enquiries import services
from enquiries.forms import AskForm, ReplyForm
from enquiries.models import PAGE_LENGTH, Enquiry
from enquiries.services import EnquiryError, NoSuchLink
from enquiries.terms import Kind
from mailing.services import InvalidAddress
from vault.tokens import new_secret

MOST_SHOWN: Final = 50


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest) -> HttpResponse:
    """Ask, wish for an offer, or report a problem: one form for each, and the same for every address (security I2).

    Who is not logged in gets no token against foreign forms, and so no cookie: the form does nothing for a session.
    """
    return _for_account(request) if request.user.is_authenticated else _for_everybody(request)


@csrf_protect
def _for_account(request: HttpRequest) -> HttpResponse:
    form = _form(request)
    if request.method == "POST" and form.is_valid():
        person: Any = request.user
        try:
            enquiry = services.ask(
                form.written(person.language or settings.LANGUAGE_CODE), user=person, now=timezone.now()
            )
        except EnquiryError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("We received what you wrote. Its number is %(number)s.") % {"number": enquiry})
            return redirect("enquiries:own", pk=enquiry.pk)
    return _page(request, form)


def _for_everybody(request: HttpRequest) -> HttpResponse:
    if request.method == "POST" and is_from_elsewhere(request):
        return _problem(request, _("This form can only be sent from our own pages."), status=403)
    if not ratelimit.consume(request, action="enquiry"):
        return ratelimit.respond_429(request)
    form = _form(request)
    if request.method == "POST" and form.is_valid():
        try:
            services.ask(form.written(get_language() or settings.LANGUAGE_CODE), now=timezone.now())
        except InvalidAddress:
            form.add_error("email", _("We cannot send a letter to this address. Please check it."))
        else:
            return redirect(_with_language(request, reverse("enquiries:sent")))
    return _page(request, form)


def _form(request: HttpRequest) -> AskForm:
    wanted = request.GET.get("kind", "")
    kind = Kind(wanted) if wanted in Kind.values else Kind.QUESTION
    filled = {"once": new_secret(), "page": _page_before(request)}
    data = request.POST if request.method == "POST" else None
    return AskForm(data, initial=filled, kind=kind, has_account=request.user.is_authenticated)


def _page(request: HttpRequest, form: AskForm) -> HttpResponse:
    context = {"form": form, "kinds": Kind, "kept": period("ENQUIRY").label}
    return render(request, "enquiries/contact.html", context, status=400 if form.errors else 200)


def _page_before(request: HttpRequest) -> str:
    """The page of ours that the visitor came from, without its query and whatever is a secret in it."""
    try:
        before = urlsplit(request.headers.get("Referer", ""))
        secrets = secrets_of(resolve(before.path))
    except (ValueError, Resolver404):
        return ""
    if before.netloc != request.get_host() or before.path == request.path:
        return ""
    return clean_path(before.path, secrets=secrets, limit=PAGE_LENGTH)


@never_cache
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """The one answer for everybody; the letter says the rest."""
    return render(request, "enquiries/sent.html")


@never_cache
@require_safe
@login_required
def own_list(request: HttpRequest) -> HttpResponse:
    """What the person asked us, with its answers, newest first."""
    found = Enquiry.objects.filter(user=request.user.pk)[:MOST_SHOWN]
    return render(request, "enquiries/own_list.html", {"enquiries": found})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def own(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One enquiry of the person's own; everybody else's is not found."""
    return _thread(request, get_object_or_404(Enquiry, pk=pk, user=request.user.pk), with_token=True)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request: HttpRequest, secret: str) -> HttpResponse:
    """The same for whoever has the link from our letter."""
    if request.method == "POST" and is_from_elsewhere(request):
        return _problem(request, _("This form can only be sent from our own pages."), status=403)
    if not ratelimit.consume(request, action="enquiry"):
        return ratelimit.respond_429(request)
    try:
        enquiry = services.behind(secret)
    except NoSuchLink:
        return _problem(
            request, _("This link leads nowhere, or what it led to was deleted after its term."), status=404
        )
    # In the language of the letter that the link stood in, unless another was chosen on the page.
    with translation.override(get_language() if "lang" in request.GET else enquiry.language):
        return _thread(request, enquiry, with_token=False)


def _thread(request: HttpRequest, enquiry: Enquiry, *, with_token: bool) -> HttpResponse:
    form = ReplyForm(request.POST if request.method == "POST" else None, initial={"once": new_secret()})
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            services.reply(enquiry.pk, typed["text"], once=typed["once"], now=timezone.now())
        except EnquiryError as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(_with_language(request, request.path, said="1"))
    context = {
        "enquiry": enquiry,
        "thread": enquiry.messages.all(),
        "form": form,
        "with_token": with_token,
        "is_said": "said" in request.GET,
        "kept": period("ENQUIRY").label,
    }
    return render(request, "enquiries/thread.html", context, status=400 if form.errors else 200)


def _with_language(request: HttpRequest, path: str, **more: str) -> str:
    """A path with the language that was asked for in the address, where no cookie may hold it."""
    query = request.GET.copy()
    for name in set(query) - {"lang"}:
        del query[name]
    query.update(more)
    return f"{path}?{query.urlencode()}" if query else path


def _problem(request: HttpRequest, sentence: str, *, status: int) -> HttpResponse:
    words = {"heading": _("Nothing was done"), "sentence": sentence}
    return render(request, "qlekta/problem.html", words, status=status)
