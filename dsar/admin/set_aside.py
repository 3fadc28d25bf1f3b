"""Mails that no request came of (automatic answers, loops): staff look whether a person wrote one of them after all."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from audit.revealing import RevealedAdmin
from dsar.buttons import WORK
from dsar.inbound import original_of, set_aside_mails
from dsar.models import Intake


@admin.register(Intake)
class SetAsideMailAdmin(RevealedAdmin, admin.ModelAdmin[Intake]):
    """A person's mail among them is entered as a message, with the time at which it arrived (Q19.3)."""

    list_display = ["arrived_at", "channel", "raw_size", "ends_at"]
    exclude = ["dedupe_key", "raw_file", "entered_by"]
    readonly_fields = ["original"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Intake]:
        return super().get_queryset(request).filter(pk__in=set_aside_mails().values("pk"))

    def reason_for(self, request: HttpRequest, obj: Any) -> str:
        return "looks whether a mail that was set aside is a request"

    @admin.display(description=_("original"))
    def original(self, intake: Intake) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:dsar_intake_original", args=[intake.pk]), _("Download")
        )

    def get_urls(self) -> list[Any]:
        original = path(
            "<uuid:intake_id>/original/",
            self.admin_site.admin_view(self.original_view),
            name="dsar_intake_original",
        )
        return [original, *super().get_urls()]

    def original_view(self, request: HttpRequest, intake_id: Any) -> HttpResponse:
        """The mail as it arrived, as an inert attachment; that it was opened is recorded first."""
        if not request.user.has_perm(WORK):
            raise PermissionDenied
        intake = get_object_or_404(self.get_queryset(request), pk=intake_id)
        if not intake.raw_file:
            raise Http404
        self._record(request, "viewed", intake)
        response = HttpResponse(original_of(intake), content_type="message/rfc822")
        response["Content-Disposition"] = f'attachment; filename="{intake.pk}.eml"'
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "no-store"
        return response
