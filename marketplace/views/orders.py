"""Orders as each of the two sees them (policy clause 8.2.2)."""

from typing import Any, cast
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from marketplace import held_money, ordering
from marketplace.forms import OrderForm
from marketplace.models import Listing, Order
from marketplace.models.orders import PAYABLE
from marketplace.pages import page_of
from marketplace.payables import ways_to_pay
from marketplace.rating import may_rate, said_of
from marketplace.terms import NOT_BACK, NOT_FOR_ALL, Delivery, Payment
from payments.cards import paying
from payments.cards.refunding import not_back
from payments.escrow.client import is_open
from payments.payouts.services import owed_for

PAGE = 50
"""Orders on one page."""


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: HttpRequest, number: UUID) -> HttpResponse:
    """Make the seller of a listing an offer."""
    listing = get_object_or_404(Listing.objects.exclude(state__in=NOT_FOR_ALL), pk=number)
    given = request.POST if request.method == "POST" else None
    initial = {"number": uuid4(), "price": listing.price, "delivery": Delivery.COLLECTION}
    form = OrderForm(given, initial=initial, ways=ways_to_pay(listing.seller, now=timezone.now()))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            order = ordering.offer_to_buy(
                listing,
                _person(request),
                number=said["number"],
                price=said["price"],
                delivery=Delivery(said["delivery"]),
                payment=said["payment"],
                now=timezone.now(),
            )
        except ordering.OrderRefused as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("Your offer is with the seller."))
            return redirect("marketplace:order", order.pk)
    context = {"form": form, "listing": listing}
    return render(request, "marketplace/offer.html", context, status=400 if form.errors else 200)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def order(request: HttpRequest, number: UUID) -> HttpResponse:
    """Where an order stands, what this person can do, and during a deal the contact details of the other one."""
    known = Order.objects.select_related("listing", "feedback").prefetch_related("parties__user__profile")
    shown = ordering.seen_by(_person(request), get_object_or_404(known, pk=number))
    if shown is None:
        raise Http404
    refused = _taken(request, shown) if request.method == "POST" else ""
    if request.method == "POST" and not refused:
        messages.success(request, _("Done. The other person has been told."))
        return redirect("marketplace:order", number)
    context: dict[str, Any] = {"shown": shown, "refused": refused, "said": said_of(shown)}
    context["may_rate"] = may_rate(shown)
    context["deal"] = deal = held_money.deal_of(shown.order)
    context["looked_at_until"] = held_money.looked_at_until(deal)
    context["not_back"] = NOT_BACK if not_back(PAYABLE, number) else ""
    if not shown.mine.is_buyer:
        context["owed"] = owed_for(PAYABLE, number)
    return render(request, "marketplace/order.html", context, status=409 if refused else 200)


@login_required
@require_POST
def pay(request: HttpRequest, number: UUID) -> HttpResponse:
    """To the page of the card, or of the payment that Escrow.com holds; only now is a card's begun (Q9.1)."""
    shown = ordering.seen_by(_person(request), get_object_or_404(Order.objects.all(), pk=number))
    if shown is None:
        raise Http404
    if not shown.may_pay:
        messages.error(request, _("There is nothing to pay for this order now."))
        return redirect("marketplace:order", number)
    try:
        return redirect(_place_to_pay(shown, _person(request)))
    except (paying.CannotPay, held_money.HoldingRefused) as refusal:
        messages.error(request, str(refusal.message))
        return redirect("marketplace:order", number)


def _place_to_pay(shown: ordering.Shown, person: User) -> str:
    if shown.order.payment == Payment.ESCROW:
        return reverse("payments:escrow-deal", args=[held_money.begin(shown, now=timezone.now()).pk])
    payment = paying.begin(shown.order.payable, payer=person, now=timezone.now())
    return reverse("payments:card", args=[payment.pk])


def _taken(request: HttpRequest, shown: ordering.Shown) -> str:
    """Take the step of the button that was pressed; why not, where it was refused."""
    step = ordering.STEPS.get(request.POST.get("step", ""))
    if step is None:
        return _("Please press one of the buttons. Nothing was changed.")
    try:
        ordering.take(shown, step, now=timezone.now())
    except ordering.OrderRefused as refusal:
        return str(refusal.message)
    return ""


@login_required
@require_safe
def orders(request: HttpRequest) -> HttpResponse:
    """What one buys and sells."""
    person = _person(request)
    found = page_of(ordering.orders_of(person), request.GET, size=PAGE)
    return render(
        request,
        "marketplace/orders.html",
        {
            "found": found,
            "rows": [ordering.seen_by(person, one) for one in found.rows],
            "may_be_held": is_open(),
        },
    )


def _person(request: HttpRequest) -> User:
    return cast("User", request.user)
