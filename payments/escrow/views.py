"""Pages of payments through Escrow.com: an account as a seller, and one payment as each of the two sees it."""

from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from datamap.catalogue import catalogue
from payments.escrow import services
from payments.escrow.client import CODE, is_open
from payments.escrow.states import STEPS
from payments.models.escrow import EscrowAccount


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """A seller's account at Escrow.com: how far it is, and a button that says what is told; no field for documents."""
    if not is_open():
        raise Http404
    person = cast("User", request.user)
    known = EscrowAccount.objects.filter(user=person).first()
    if request.method == "POST":
        if request.POST.get("step") == "open":
            services.open_account(person, now=timezone.now())
            messages.success(request, _("Escrow.com is told your e-mail address now. Look again in a minute."))
        elif known is not None:
            services.look_again(known, now=timezone.now())
            messages.success(request, _("We ask Escrow.com. Look again in a minute."))
        return redirect("payments:escrow-account")
    return render(request, "payments/escrow/account.html", {"account": known, **_provider()})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def deal(request: HttpRequest, number: UUID) -> HttpResponse:
    """Where a payment stands, what Escrow.com is told of it, and what this person can do."""
    person = cast("User", request.user)
    shown = services.seen_by(person, number)
    if shown is None:
        raise Http404
    refused = _pressed(request, shown) if request.method == "POST" else ""
    if request.method == "POST" and not refused:
        messages.success(request, _("Noted. What is to be done at Escrow.com is on its way there."))
        return redirect("payments:escrow-deal", number)
    context = {"shown": shown, "refused": refused, "user_email": person.email, **_provider()}
    return render(request, "payments/escrow/deal.html", context, status=409 if refused else 200)


def _pressed(request: HttpRequest, shown: services.Shown) -> str:
    """Take the step of the button that was pressed; why not, where it was refused."""
    step = STEPS.get(request.POST.get("step", ""))
    if step is None:
        return _("Please press one of the buttons. Nothing was changed.")
    try:
        services.press(shown, step, now=timezone.now())
    except services.EscrowRefused as refusal:
        return str(refusal.message)
    return ""


def _provider() -> dict[str, Any]:
    return {"provider": catalogue().recipients[CODE], "provider_pages": settings.ESCROW["PAGES_URL"]}
