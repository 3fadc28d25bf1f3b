"""The administration: log-in through allauth with its second factor, and only pages that record who looked."""

from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.break_glass import raise_alarm
from accounts.models import User
from accounts.queries import has_second_factor
from audit.staff_views import RecordedAdmin


class StaffSite(admin.AdminSite):
    """Has no log-in and no password page of its own: those would pass by the second factor."""

    site_header = _("Qlekta staff")
    site_title = _("Qlekta staff")
    index_title = _("Work")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Leaves out pages of third parties that do not record who looked; of our own apps it refuses them."""
        if admin_class is not None and issubclass(admin_class, RecordedAdmin):
            super().register(model_or_iterable, admin_class, **options)
        elif admin_class is None or admin_class.__module__.split(".")[0] in settings.PROJECT_APPS:
            raise ImproperlyConfigured(f"{admin_class} must inherit audit.staff_views.RecordedAdmin")

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Every page passes here: a superuser opens none unseen (G3)."""
        page = super().admin_view(view, cacheable)

        @wraps(page)
        def seen(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
            raise_alarm(request, now=timezone.now())
            return page(request, *args, **options)

        return seen

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not request.user.is_authenticated:
            wanted = request.GET.get(REDIRECT_FIELD_NAME, "")
            return redirect_to_login(wanted if get_adapter().is_safe_url(wanted) else reverse("admin:index"))
        if not self.has_permission(request):
            raise PermissionDenied
        return redirect("admin:index")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # type: ignore[override]
        return redirect("account_logout")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # type: ignore[override]
        return redirect("account_change_password")

    def password_change_done(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # type: ignore[override]
        return redirect("account_change_password")

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        user = request.user
        lacking = isinstance(user, User) and not has_second_factor(user)
        return {**super().each_context(request), "second_factor_lacking": lacking}
