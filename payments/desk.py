"""What pages of staff about money have in common: read-only but for buttons, seen by whoever may send money."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from audit.staff_views import RecordedAdmin
from payments.accountants import MAY_REFUND
from payments.cards.refunding import CannotRefund


class OfAccountants(RecordedAdmin):
    """Read-only; seen by whoever sends money back, and by those who see every page."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_refund(request) or super().has_view_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def button(self, name: str, act: Callable[[HttpRequest, UUID], None]) -> Any:
        """The address of a button: POST alone, for whoever may, and back to the row."""

        def pressed(request: HttpRequest, pk: UUID) -> HttpResponse:
            if not may_refund(request):
                raise PermissionDenied
            try:
                act(request, pk)
            except CannotRefund as refusal:
                messages.error(request, str(refusal.message))
            return redirect(reverse(f"admin:payments_{self.opts.model_name}_change", args=[pk]))

        view = self.admin_site.admin_view(never_cache(require_POST(pressed)))
        return path(f"<uuid:pk>/{name}/", view, name=f"payments_{self.opts.model_name}_{name}")


def may_refund(request: HttpRequest) -> bool:
    """Whether this member of staff may send money back."""
    return request.user.is_active and request.user.has_perm(f"payments.{MAY_REFUND}")


def staff(request: HttpRequest) -> Any:
    """Who is at work here."""
    return request.user
