"""The pages on which staff enter a message with its true time of arrival, and find a request; words go by POST."""

from datetime import UTC, date, datetime, time
from typing import Any, Final

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from audit.trail import Actor, record
from datamap.periods import RIGA
from datamap.terms import Right, Text
from datamap.trace import normalise_email
from dsar.admin.case_page import Route
from dsar.admin.print_page import PrintPage
from dsar.deadlines import Channel
from dsar.desk_words import right_words
from dsar.entering import BY_STAFF, Told, enter_message
from dsar.identity import account_of
from dsar.models import SubjectRequest
from dsar.queries import by_due_date
from dsar.refusals import CaseError
from dsar.steps import Step
from dsar.terms import AuthorityKind
from mailing.services import InvalidAddress

LARGEST_DOCUMENT = 10 * 1024 * 1024
_NO_HINTS = {"autocomplete": "off"}


_GROUPS: Final[tuple[tuple[Text, tuple[str, ...]], ...]] = (
    (_("The message"), ("channel", "arrived_on", "arrived_at", "rights", "text", "document", "language")),
    (_("Where the answer goes"), ("email", "postal_address")),
    (_("Whose data"), ("account_address",)),
    (_("Where somebody acts for the person"), ("representative", "capacity")),
)


class EntryForm(forms.Form):
    """A message as it came: day and time are those of its arrival, whenever it is entered (Q19.4)."""

    channel = forms.ChoiceField(label=_("How it came"), choices=[(item, item.label) for item in BY_STAFF])
    arrived_on = forms.DateField(label=_("Day of arrival"), widget=forms.DateInput(attrs={"type": "date"}))
    arrived_at = forms.TimeField(
        label=_("Time of arrival"),
        help_text=_("Riga time. For a letter: when it was delivered, not when it was opened."),
        widget=forms.TimeInput(attrs={"type": "time"}),
    )
    rights = forms.MultipleChoiceField(
        label=_("What is asked for"),
        help_text=_("Not clear yet? Choose the question about data; it can be turned into requests later."),
        choices=[(right, right_words(right)) for right in Right],
        widget=forms.CheckboxSelectMultiple,
    )
    text = forms.CharField(
        label=_("In the person's words"), max_length=10_000, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    email = forms.EmailField(
        label=_("E-mail address to answer to"), required=False, widget=forms.EmailInput(attrs=_NO_HINTS)
    )
    postal_address = forms.CharField(
        label=_("Postal address to answer to"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, **_NO_HINTS}),
    )
    account_address = forms.EmailField(
        label=_("Address of the person's account"),
        help_text=_("Only the exact address that the account has confirmed. The code goes there."),
        required=False,
        widget=forms.EmailInput(attrs=_NO_HINTS),
    )
    document = forms.FileField(
        label=_("The letter or the mail"),
        help_text=_(
            "A scan or the mail itself, at most 10 MB. It is kept sealed. No copy of an identity document: that goes to"
            " the page of the request, where it is destroyed when it was checked."
        ),
        max_length=200,
        required=False,
    )
    representative = forms.CharField(label=_("Name of the representative"), max_length=200, required=False)
    capacity = forms.ChoiceField(
        label=_("Acts as"), choices=[("", "–"), *AuthorityKind.choices], required=False, initial=""
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        today = timezone.now().astimezone(RIGA).date().isoformat()
        self.fields["arrived_on"].widget.attrs["max"] = today  # no message arrives tomorrow

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("channel") == Channel.POST and not (data.get("postal_address") or data.get("email")):
            self.add_error("postal_address", _("Where does the answer to the letter go?"))
        if data.get("channel") == Channel.EMAIL and not data.get("email"):
            self.add_error("email", _("Which address did the mail come from?"))
        if (document := data.get("document")) and document.size > LARGEST_DOCUMENT:
            self.add_error("document", _("A document may have at most 10 MB."))
        if data.get("representative") and not data.get("capacity"):
            self.add_error("capacity", _("In which capacity does the representative act?"))
        return data

    def groups(self) -> list[tuple[Text, list[forms.BoundField]]]:
        """The fields in the order in which a letter is read."""
        return [(label, [self[name] for name in names]) for label, names in _GROUPS]

    def told(self) -> Told:
        """The message that the form describes."""
        data = self.cleaned_data
        return Told(
            channel=Channel(data["channel"]),
            arrived_at=moment_in_riga(data["arrived_on"], data["arrived_at"]),
            rights=[Right(item) for item in data["rights"]],
            text=data["text"],
            language=data["language"],
            email=data["email"],
            postal_address=data["postal_address"],
            account_address=data["account_address"],
            representative=data["representative"],
            capacity=AuthorityKind(data["capacity"] or AuthorityKind.OTHER),
            document=data["document"].read() if data["document"] else b"",
        )


class FindForm(forms.Form):
    """A case number, or the exact address of a person."""

    words = forms.CharField(max_length=254, strip=True)


class EntryPage(PrintPage):
    """Adds the entry of messages and the search to the desk."""

    def entry_urls(self) -> list[Route]:
        return [
            ("enter/", self._guarded(self.enter_view), "enter"),
            ("find/", self._guarded(require_POST(self.find_view)), "find"),
        ]

    def enter_view(self, request: HttpRequest) -> HttpResponse:
        """Enter a message, or only look whether an account has confirmed an address; both by POST."""
        if not self.may_work(request):
            raise PermissionDenied
        form = EntryForm(request.POST or None, request.FILES or None)
        found: bool | None = None
        if "lookup" in request.POST:
            address = request.POST.get("account_address", "").strip()
            found = account_of(address) is not None
            self._record_search(request, int(found))
            form = EntryForm(initial={name: request.POST.get(name) for name in EntryForm.base_fields})
            form.initial["rights"] = request.POST.getlist("rights")
        elif request.method == "POST" and form.is_valid() and (cases := self._enter(request, form)):
            numbers = ", ".join(case.number for case in cases)
            messages.success(request, gettext("Entered: %(numbers)s") % {"numbers": numbers})
            return redirect(self.address_of(cases[0]))
        context = {**self._context(request), "title": _("Enter a message"), "form": form, "found": found}
        return render(request, "dsar/admin/enter.html", context, status=400 if form.errors else 200)

    def _enter(self, request: HttpRequest, form: EntryForm) -> list[SubjectRequest]:
        person: Any = request.user
        step = Step(by=person, reason="entered from the message", now=timezone.now())
        try:
            return enter_message(form.told(), step=step)
        except CaseError as refusal:
            form.add_error(None, str(refusal))
        except InvalidAddress:
            form.add_error("email", _("This address cannot be written to. Please check it."))
        return []

    def find_view(self, request: HttpRequest) -> HttpResponse:
        """A request by its number, or the requests of one exact address: neither is left in an address line (G9)."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = FindForm(request.POST)
        words = form.cleaned_data["words"] if form.is_valid() else ""
        cases = list(by_due_date(self.get_queryset(request)).filter(_about(words))[:50]) if words else []
        self._record_search(request, len(cases))
        if len(cases) == 1:
            return redirect("admin:dsar_subjectrequest_change", cases[0].pk)
        context = {**self._context(request), "title": _("Requests found"), "cases": cases}
        return render(request, "dsar/admin/found.html", context)

    def _record_search(self, request: HttpRequest, count: int) -> None:
        record(
            "searched",
            actor=Actor.of(request.user),
            kind=self.opts.label,
            reason="work on requests",
            details={"found": count},
            now=timezone.now(),
        )


def moment_in_riga(day: date, at: time) -> datetime:
    """The instant that a clock on a wall in Riga showed."""
    return datetime.combine(day, at, tzinfo=RIGA).astimezone(UTC)


def _about(words: str) -> Q:
    if "@" not in words:
        return Q(number__iexact=words)
    address = normalise_email(words)
    account = account_of(address)
    return Q(email__iexact=address) | (Q(user=account.pk) if account else Q())
