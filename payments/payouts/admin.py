"""The page on which an accountant sends sellers their money: one account number at a time, for a reason on record."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from audit.revealing import RevealedAdmin, is_revealed
from audit.trail import Actor
from payments.models import Payout
from payments.payouts.forms import SentForm
from payments.payouts.services import PayoutRefused, note_sent

SEND = "payments.send_payout"


@admin.register(Payout)
class PayoutAdmin(RevealedAdmin, admin.ModelAdmin):
    """What is to be sent first, the oldest above; an account number is in clear once a reason is given."""

    list_display = ("id", "amount", "state", "owed_at", "sent_at")
    list_filter = ("state",)
    ordering = ("state", "owed_at")
    change_form_template = "payments/admin/payout.html"
    revealed_to = SEND

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_send(request) or super().has_view_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def subject_of(self, obj: Any) -> UUID | None:
        return obj.user_id if isinstance(obj, Payout) else None

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(never_cache(require_POST(self.sent_view)))
        return [path("<uuid:pk>/sent/", view, name="payments_payout_sent"), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        owed = options.get("obj")
        if owed is not None and owed.iban and is_revealed(request):
            context["sent_form"] = SentForm()
        return super().render_change_form(request, context, *args, **options)

    def sent_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """It was sent: note the number at the bank, and forget that of the account."""
        if not _may_send(request):
            raise PermissionDenied
        form = SentForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Give the number that the bank gave the transfer. Nothing was changed."))
        else:
            self._note(request, pk, form.cleaned_data["bank_reference"])
        return redirect(reverse("admin:payments_payout_change", args=[pk]))

    def _note(self, request: HttpRequest, pk: UUID, reference: str) -> None:
        try:
            note_sent(pk, bank_reference=reference, actor=Actor.of(request.user), now=timezone.now())
        except PayoutRefused as refusal:
            messages.error(request, str(refusal.message))
        else:
            messages.success(request, _("It is noted, the account number is deleted, and the seller is told."))


def _may_send(request: HttpRequest) -> bool:
    return request.user.is_active and request.user.has_perm(SEND)
