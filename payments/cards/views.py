"""The page on which a card is paid with: its fields are Braintree's own frames, so no card reaches us (Q8.19, Q9.1).

It is opened only after somebody chose to pay by card; no other page names Braintree or loads anything of it.
"""

from collections.abc import Callable
from typing import Any, Final, cast
from uuid import UUID

from csp.decorators import csp_update
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from datamap.catalogue import catalogue
from payments.cards import paying
from payments.cards.forms import EmulatedCardForm, NonceForm
from payments.cards.gateway import CODE
from payments.models import CardPayment
from payments.models.cards import CHARGED, TAKES_A_CARD, UNDERWAY
from payments.payables import teller_of

FRAMES: Final = "https://assets.braintreegateway.com"
"""Where the frames come from into which a card is typed."""

_API: Final = ("https://api.braintreegateway.com", "https://api.sandbox.braintreegateway.com")

with_frames: Final[Callable[[Any], Any]] = csp_update(
    {"frame-src": [FRAMES], "connect-src": list(_API), "img-src": [FRAMES]}
)
"""Adds Braintree's hosts to the policy of one page. Its statistics and those of PayPal stay forbidden."""


@never_cache
@login_required
@with_frames
@require_http_methods(["GET", "HEAD", "POST"])
def card(request: HttpRequest, number: UUID) -> HttpResponse:
    """Pay with a card, and see what became of it; there for who pays alone."""
    payment = _mine(request, number)
    form = _form(request)
    if request.method == "POST" and form.is_valid():
        try:
            paying.take_nonce(payment, form.cleaned_data["nonce"], person=_person(request), now=timezone.now())
        except paying.CannotPay as refusal:
            form.add_error(None, str(refusal.message))
        else:
            return redirect("payments:card", number)
    context = {
        "payment": payment,
        "form": form,
        "takes_a_card": payment.state in TAKES_A_CARD,
        "is_under_way": payment.state in UNDERWAY,
        "is_paid": payment.state in CHARGED,
        "is_emulated": _is_emulated(),
        "braintree": catalogue().recipients[CODE],
        "back": teller_of(payment.payable_kind).page(payment.payable_id),
    }
    return render(request, "payments/cards/card.html", context, status=400 if form.errors else 200)


@never_cache
@login_required
@require_POST
def token(request: HttpRequest, number: UUID) -> HttpResponse:
    """What the card form in the browser needs, as JSON; or a sentence why it gets nothing."""
    try:
        found = paying.client_token(_mine(request, number), _person(request), request=request, now=timezone.now())
    except paying.CannotPay as refusal:
        return JsonResponse({"refused": str(refusal.message)}, status=409)
    return JsonResponse({"token": found})


def _is_emulated() -> bool:
    return bool(settings.BRAINTREE["CARD_FORM"] == "emulated")


def _form(request: HttpRequest) -> NonceForm:
    kind = EmulatedCardForm if _is_emulated() else NonceForm
    return kind(request.POST if request.method == "POST" else None)


def _mine(request: HttpRequest, number: UUID) -> CardPayment:
    return get_object_or_404(CardPayment, pk=number, payer=_person(request))


def _person(request: HttpRequest) -> User:
    return cast("User", request.user)
