"""The account page, and three pages of allauth that change nothing on GET or ask for the password first."""

from typing import Any

from allauth.account.views import ConfirmEmailView
from allauth.usersessions.models import UserSession
from allauth.usersessions.views import ListUserSessionsView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import services
from accounts.forms import DetailsForm, ProfileForm
from accounts.history import earlier_values, forget_earlier
from accounts.models import Profile, User
from accounts.queries import has_second_factor
from vault.keys import VaultError


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Shows the record entry and changes it (Art. 16, Q5.9)."""
    user = get_object_or_404(User, pk=request.user.pk)
    details = DetailsForm(request.POST or None, instance=User.objects.get(pk=user.pk))
    voluntary = ProfileForm(
        request.POST or None, instance=Profile.objects.filter(user=user).first() or Profile(user=user)
    )
    if request.method == "POST" and details.is_valid() and voluntary.is_valid():
        values = {"details": details.cleaned_data, "profile": voluntary.cleaned_data}
        try:
            services.change_details(user, **values, now=timezone.now())
        except VaultError:
            voluntary.add_error(None, _("Telephone and address cannot be stored safely now. Nothing was changed."))
        else:
            messages.success(request, _("Your changes are saved."))
            return redirect("account")
    page = {
        "details": details,
        "voluntary": voluntary,
        "second_factor": has_second_factor(user),
        "events": user.login_events.all()[:10],
        "earlier": earlier_values(user),
    }
    return render(request, "accounts/account.html", page)


@login_required
@require_POST
def forget_history(request: HttpRequest) -> HttpResponse:
    """Deletes the earlier values: they are kept for the person alone (Q5.9)."""
    forget_earlier(get_object_or_404(User, pk=request.user.pk))
    messages.success(request, _("The earlier values are deleted."))
    return redirect("account")


class ConfirmAddressView(ConfirmEmailView):
    """The page behind the link in the mail: opening it changes nothing, a used or old link gets a sentence."""

    def logout_other_user(self, confirmation: Any) -> None:
        if self.request.method == "POST":
            super().logout_other_user(confirmation)

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().post(*args, **kwargs)
        except Http404:
            return self.get(*args, **kwargs)


class SessionsView(ListUserSessionsView):
    """The list of devices, without tidying up while it is read."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super(ListUserSessionsView, self).get_context_data(**kwargs)
        rows = UserSession.objects.filter(user=self.request.user.pk).order_by("-created_at", "-pk")
        sessions = [row for row in rows if row.exists()]
        return {**context, "sessions": sessions, "session_count": len(sessions)}
