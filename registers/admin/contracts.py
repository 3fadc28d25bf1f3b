"""The register of processors: where each contract stands today, what it says, and entering a new one (Art. 28)."""

from dataclasses import dataclass
from hashlib import file_digest
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from audit.lists import WordFilter
from datamap.catalogue import catalogue
from datamap.declarations import Recipient
from datamap.gate import Decision
from datamap.periods import RIGA
from datamap.processors import FINAL
from registers.admin.stepping import RegisterAdmin
from registers.contracts import contract_on, decide, enter, entered, handed_over, under_contract
from registers.health import Health, NotAsked, ask_now, health_of
from registers.models import ContractVersion
from registers.refusals import RegisterRefused

_COLUMNS = [
    "reference",
    "contact",
    "signed_on",
    "starts_on",
    "ends_on",
    "transfer",
    "transfer_ends_on",
    "review_on",
    "instructions",
    "confidentiality",
    "measures",
    "subprocessors",
    "assistance",
    "at_end",
    "audits",
]
_DATES = ("signed_on", "starts_on", "ends_on", "transfer_ends_on", "review_on")


class ContractForm(forms.ModelForm[ContractVersion]):
    """The columns of Art. 28; the signed file is not kept, only its digest."""

    file = forms.FileField(
        label=_("Signed file"),
        required=False,
        help_text=_("Only its SHA-256 is kept, so that the paper in the cabinet can be told from another."),
    )

    class Meta:
        model = ContractVersion
        fields = ["recipient", *_COLUMNS, "note"]
        widgets = {
            **{name: forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}) for name in _DATES},
            "recipient": forms.HiddenInput,
        }


@dataclass(frozen=True, slots=True)
class Processor:
    """One processor as the list shows it."""

    recipient: Recipient
    contract: ContractVersion | None
    decision: Decision
    categories: list[str]
    subjects: list[str]
    health: Health


class RecipientFilter(WordFilter):
    """One of those that get data under a contract."""

    title = _("recipient")
    parameter_name = "recipient"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(code, catalogue().recipients[code].name) for code in under_contract()]


@admin.register(ContractVersion)
class ContractVersionAdmin(RegisterAdmin):
    """What was entered, and above it how things stand."""

    permission = "registers.keep_contracts"
    list_display = ["at", "recipient", "reference", "starts_on", "ends_on", "transfer_ends_on", "review_on", "note"]
    list_filter = [RecipientFilter]
    change_list_template = "registers/admin/processors.html"
    exclude = ["salt", "commitment", "previous_hash", "row_hash"]

    def get_urls(self) -> list[Any]:
        pages = [
            path("enter/<slug:code>/", self._guarded(self.enter_view), name=f"{self.name}_enter"),
            path("ask/<slug:code>/", self._guarded(require_POST(self.ask_view)), name=f"{self.name}_ask"),
        ]
        return [*pages, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data is not None:
            response.context_data["processors"] = _processors()
            response.context_data["may_act"] = self.may_act(request)
        return response

    def enter_view(self, request: HttpRequest, code: str) -> HttpResponse:
        """A contract, its renewal, its change or its end, beginning with what holds today."""
        if code not in under_contract():
            messages.error(request, _("The catalogue knows no processor of this code."))
            return redirect(f"admin:{self.name}_changelist")
        form = ContractForm(request.POST or None, request.FILES or None, initial=_initial(code))
        if request.method == "POST" and form.is_valid():
            try:
                self._enter(request, code, form)
            except RegisterRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Entered."))
                return redirect(f"admin:{self.name}_changelist")
        name = catalogue().recipients[code].name
        return self.form_page(request, _("Enter a contract or its end"), form, about=name)

    def ask_view(self, request: HttpRequest, code: str) -> HttpResponse:
        """Whether a recipient answers us now."""
        try:
            result, name = ask_now(code, now=timezone.now())
        except NotAsked:
            messages.error(request, _("The catalogue knows no processor of this code."))
        else:
            is_well = result.outcome in FINAL
            words = ": ".join(filter(None, [str(name), str(result.outcome.label), str(result.detail), *result.held]))
            messages.add_message(request, messages.SUCCESS if is_well else messages.WARNING, words)
        return redirect(f"admin:{self.name}_changelist")

    def _enter(self, request: HttpRequest, code: str, form: ContractForm) -> None:
        values = {name: form.cleaned_data[name] for name in (*_COLUMNS, "note")}
        file = form.cleaned_data["file"]
        values["file_sha256"] = file_digest(file, "sha256").hexdigest() if file else ""
        enter({**values, "recipient": code}, by=_staff(request), now=timezone.now())


def _initial(code: str) -> dict[str, Any]:
    today = timezone.now().astimezone(RIGA).date()
    contract = contract_on(code, today)
    known = {name: getattr(contract, name) for name in _COLUMNS} if contract else {}
    return {**known, "recipient": code}


def _processors() -> list[Processor]:
    today, among = timezone.now().astimezone(RIGA).date(), entered()
    health = health_of(under_contract())
    return [
        Processor(
            catalogue().recipients[code],
            contract_on(code, today, among=among),
            decide(code, today, among=among),
            **handed_over(code),
            health=health[code],
        )
        for code in under_contract()
    ]


def _staff(request: HttpRequest) -> Any:
    """The account behind a request that the site of the administration let in."""
    return request.user
