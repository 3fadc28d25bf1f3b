"""The page that explains a person's profile to her (Art. 13(2)(f), 15(1)(h), 21(2))."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from consent.queries import current_status
from datamap.catalogue import period
from profiling.showing import profile_of
from profiling.terms import LEAST_ITEMS, MOST_CATEGORIES, PURPOSE


@never_cache
@require_safe
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """Shows what the profile says, from which views, until when, how it is made, and the button that ends it."""
    number = request.user.pk
    context = {
        "status": current_status(number, PURPOSE, now=timezone.now()),  # type: ignore[arg-type]
        "profile": profile_of(number),  # type: ignore[arg-type]
        "purpose": PURPOSE,
        "least": LEAST_ITEMS,
        "most": MOST_CATEGORIES,
        "term": period("PROFILE"),
    }
    return render(request, "profiling/page.html", context)
