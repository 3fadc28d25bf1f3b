"""Requests of authorities: registered by one, decided by another, answered in their scope and no further (Q8.5)."""

from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from datamap.registry import registry
from registers import authority
from registers.admin.giving import Download
from registers.admin.stepping import RegisterAdmin, Step
from registers.authority import NewRequest, register_request
from registers.disclosures import subject_id_of
from registers.forms import ReasonForm, RequestForm
from registers.models import AuthorityRequest
from registers.refusals import RegisterRefused
from registers.terms import RecipientKind, RequestState


def _waits(request: AuthorityRequest) -> bool:
    return request.state == RequestState.REGISTERED


STEPS = {
    "approve": Step(
        _("Approve as the second person"),
        ReasonForm,
        lambda row, data, by: authority.approve(row.pk, by=by, now=timezone.now(), **data),
        _waits,
    ),
    "refuse": Step(
        _("Refuse"),
        ReasonForm,
        lambda row, data, by: authority.refuse(row.pk, by=by, now=timezone.now(), **data),
        _waits,
    ),
}


@admin.register(AuthorityRequest)
class AuthorityRequestAdmin(RegisterAdmin):
    """Requests, those that wait first to be seen by their state."""

    steps = STEPS
    permission = "registers.change_authorityrequest"
    list_display = ["received_at", "kind", "requester", "document", "state", "decided_at"]
    list_filter = ["state", "kind"]
    search_fields = ["document", "requester"]
    change_list_template = "registers/admin/requests.html"
    change_form_template = "registers/admin/request.html"
    readonly_fields = ["scope"]
    exclude = ["id", "tables"]

    @admin.display(description=_("what is asked for"))
    def scope(self, row: AuthorityRequest) -> str:
        return labels_of(row.tables)

    def subject_of(self, obj: models.Model) -> UUID | None:
        # A secret request must not shine through the trail that the person may read.
        return obj.subject_id if isinstance(obj, AuthorityRequest) and not obj.secret_under else None

    def get_urls(self) -> list[Any]:
        give = require_POST(reauthentication_required(self.give_view))
        return [
            path("new/", self._guarded(self.new_view), name=f"{self.name}_new"),
            path("<uuid:request_id>/give/", self._guarded(give), name=f"{self.name}_give"),
            *super().get_urls(),
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = kwargs.get("obj")
        context["may_give"] = row is not None and row.state == RequestState.APPROVED and self.may_act(request)
        return super().render_change_form(request, context, *args, **kwargs)

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """Register a request."""
        form = RequestForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                row = register_request(_new(form), by=_staff(request), now=timezone.now())
            except RegisterRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Registered. Another person must decide."))
                return redirect(f"admin:{self.name}_change", row.pk)
        return self.form_page(request, _("Register a request of an authority"), form)

    def give_view(self, request: HttpRequest, request_id: UUID) -> HttpResponseBase:
        """Write the disclosure, then hand out the file."""
        row, download = get_object_or_404(AuthorityRequest, pk=request_id), Download()
        try:
            authority.give_out(row.pk, download, by=_staff(request), now=timezone.now())
        except RegisterRefused as refusal:
            messages.error(request, str(refusal))
            return redirect(f"admin:{self.name}_change", row.pk)
        return download.response()


def _new(form: RequestForm) -> NewRequest:
    found = form.cleaned_data
    return NewRequest(
        kind=RecipientKind(found["kind"]),
        requester=found["requester"],
        power=found["power"],
        document=found["document"],
        subject_id=subject_id_of(found["address"]),
        scope=form.scope(),
        received_at=found["received_at"],
        secrecy=form.secrecy(),
    )


def labels_of(tables: list[str]) -> str:
    """The tables under the names that people read."""
    known = {holding.model: str(holding.label) for holding in registry().holdings}
    return ", ".join(known.get(name, name) for name in tables)


def _staff(request: HttpRequest) -> Any:
    """The account behind a request that the site of the administration let in."""
    return request.user
