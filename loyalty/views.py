"""The page on which a person sees her points, and whether new ones come (Art. 15; policy clause 4)."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from consent.queries import current_status
from datamap.catalogue import period
from loyalty.services import statement
from loyalty.terms import PURPOSE


@never_cache
@require_safe
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """Shows the balance and each entry with its end; giving and withdrawing are one button."""
    now, number = timezone.now(), request.user.pk
    context = {
        "status": current_status(number, PURPOSE, now=now),  # type: ignore[arg-type]
        "statement": statement(number, now=now),  # type: ignore[arg-type]
        "term": period("LOYALTY_POINTS"),
    }
    return render(request, "loyalty/page.html", context)
