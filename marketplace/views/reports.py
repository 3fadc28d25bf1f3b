"""Reporting a listing or a conversation, and objecting to a removal (Regulation 2022/2065 Art. 16, 17, 20)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from datamap.catalogue import period
from mailing.services import InvalidAddress
from marketplace.models import Conversation, Listing, Removal
from marketplace.moderating import object_to
from marketplace.report_forms import ObjectionForm, ReportForm
from marketplace.reporting import ReportRefused, report
from marketplace.searching import is_hidden
from marketplace.terms import NOT_FOR_ALL
from marketplace.views.open_forms import language_for, turned_away
from vault.tokens import new_secret


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report_listing(request: HttpRequest, number: UUID) -> HttpResponse:
    """Open to everybody, and the same for every address; what nobody can read cannot be reported (security I2).

    Who is not logged in gets no token against foreign forms, and so no cookie.
    """
    found = get_object_or_404(Listing.objects.exclude(state__in=NOT_FOR_ALL), pk=number)
    if is_hidden(found):
        raise Http404
    return _with_token(request, found) if request.user.is_authenticated else _reported(request, found, user=None)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def report_conversation(request: HttpRequest, number: UUID) -> HttpResponse:
    """Only for the two who write in it: for everybody else it is not there."""
    mine = Conversation.objects.filter(participants__user=request.user.pk)
    return _reported(request, get_object_or_404(mine, pk=number), user=request.user)


@csrf_protect
def _with_token(request: HttpRequest, found: Listing) -> HttpResponse:
    return _reported(request, found, user=request.user)


def _reported(request: HttpRequest, about: Listing | Conversation, *, user: Any) -> HttpResponse:
    if (answer := turned_away(request, user=user)) is not None:
        return answer
    data = request.POST if request.method == "POST" else None
    form = ReportForm(data, initial={"once": new_secret()}, has_account=user is not None)
    is_sent = request.method == "POST" and form.is_valid() and _is_kept(form, about, user)
    context = {
        "form": form,
        "listing": about if isinstance(about, Listing) else None,
        "conversation": about if isinstance(about, Conversation) else None,
        "is_sent": is_sent,
        "kept": period("NOTICE").label,
    }
    return render(request, "marketplace/report.html", context, status=400 if form.errors else 200)


def _is_kept(form: ReportForm, about: Listing | Conversation, user: Any) -> bool:
    try:
        report(about, form.told(language_for(user)), user=user, now=timezone.now())
    except InvalidAddress:
        form.add_error("email", _("We cannot send a letter to this address. Please check it."))
    except ReportRefused as refusal:
        form.add_error(None, str(refusal))
    return not form.errors


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def removed(request: HttpRequest, number: UUID) -> HttpResponse:
    """Why a listing of one's own was taken down, what became of it, and the form to object; once."""
    rows = Removal.objects.filter(listing=number, seller=request.user.pk).select_related("listing")
    removal = rows.order_by("-removed_at").first()
    if removal is None:
        raise Http404
    form = ObjectionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        object_to(removal.pk, form.cleaned_data["text"], user=request.user, now=timezone.now())
        messages.success(request, _("We received your objection. Another person reads it and writes to you."))
        return redirect("marketplace:removed", number)
    context = {"removal": removal, "form": form, "kept": period("NOTICE").label}
    return render(request, "marketplace/removed.html", context, status=400 if form.errors else 200)
