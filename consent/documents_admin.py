"""The page on which staff record a consent that came by letter or mail, and the documents that were kept (Q19.5)."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from allauth.account.models import EmailAddress
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from audit.staff_views import RecordedAdmin
from audit.trail import Actor, record
from consent.documents import LARGEST, WAYS, DocumentRefused, Letter, contents_of, lost_documents, record_letter
from consent.models import ConsentDocument, TextKind, TextVersion
from consent.services import AgeNotDeclared, NotPublishedError, WordingChanged
from consent.terms import ACCOUNT_PURPOSES, Method
from datamap.periods import RIGA
from vault.staff_views import MaskedAdmin

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = admin.ModelAdmin

RECORD = "consent.record_letter"


class LetterForm(forms.Form):
    """What the letter says, from whom it comes, and the letter itself."""

    address = forms.EmailField(
        label=_("Confirmed address of the account"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    shown_by = forms.CharField(
        label=_("How it is certain that it comes from this person"),
        help_text=_("For example: sent from the confirmed address; signature compared. Kept sealed."),
        max_length=500,
    )
    purpose = forms.ChoiceField(label=_("Consent"), choices=[(item, item.label) for item in ACCOUNT_PURPOSES])
    gives = forms.ChoiceField(label=_("What it says"), choices=[("", "–"), ("no", _("withdraws")), ("yes", _("gives"))])
    wording = forms.ModelChoiceField(
        label=_("Wording that it agrees to"),
        help_text=_("Needed for a consent that is given: the text that stands in the letter or was answered."),
        queryset=TextVersion.objects.filter(kind=TextKind.CONSENT).order_by("code", "-valid_from", "language"),
        required=False,
    )
    method = forms.ChoiceField(label=_("How it came"), choices=[(item, item.label) for item in WAYS])
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    arrived_on = forms.DateField(label=_("Day of arrival"), widget=forms.DateInput(attrs={"type": "date"}))
    arrived_at = forms.TimeField(
        label=_("Time of arrival"), help_text=_("Riga time."), widget=forms.TimeInput(attrs={"type": "time"})
    )
    document = forms.FileField(
        label=_("The letter or the mail"),
        help_text=_("A scan or the mail itself, at most 10 MB. It is kept sealed and never opened here."),
        max_length=200,
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = data.get("wording")
        if data.get("gives") == "yes" and (chosen is None or chosen.code != data.get("purpose")):
            self.add_error("wording", _("Which wording of this consent does the letter agree to?"))
        if (document := data.get("document")) and document.size > LARGEST:
            self.add_error("document", _("A document may have at most 10 MB."))
        return data

    def letter(self, subject_id: UUID) -> Letter:
        """What the form describes."""
        data = self.cleaned_data
        wording = data["wording"]
        arrived = datetime.combine(data["arrived_on"], data["arrived_at"], tzinfo=RIGA).astimezone(UTC)
        return Letter(
            subject_id=subject_id,
            purpose=data["purpose"],
            gives=data["gives"] == "yes",
            method=Method(data["method"]),
            language=wording.language if wording else data["language"],
            arrived_at=arrived,
            content=data["document"].read(),
            shown_by=data["shown_by"],
            wording=wording.sha256 if wording else "",
        )


@admin.register(ConsentDocument)
class ConsentDocumentAdmin(MaskedAdmin, RecordedAdmin, Base):
    """Documents that prove consents: recorded here, opened one by one with the password, changed by nobody."""

    opened_by = RECORD
    list_display = ("arrived_at", "consent_event", "recorded_at", "size")
    change_list_template = "consent/admin/documents.html"
    change_form_template = "consent/admin/document.html"
    exclude = ("subject_token", "file_name")

    @admin.display(description=_("consent event"))
    def consent_event(self, document: ConsentDocument) -> int:
        return document.event_id

    def get_urls(self) -> list[Any]:
        new = self.admin_site.admin_view(never_cache(reauthentication_required(self.new_view)))
        file = self.admin_site.admin_view(never_cache(require_POST(reauthentication_required(self.file_view))))
        return [
            path("new/", new, name="consent_consentdocument_new"),
            path("<uuid:number>/file/", file, name="consent_consentdocument_file"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """What a restore could not bring back stands above the list until it was recorded once more."""
        return super().changelist_view(request, {**(extra_context or {}), "lost": list(lost_documents()[:50])})

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """Record one consent or withdrawal with its document."""
        _require(request)
        form = LetterForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid() and (kept := _recorded(request, form)):
            messages.success(request, _("Recorded: event #%(number)s") % {"number": kept.event_id})
            return redirect(reverse("admin:consent_consentdocument_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Record a consent that came by letter or mail"),
            "form": form,
        }
        return render(request, "consent/admin/record.html", context, status=400 if form.errors else 200)

    def file_view(self, request: HttpRequest, number: UUID) -> HttpResponse:
        """The document as it came, to be saved; nothing of it is shown by the browser."""
        _require(request)
        kept = self.get_object(request, str(number))
        if kept is None:
            raise Http404
        record("opened", actor=Actor.of(request.user), about=kept, reason=self.reason_for(request, kept), now=_now())
        response = HttpResponse(b"".join(contents_of(kept)), content_type="application/octet-stream")
        response["Content-Disposition"] = f'attachment; filename="{kept.pk}.bin"'
        return response


def _recorded(request: HttpRequest, form: LetterForm) -> ConsentDocument | None:
    """The row, or None with the refusal in the form; an unknown address is said, as staff may look it up anyway."""
    person: Any = request.user
    known = EmailAddress.objects.filter(email__iexact=form.cleaned_data["address"], verified=True).first()
    if known is None:
        form.add_error("address", _("No account has confirmed this address."))
        return None
    try:
        return record_letter(form.letter(known.user_id), by=person, now=_now())
    except WordingChanged:
        form.add_error("wording", _("This wording is not in force any more. Please send the person the present one."))
    except (DocumentRefused, AgeNotDeclared, NotPublishedError) as refusal:
        form.add_error(None, str(refusal))
    return None


def _require(request: HttpRequest) -> None:
    if not (request.user.is_active and request.user.has_perm(RECORD)):
        raise PermissionDenied


def _now() -> datetime:
    return timezone.now()
