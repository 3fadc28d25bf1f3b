"""The forms of disclosures, requests of authorities and breaches."""

from datetime import datetime
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from datamap.catalogue import catalogue
from datamap.terms import Category, LawfulBasis
from registers.disclosures import Secrecy
from registers.extracts import Scope, disclosable
from registers.models import Breach
from registers.terms import BY_REQUEST, Exemption, Ground, RecipientKind, ReportedBy, Risk

_FIRST_YEAR: Final = 2000


def _not_before_our_time(moment: datetime) -> None:
    """The database gives years before the first back as none at all."""
    if moment.year < _FIRST_YEAR:
        raise forms.ValidationError(_("Please give a day from the year 2000 on."))


def moment(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateTimeField:
    """A day and a time, Riga time."""
    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
    return forms.DateTimeField(
        label=label, required=required, help_text=help_text, widget=widget, validators=[_not_before_our_time]
    )


def words(label: Any, *, required: bool = True, help_text: Any = "", length: int = 4000) -> forms.CharField:
    """Some lines of text."""
    widget = forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"})
    return forms.CharField(label=label, required=required, help_text=help_text, max_length=length, widget=widget)


def line(label: Any, *, required: bool = True, help_text: Any = "", length: int = 200) -> forms.CharField:
    """One line of text."""
    widget = forms.TextInput(attrs={"class": "vTextField"})
    return forms.CharField(label=label, required=required, help_text=help_text, max_length=length, widget=widget)


class ReasonForm(forms.Form):
    """Why staff decide as they do."""

    reason = words(_("Why"), length=1000)


class EmptyForm(forms.Form):
    """A step that asks nothing but the button."""


class ScopeForm(forms.Form):
    """About whom, what, and whether the person may be told."""

    address = forms.EmailField(
        label=_("E-mail address of the account"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    tables = forms.MultipleChoiceField(label=_("Tables"), widget=forms.CheckboxSelectMultiple)
    since = moment(_("Data from"), required=False)
    until = moment(_("Data until"), required=False)
    secret_under = line(
        _("Not told to the person because of"),
        required=False,
        help_text=_("Only where an act forbids to tell the person, or telling would defeat the purpose: say which."),
    )
    secret_until = forms.DateField(
        label=_("Not told until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(item.model, str(item.label)) for item in disclosable()]
        self.fields["tables"] = forms.MultipleChoiceField(
            label=_("What is given out"), choices=choices, widget=forms.CheckboxSelectMultiple
        )

    def scope(self) -> Scope:
        """The tables and the time."""
        found = self.cleaned_data
        return Scope(tuple(found["tables"]), found["since"], found["until"])

    def secrecy(self) -> Secrecy:
        """Why and how long the person is not told."""
        return Secrecy(self.cleaned_data["secret_under"], self.cleaned_data["secret_until"])


class RequestForm(ScopeForm):
    """A request as it arrived (Q8.5)."""

    kind = forms.ChoiceField(
        label=_("Who asks"), choices=[(kind.value, kind.label) for kind in RecipientKind if kind in BY_REQUEST]
    )
    requester = line(_("Name of the institution"))
    power = line(_("Act and article that give the power to ask"))
    document = line(_("Number and date of the document"))
    received_at = moment(_("Arrived"))
    field_order = ["kind", "requester", "power", "document", "received_at", "address", "tables", "since", "until"]


class DisclosureForm(ScopeForm):
    """A disclosure to anybody else (Q8.8, Q8.10)."""

    kind = forms.ChoiceField(
        label=_("Kind of recipient"),
        choices=[(kind.value, kind.label) for kind in RecipientKind if kind not in BY_REQUEST],
    )
    recipient = line(_("Recipient"), help_text=_("By name: the person is told it."))
    ground = forms.ChoiceField(label=_("Ground"), choices=Ground.choices)
    act = line(_("Act and article"), required=False, help_text=_("Where a law asks for it."))
    balance = words(
        _("Balance of interests"),
        required=False,
        help_text=_("For claims or legitimate interests: why the interests of the person do not outweigh ours."),
    )
    purpose = forms.ChoiceField(label=_("Consent to"), required=False)
    reason = words(_("Reason"), required=False, length=1000, help_text=_("Which abuse, fraud or crime it is about."))
    field_order = ["kind", "recipient", "ground", "act", "balance", "purpose", "reason", "address", "tables"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        consents = [item for item in catalogue().purposes.values() if item.basis is LawfulBasis.CONSENT]
        choices = [("", "–"), *((item.code, str(item.label)) for item in consents)]
        self.fields["purpose"] = forms.ChoiceField(label=_("Consent to"), required=False, choices=choices)
        self.order_fields(self.field_order)


class NewBreachForm(forms.Form):
    """What is known when a breach enters the register."""

    facts = words(
        _("What happened"), length=8000, help_text=_("Facts and numbers; no names, addresses or numbers of people.")
    )
    confidentiality = forms.BooleanField(label=_("Somebody saw data who must not"), required=False)
    integrity = forms.BooleanField(label=_("Data were changed"), required=False)
    availability = forms.BooleanField(label=_("Data were lost or out of reach"), required=False)
    discovered_at = moment(_("Discovered"))
    aware_at = moment(_("We became aware"), help_text=_("The 72 hours count from here. It cannot be changed later."))
    reported_by = forms.ChoiceField(label=_("Reported by"), choices=ReportedBy.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now = timezone.localtime()
        self.fields["discovered_at"].initial = self.fields["aware_at"].initial = now


class DescribeForm(forms.ModelForm[Breach]):
    """Everything that can be added and corrected while a breach is open."""

    started_at = moment(_("Began"), required=False)
    processor_notice_at = moment(_("Notice of the processor arrived"), required=False)
    processor = forms.ChoiceField(label=_("Processor concerned"), required=False)
    data_categories = forms.MultipleChoiceField(
        label=_("Categories of data"), choices=Category.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Breach
        fields = [
            "facts",
            "confidentiality",
            "integrity",
            "availability",
            "started_at",
            "processor",
            "processor_notice_at",
            "subject_groups",
            "subject_count",
            "record_count",
            "data_categories",
            "consequences",
            "measures_taken",
            "measures_proposed",
            "contact",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field.widget, forms.Textarea):
                field.widget.attrs |= {"rows": 4, "class": "vLargeTextField"}
        choices = [("", "–"), *((code, item.name) for code, item in catalogue().recipients.items())]
        self.fields["processor"] = forms.ChoiceField(label=_("Processor concerned"), required=False, choices=choices)


class AssessForm(forms.Form):
    """The risk to the people, with reasons."""

    risk = forms.ChoiceField(label=_("Outcome"), choices=[(item.value, item.label) for item in Risk if item.value])
    reasons = words(_("Reasons"))


class NoticeForm(forms.Form):
    """One phase of the notice to the authority."""

    sent_at = moment(_("Sent"))
    told = words(_("What the authority was told"))
    reference = line(_("Reference of the authority"), required=False, length=80)
    late_reason = words(
        _("Why later than 72 hours"),
        required=False,
        length=2000,
        help_text=_("Needed for a first notice that is late."),
    )
    is_last = forms.BooleanField(label=_("Nothing more is to follow"), required=False)


class TellForm(forms.Form):
    """What the people were told."""

    sent_at = moment(_("Sent"))
    text = words(_("What the people were told"), length=8000)


class ExemptForm(forms.Form):
    """Why the people need not be told."""

    exemption = forms.ChoiceField(
        label=_("Exemption"), choices=[(item.value, item.label) for item in Exemption if item.value]
    )
    reasons = words(_("Reasons"), length=2000)


class CloseForm(forms.Form):
    """What was learned."""

    lessons = words(_("Lessons"))
