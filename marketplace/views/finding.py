"""Lists, searches and single listings, as everybody sees them (policy clauses 8.5, 14)."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from marketplace.forms import SearchForm
from marketplace.models import Listing, ListingPhoto
from marketplace.names import public_name
from marketplace.pages import page_of
from marketplace.photos import with_first_photo
from marketplace.placements import placed
from marketplace.rating import rating_of
from marketplace.searching import PAGE, find, is_hidden, open_listings
from marketplace.services import contacts_shown
from marketplace.terms import ListingState


@require_safe
def listings(request: HttpRequest) -> HttpResponse:
    """What is offered, or what answers a search. What was searched for is kept nowhere but in the visit log (Q5.4)."""
    form = SearchForm(request.GET or None)
    now = timezone.now()
    found = page_of(with_first_photo(find(form.wish, now=now)), request.GET, size=PAGE)
    first = with_first_photo(placed(form.wish, now=now)) if form.wish.category and found.number == 1 else ()
    asked = {name for name in form.fields if request.GET.get(name)}
    context = {"form": form, "found": found, "placed": first}
    context |= {"is_search": bool(request.GET), "is_narrowed": bool(asked - {"q"})}
    return render(request, "marketplace/listings.html", context)


@require_safe
def listing(request: HttpRequest, number: UUID) -> HttpResponse:
    """One listing. A draft is there for its seller alone; what was published stays readable (Q14.7)."""
    found = get_object_or_404(Listing.objects.select_related("seller__profile", "seller__handle"), pk=number)
    now, is_own = timezone.now(), found.seller_id is not None and found.seller_id == request.user.pk
    if not is_own and (found.state == ListingState.DRAFT or is_hidden(found)):
        raise Http404
    if found.state == ListingState.REMOVED:
        words = {"heading": _("Taken down"), "sentence": _("We took this listing down, so nobody can read it here.")}
        return render(request, "qlekta/problem.html", words, status=410)
    photos = list(found.photos.all())
    context = {
        "listing": found,
        "photos": photos,
        "shown": _chosen(photos, request.GET.get("photo", "")),
        "is_own": is_own,
        "is_open": found.is_open(now=now),
        "contacts": contacts_shown(found, now=now),
        "rating": rating_of(found.seller),
        "seller_name": public_name(found.seller),
    }
    return render(request, "marketplace/listing.html", context)


def _chosen(photos: list[ListingPhoto], place: str) -> ListingPhoto | None:
    """The photo that is shown large: the one asked for by its place, else the first."""
    return next((one for one in photos if str(one.position) == place), next(iter(photos), None))


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """The newest listings as an Atom feed (RFC 4287) that names no seller."""
    now = timezone.now()
    newest = list(open_listings(now=now).order_by("-published_at", "-id")[:PAGE])
    context = {
        "listings": newest,
        "updated": _updated(newest, now),
        "site": settings.SITE_URL,
        "here": settings.SITE_URL + reverse("marketplace:feed"),
    }
    return render(request, "marketplace/feed.xml", context, content_type="application/atom+xml; charset=utf-8")


def _updated(newest: list[Listing], now: datetime) -> datetime:
    return (newest[0].published_at or now) if newest else now
