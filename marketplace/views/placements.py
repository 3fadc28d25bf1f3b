"""The pages on which a seller pays to have a listing shown first in its category."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from marketplace import placements
from marketplace.models import Placement
from marketplace.models.placements import PAYABLE
from marketplace.placement_forms import PlacementForm
from marketplace.terms import NOT_BACK
from marketplace.views.selling import own_listing
from payments.cards import paying
from payments.cards.refunding import not_back
from payments.invoices.services import invoice_for


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def place(request: HttpRequest, number: UUID) -> HttpResponse:
    """Choose how long a listing stands first, and whom the invoice names."""
    listing, now = own_listing(request, number), timezone.now()
    if (running := placements.running(listing, now=now)) is not None:
        return redirect("marketplace:placement", running.pk)
    form = PlacementForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            chosen = placements.choose(listing, _person(request), form.chosen, now=now, on_invoice=form.on_invoice)
        except placements.PlacementRefused as refusal:
            form.add_error(None, str(refusal.message))
        else:
            return redirect("marketplace:placement", chosen.pk)
    context = {
        "listing": listing,
        "form": form,
        "is_open": listing.is_open(now=now),
        "is_offered": paying.is_offered(now=now),
        "shown": placements.SHOWN,
    }
    return render(request, "marketplace/place.html", context, status=400 if form.errors else 200)


@login_required
@require_safe
def placement(request: HttpRequest, number: UUID) -> HttpResponse:
    """What was chosen, whether it runs, and the button to pay; there for its seller alone."""
    found, now = _own(request, number), timezone.now()
    context = {
        "placement": found,
        "service": next(one for one in placements.offers() if one.code == found.service),
        "runs": found.runs(now=now),
        "may_pay": found.paid_at is None and found.listing.is_open(now=now) and paying.is_offered(now=now),
        "not_back": NOT_BACK if not_back(PAYABLE, found.pk) else "",
        "invoice": invoice_for(found.payable.kind, found.pk),
    }
    return render(request, "marketplace/placement.html", context)


@login_required
@require_POST
def pay_placement(request: HttpRequest, number: UUID) -> HttpResponse:
    """To the page of the card; only now is a payment begun (Q9.1)."""
    found, now = _own(request, number), timezone.now()
    if found.paid_at is not None or not found.listing.is_open(now=now):
        return redirect("marketplace:placement", number)
    try:
        payment = paying.begin(found.payable, payer=_person(request), now=now)
    except paying.CannotPay as refusal:
        messages.error(request, str(refusal.message))
        return redirect("marketplace:placement", number)
    return redirect("payments:card", payment.pk)


def _own(request: HttpRequest, number: UUID) -> Placement:
    return get_object_or_404(Placement.objects.select_related("listing"), pk=number, seller=_person(request))


def _person(request: HttpRequest) -> User:
    return cast("User", request.user)
