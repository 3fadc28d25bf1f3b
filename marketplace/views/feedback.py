"""The page on which a buyer says how it went (policy clause 14)."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from marketplace import ordering, rating
from marketplace.forms import FeedbackForm
from marketplace.models import Order


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def feedback(request: HttpRequest, number: UUID) -> HttpResponse:
    """Publish it, or delete it again. There for the two of the order alone, and the seller can write nothing here."""
    person = cast("User", request.user)
    known = Order.objects.select_related("listing", "feedback").prefetch_related("parties__user__profile")
    shown = ordering.seen_by(person, get_object_or_404(known, pk=number))
    if shown is None:
        raise Http404
    if request.method == "POST" and "take_back" in request.POST:
        try:
            if rating.take_back(shown):
                messages.success(request, _("What you said is deleted."))
        except rating.FeedbackRefused as refusal:
            messages.error(request, str(refusal))
        return redirect("marketplace:order", number)
    form = FeedbackForm(
        request.POST if request.method == "POST" else None, initial={"stars": "", "author_name": person.display_name}
    )
    if request.method == "POST" and form.is_valid():
        try:
            rating.rate(shown, now=timezone.now(), **form.cleaned_data)
        except rating.FeedbackRefused as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("Thank you. It is published."))
            return redirect("marketplace:order", number)
    context = {"shown": shown, "form": form}
    return render(request, "marketplace/feedback.html", context, status=400 if form.errors else 200)
