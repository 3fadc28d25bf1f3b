"""Invoices and the accounting register for the accountant alone: read-only, names behind a reason (Q17.3, E11, G6)."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from audit.revealing import RevealedAdmin, RevealForm
from audit.staff_views import RecordedAdmin
from payments.invoices.files import as_file
from payments.models import AccountingEntry, Invoice

_READ = "payments.read_invoice"


@admin.register(Invoice)
class InvoiceAdmin(RevealedAdmin, admin.ModelAdmin[Invoice]):
    """No role but the accountant's has the permission, also not the one that sees every page."""

    list_display = ["number", "kind", "issued_at", "net", "vat", "gross", "corrects"]
    list_filter = ["kind", "year"]
    search_fields = ["=number", "=corrects", "=payable_id"]
    search_help_text = _("The number of a document or of what was paid, in full")
    date_hierarchy = "issued_at"
    revealed_to = _READ
    plain = frozenset({"buyer_country"})
    fields = [
        "number",
        "kind",
        "issued_at",
        "corrects",
        "corrects_issued_on",
        "buyer_name",
        "buyer_registration",
        "buyer_address",
        "buyer_country",
        "what",
        "net",
        "vat_percent",
        "vat",
        "gross",
        "payable_id",
    ]
    readonly_fields = ["what"]
    change_form_template = "payments/admin/invoice.html"

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(never_cache(require_POST(self.download_view)))
        return [
            path("<uuid:number>/download/", view, name="payments_invoice_download"),
            *super().get_urls(),
        ]

    def download_view(self, request: HttpRequest, number: UUID) -> HttpResponse:
        """The document as a file, for a reason that goes on record first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        invoice = get_object_or_404(self.get_queryset(request), pk=number)
        form = RevealForm(request.POST)
        if not form.is_valid():
            return self.reveal_view(request, str(number))
        self._record(request, "downloaded", invoice, given=form.cleaned_data["reason"])
        return as_file(invoice, request.POST.get("form", "pdf"), language=settings.LANGUAGE_CODE)

    def subject_of(self, obj: models.Model) -> UUID | None:
        return obj.user_id if isinstance(obj, Invoice) else None

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return request.user.has_perm(_READ)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @admin.display(description=_("what was sold"))
    def what(self, invoice: Invoice) -> str:
        return "; ".join(f"{line['text']['lv']} ({line['from']} – {line['until']})" for line in invoice.lines)


@admin.register(AccountingEntry)
class AccountingEntryAdmin(RecordedAdmin, admin.ModelAdmin[AccountingEntry]):
    """The register; who keeps the ledgers reads it too, for nobody stands in it."""

    list_display = ["at", "document", "account", "side", "amount_in_euro"]
    list_filter = ["account", "side"]
    search_fields = ["=document"]
    date_hierarchy = "at"
    exclude = ["salt", "cents"]
    readonly_fields = ["amount_in_euro"]

    @admin.display(description=_("amount, EUR"))
    def amount_in_euro(self, entry: AccountingEntry) -> str:
        return str(entry.amount)
