"""The page on which a seller says to which account her money goes."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.step_up import step_up_required
from payments.models import Payout
from payments.payables import teller_of
from payments.payouts.forms import AccountForm
from payments.payouts.services import PayoutRefused, give_account


# Whoever finds an open session must not lead the money elsewhere: the password once more.
@never_cache
@step_up_required
@require_http_methods(["GET", "HEAD", "POST"])
def payout(request: HttpRequest, number: UUID) -> HttpResponse:
    """How much, and where to; there for the seller alone."""
    owed = get_object_or_404(Payout, pk=number, user=cast("User", request.user))
    form = AccountForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            give_account(owed, form.cleaned_data["iban"])
        except PayoutRefused as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("Thank you. We send the money to this account."))
            return redirect("payments:payout", number)
    context = {"owed": owed, "form": form, "back": teller_of(owed.payable_kind).page(owed.payable_id)}
    return render(request, "payments/payouts/payout.html", context, status=400 if form.errors else 200)
