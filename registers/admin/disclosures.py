"""Disclosures as staff read and make them: first the record, then the file (policy clause 8)."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from datamap.trace import subject_of_user
from registers.admin.giving import Download
from registers.admin.requests import labels_of
from registers.admin.stepping import RegisterAdmin
from registers.disclosures import NewDisclosure, disclose, subject_id_of
from registers.forms import DisclosureForm
from registers.models import Disclosure
from registers.refusals import RegisterRefused
from registers.terms import Ground, RecipientKind


@admin.register(Disclosure)
class DisclosureAdmin(RegisterAdmin):
    """Who got what, when, on which ground; whom it is about no list says."""

    permission = "registers.disclose"
    list_display = ["at", "kind", "recipient", "ground", "handed_over_at", "secret_until"]
    list_filter = ["kind", "ground"]
    search_fields = ["recipient"]
    change_list_template = "registers/admin/disclosures.html"
    readonly_fields = ["what"]
    exclude = ["id", "tables", "subject_token", "email_token"]

    @admin.display(description=_("what was given out"))
    def what(self, row: Disclosure) -> str:
        return labels_of(row.tables)

    def get_urls(self) -> list[Any]:
        page = self._guarded(reauthentication_required(self.new_view))
        return [path("new/", page, name=f"{self.name}_new"), *super().get_urls()]

    def new_view(self, request: HttpRequest) -> HttpResponseBase:
        """Write a disclosure down and hand out the file."""
        form, download = DisclosureForm(request.POST or None), Download()
        if request.method == "POST" and form.is_valid():
            person: Any = request.user
            try:
                account = get_user_model()._default_manager.get(pk=subject_id_of(form.cleaned_data["address"]))
                disclose(_new(form), subject_of_user(account), download, by=person, now=timezone.now())
            except RegisterRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                return download.response()
        return self.form_page(request, _("Disclose data to a third party"), form)


def _new(form: DisclosureForm) -> NewDisclosure:
    found = form.cleaned_data
    return NewDisclosure(
        kind=RecipientKind(found["kind"]),
        recipient=found["recipient"],
        ground=Ground(found["ground"]),
        scope=form.scope(),
        act=found["act"],
        balance=found["balance"],
        purpose=found["purpose"],
        reason=found["reason"],
        secrecy=form.secrecy(),
    )
