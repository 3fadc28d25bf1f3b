"""The breach register as staff work in it: the clock first, then what is missing, then the steps."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from audit.lists import WordFilter
from datamap.terms import Category
from registers import breaches
from registers.admin.stepping import RegisterAdmin, Step
from registers.breaches import DESCRIBED, AuthorityNotice, NewBreach
from registers.forms import AssessForm, CloseForm, DescribeForm, ExemptForm, NewBreachForm, NoticeForm, TellForm
from registers.models import Breach, BreachEntry
from registers.refusals import RegisterRefused
from registers.terms import ACTIONS, Exemption, ReportedBy, Risk, action_words


def _now() -> Any:
    return timezone.now()


def _is_open(breach: Breach) -> bool:
    return breach.closed_at is None


def _is_high(breach: Breach) -> bool:
    return _is_open(breach) and breach.risk == Risk.HIGH


STEPS = {
    "describe": Step(
        _("Add to the facts"),
        DescribeForm,
        lambda row, data, by: breaches.describe(row.number, data, by=by, now=_now()),
        _is_open,
        initial=lambda row: {name: getattr(row, name) for name in DESCRIBED},
    ),
    "assess": Step(
        _("Assess the risk"),
        AssessForm,
        lambda row, data, by: breaches.assess(row.number, Risk(data["risk"]), data["reasons"], by=by, now=_now()),
        _is_open,
        initial=lambda row: {"risk": row.risk, "reasons": row.risk_reasons},
    ),
    "notify": Step(
        _("The authority was told"),
        NoticeForm,
        lambda row, data, by: breaches.notify(row.number, AuthorityNotice(**data), by=by, now=_now()),
        lambda row: _is_open(row) and row.risk != Risk.NONE,
    ),
    "tell": Step(
        _("The people were told"),
        TellForm,
        lambda row, data, by: breaches.tell_people(
            row.number, data["text"], sent_at=data["sent_at"], by=by, now=_now()
        ),
        _is_high,
    ),
    "exempt": Step(
        _("The people need not be told"),
        ExemptForm,
        lambda row, data, by: breaches.exempt(
            row.number, Exemption(data["exemption"]), data["reasons"], by=by, now=_now()
        ),
        _is_high,
    ),
    "close": Step(
        _("Close"),
        CloseForm,
        lambda row, data, by: breaches.close(row.number, data["lessons"], by=by, now=_now()),
        _is_open,
    ),
}


@admin.register(Breach)
class BreachAdmin(RegisterAdmin):
    """Every breach, reported or not."""

    steps = STEPS
    permission = "registers.change_breach"
    list_display = ["number", "aware_at", "clock", "risk", "notified_at", "closed_at"]
    list_filter = ["risk", "reported_by", ("closed_at", admin.EmptyFieldListFilter)]
    search_fields = ["number"]
    change_list_template = "registers/admin/breaches.html"
    readonly_fields = ["clock", "counted", "missing", "categories", "told_in_phases", "timeline"]
    fieldsets = [
        (None, {"fields": ["number", "clock", "counted", "missing"]}),
        (_("What happened"), {"fields": ["facts", "confidentiality", "integrity", "availability"]}),
        (_("When"), {"fields": ["started_at", "discovered_at", "aware_at", "reported_by"]}),
        (_("Processor"), {"fields": ["processor", "processor_notice_at"]}),
        (_("Whom and what"), {"fields": ["subject_groups", "subject_count", "record_count", "categories"]}),
        (_("Consequences and measures"), {"fields": ["consequences", "measures_taken", "measures_proposed"]}),
        (_("Assessment"), {"fields": ["risk", "risk_reasons", "assessed_at"]}),
        (
            _("Notice to the authority – Art. 33 GDPR"),
            {"fields": ["notified_at", "late_reason", "told_in_phases", "authority_reference", "contact"]},
        ),
        (
            _("Telling the people – Art. 34 GDPR"),
            {"fields": ["told_at", "told_text", "exemption", "exemption_reason"]},
        ),
        (_("End"), {"fields": ["lessons", "closed_at", "timeline"]}),
    ]

    def get_urls(self) -> list[Any]:
        page = path("new/", self._guarded(self.new_view), name=f"{self.name}_new")
        return [page, *super().get_urls()]

    @admin.display(description=_("72 hours"))
    def clock(self, breach: Breach) -> SafeString:
        context = {
            "breach": breach,
            "due": breaches.deadline_of(breach).due,
            "alarm": breaches.alarm_of(breach, now=timezone.now()),
        }
        return render_to_string("registers/admin/clock.html", context)

    @admin.display(description=_("how it is counted"))
    def counted(self, breach: Breach) -> str:
        return " ".join(breaches.deadline_of(breach).steps)

    @admin.display(description=_("still missing"))
    def missing(self, breach: Breach) -> str:
        return "–" if breach.closed_at else ", ".join(map(str, breaches.missing_columns(breach))) or "–"

    @admin.display(description=_("categories of data"))
    def categories(self, breach: Breach) -> str:
        return ", ".join(str(Category(code).label) for code in breach.data_categories) or "–"

    @admin.display(description=_("phases of the notice"))
    def told_in_phases(self, breach: Breach) -> SafeString:
        return render_to_string("registers/admin/phases.html", {"breach": breach})

    @admin.display(description=_("timeline"))
    def timeline(self, breach: Breach) -> SafeString:
        return render_to_string("registers/admin/entries.html", {"entries": breaches.entries_of(breach)})

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """Enter a breach."""
        form = NewBreachForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            person: Any = request.user
            facts = {**form.cleaned_data, "reported_by": ReportedBy(form.cleaned_data["reported_by"])}
            try:
                breach = breaches.open_breach(NewBreach(**facts), by=person, now=timezone.now())
            except RegisterRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Entered. The clock runs."))
                return redirect(f"admin:{self.name}_change", breach.pk)
        return self.form_page(request, _("Enter a breach"), form)


class ActionFilter(WordFilter):
    """Which step."""

    title = _("step")
    parameter_name = "action"
    words = tuple(ACTIONS.items())


@admin.register(BreachEntry)
class BreachEntryAdmin(RegisterAdmin):
    """The ledger of the breach register, as it stands."""

    list_display = ["at", "number", "action"]
    list_filter = [ActionFilter]
    spoken = {"action": action_words}
    search_fields = ["number"]
    exclude = ["salt", "commitment", "previous_hash", "row_hash"]
