"""Step 2 of a listing, and the photos themselves as browsers fetch them (policy clauses 8.5 and 14; ASVS 5.4)."""

from contextlib import suppress
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.signs import no_hidden_signs
from marketplace.contacts_in_text import has_contacts
from marketplace.models import Listing, ListingPhoto
from marketplace.models.photos import MOST_PHOTOS, WORDS_LENGTH
from marketplace.photo_files import open_file
from marketplace.photos import add_photos, move_photo, remove_photo, say_what_it_shows
from marketplace.searching import is_hidden
from marketplace.terms import NOT_FOR_ALL
from marketplace.views.selling import STEPS, own_listing

_FOR_ALL = "private, max-age=3600, immutable"
"""In the browser alone, and for an hour: what its seller takes away lives on in no cache that many share."""
_FOR_ITS_SELLER = "private, no-store"


@login_required
def photos(request: HttpRequest, number: UUID) -> HttpResponse:
    """Step 2: the photos in their order, each with what can be done with it, and a form for more."""
    listing = own_listing(request, number)
    if request.method == "POST":
        with suppress(Listing.DoesNotExist):  # whose session is gone as well: the page leads to the log-in
            _add(request, listing)
        return redirect("marketplace:photos", listing.pk)
    found = list(listing.photos.all())
    context = {
        "listing": listing,
        "photos": found,
        "room": MOST_PHOTOS - len(found),
        "words_length": WORDS_LENGTH,
        "steps": STEPS,
        "step": 2,
    }
    return render(request, "marketplace/step_2.html", context)


def _add(request: HttpRequest, listing: Listing) -> None:
    files = request.FILES.getlist("photos")
    if not files:
        messages.warning(request, _("Please choose a photo first."))
    added = add_photos(listing, files, now=timezone.now())
    for sentence in added.refused:
        messages.warning(request, sentence)
    if added.count:
        sentence = ngettext("One photo was added.", "%(count)d photos were added.", added.count)
        messages.success(request, sentence % {"count": added.count})


@login_required
@require_POST
def change_photo(request: HttpRequest, number: UUID, photo: UUID) -> HttpResponse:
    """One of the buttons beside a photo."""
    listing = own_listing(request, number)
    try:
        _change(request, listing, photo)
    except (ListingPhoto.DoesNotExist, Listing.DoesNotExist):
        messages.warning(request, _("This photo is gone already."))
    return redirect("marketplace:photos", listing.pk)


def _change(request: HttpRequest, listing: Listing, photo: UUID) -> None:
    match request.POST.get("act"):
        case "up" | "down" as way:
            move_photo(listing, photo, up=way == "up")
        case "remove":
            remove_photo(listing, photo)
            messages.success(request, _("The photo is deleted."))
        case _:
            _describe(request, listing, photo)


def _describe(request: HttpRequest, listing: Listing, photo: UUID) -> None:
    words = " ".join(request.POST.get("words", "").split())[:WORDS_LENGTH]
    try:
        no_hidden_signs(words)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
        return
    say_what_it_shows(listing, photo, words)
    messages.success(request, _("Saved."))
    if has_contacts(words):
        messages.warning(
            request, _("What you wrote seems to hold a telephone number or an address. Everybody can read it.")
        )


@require_safe
def large_photo(request: HttpRequest, photo: UUID) -> HttpResponseBase:
    """The large picture."""
    return _file(request, photo, small=False)


@require_safe
def small_photo(request: HttpRequest, photo: UUID) -> HttpResponseBase:
    """The small picture."""
    return _file(request, photo, small=True)


def _file(request: HttpRequest, photo: UUID, *, small: bool) -> HttpResponseBase:
    found = get_object_or_404(ListingPhoto.objects.select_related("listing"), pk=photo)
    is_for_all = found.listing.state not in NOT_FOR_ALL and not is_hidden(found.listing)
    # Only a draft asks who is there: a visitor without a cookie costs no session.
    if not is_for_all and found.listing.seller_id != request.user.pk:
        raise Http404
    headers = {
        "Cache-Control": _FOR_ALL if is_for_all else _FOR_ITS_SELLER,
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "ETag": f'"{photo}{"-small" if small else ""}"',
        "X-Content-Type-Options": "nosniff",
    }
    if headers["ETag"] in parse_etags(request.headers.get("If-None-Match", "")):
        return HttpResponseNotModified(headers=headers)
    try:
        file = open_file(photo, small=small)
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(file, content_type="image/webp", filename="photo.webp", headers=headers)
