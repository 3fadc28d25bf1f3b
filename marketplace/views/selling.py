"""The four steps of a listing, and the seller's own list (policy clause 8.5)."""

from dataclasses import dataclass
from typing import cast
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from consent.services import AccountGone, AgeNotDeclared, NotPublishedError, WordingChanged
from datamap.terms import Text
from marketplace import services
from marketplace.contacts_in_text import has_contacts
from marketplace.forms import ContactForm, PriceForm, WhatForm
from marketplace.models import Listing
from marketplace.terms import ListingState


@dataclass(frozen=True, slots=True)
class Step:
    """One page of the way to a listing."""

    number: int
    name: str
    label: Text


STEPS = (
    Step(1, "what", gettext_lazy("What you sell")),
    Step(2, "photos", gettext_lazy("Photos")),
    Step(3, "price", gettext_lazy("Price and place")),
    Step(4, "contact", gettext_lazy("How buyers reach you")),
)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """Step 1 of a new listing. The form carries its number, so that a second click makes no second draft."""
    number = _number(request.POST.get("number", ""))
    begun = Listing.objects.filter(pk=number).first()
    if begun is not None and begun.seller_id == request.user.pk and begun.state != ListingState.REMOVED:
        return _what(request, begun)
    return _what(request, Listing(pk=uuid4() if begun else number, seller=_person(request)))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def what(request: HttpRequest, number: UUID) -> HttpResponse:
    """Step 1 of a listing that stands."""
    return _what(request, own_listing(request, number))


def _what(request: HttpRequest, listing: Listing) -> HttpResponse:
    initial = {"language": get_language()} if listing._state.adding else {}
    form = WhatForm(_sent(request), instance=listing, initial=initial)
    if request.method == "POST" and form.is_valid():
        services.describe(listing, now=timezone.now())
        if has_contacts(f"{listing.title}\n{listing.description}"):
            sentence = _(
                "Your text seems to hold a telephone number or an address, and everybody can read it."
                " In step 4 you can show yours and take it back at any time."
            )
            messages.warning(request, sentence)
        return redirect("marketplace:photos", listing.pk)
    return _step(request, listing, form, step=1)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def price(request: HttpRequest, number: UUID) -> HttpResponse:
    """Step 3."""
    listing = own_listing(request, number)
    form = PriceForm(_sent(request), instance=listing)
    if request.method == "POST" and form.is_valid():
        services.describe(listing, now=timezone.now())
        return redirect("marketplace:contact", listing.pk)
    return _step(request, listing, form, step=3)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest, number: UUID) -> HttpResponse:
    """Step 4: which contact details are published with this listing, and the button that publishes it (Q8.13-Q8.16)."""
    listing, now = own_listing(request, number), timezone.now()
    chosen = services.contacts_consented(listing, now=now)
    form = ContactForm(_sent(request), seller=_person(request), chosen=chosen)
    if request.method == "POST" and form.is_valid():
        try:
            services.offer(
                listing,
                form.chosen,
                language=_language(),
                wording=form.cleaned_data["shown"],
                now=now,
            )
        except AccountGone:
            return redirect(request.get_full_path())  # whose session is gone as well: it leads to the log-in
        except services.ListingRefused as refusal:
            form.add_error(None, str(refusal.message))
        except AgeNotDeclared:
            form.add_error(
                None, _("Contact details are published for people who have declared that they are 16 or older.")
            )
        except (WordingChanged, NotPublishedError):
            form.add_error(None, _("The wording has changed since you opened this page. Please read it again."))
        else:
            messages.success(request, _("Your listing is published."))
            return redirect("marketplace:listing", listing.pk)
    return _step(request, listing, form, step=4)


@login_required
@require_POST
def close_listing(request: HttpRequest, number: UUID) -> HttpResponse:
    """Off the lists, and with it the contact details; step 4 publishes it again."""
    listing = own_listing(request, number)
    if listing.state == ListingState.PUBLISHED:
        services.close(listing, language=_language(), now=timezone.now())
        messages.success(request, _("The listing is closed. Your contact details are not shown any more."))
    return redirect("marketplace:mine")


@login_required
@require_POST
def discard_listing(request: HttpRequest, number: UUID) -> HttpResponse:
    """Throw a draft away."""
    try:
        services.discard(own_listing(request, number))
    except services.ListingRefused as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("The draft is deleted."))
    return redirect("marketplace:mine")


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """All that the person offers, offered or has begun to offer."""
    found = services.of_seller(_person(request).pk)
    return render(request, "marketplace/mine.html", {"listings": found, "now": timezone.now()})


def _step(request: HttpRequest, listing: Listing, form: object, *, step: int) -> HttpResponse:
    context = {"listing": listing, "is_new": listing._state.adding, "form": form, "steps": STEPS, "step": step}
    status = 400 if getattr(form, "errors", None) else 200
    return render(request, f"marketplace/step_{step}.html", context, status=status)


def own_listing(request: HttpRequest, number: UUID) -> Listing:
    """A listing of the person; anybody else's is not there, and what staff took down is not changed."""
    rows = Listing.objects.select_related("seller__profile").exclude(state=ListingState.REMOVED)
    return get_object_or_404(rows, pk=number, seller=_person(request))


def _sent(request: HttpRequest) -> QueryDict | None:
    """What a form is filled with; also where every box was left empty."""
    return request.POST if request.method == "POST" else None


def _number(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return uuid4()


def _person(request: HttpRequest) -> User:
    return cast("User", request.user)


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE
