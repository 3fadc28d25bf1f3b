"""The page on which staff read, answer, close and hand on enquiries, and note contacts; no look goes unseen (G6)."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from audit.revealing import RevealedAdmin, is_revealed
from datamap.handing_on import NotTaken
from datamap.terms import Text
from enquiries import services
from enquiries.contacts import NoSuchAccount, note_contact
from enquiries.forms import AnswerForm, NoteForm
from enquiries.models import Enquiry, SupportContact
from enquiries.services import EnquiryError
from enquiries.terms import ANSWER, NOTE
from mailing.services import InvalidAddress, absolute_url
from vault.tokens import new_secret

_PAGE: Final = "admin:enquiries_enquiry_change"
_NUMBER: Final = re.compile("[0-9A-F]{8}")


@admin.register(Enquiry)
class EnquiryAdmin(RevealedAdmin, admin.ModelAdmin):
    """The queue, the oldest open one first; names, addresses and words are in clear once a reason is given."""

    list_display = ("number", "kind", "state", "came_by", "language", "arrived_at")
    list_filter = ("state", "kind", "came_by")
    ordering = ("-state", "arrived_at")
    search_fields = ("id",)
    search_help_text = _("A number, for example E-1A2B3C4D")
    exclude = ("email_token", "key_digest", "once")
    change_form_template = "enquiries/admin/enquiry.html"
    change_list_template = "enquiries/admin/enquiries.html"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) or may(request, NOTE)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request, ANSWER) or super().has_view_permission(request, obj)

    def subject_of(self, obj: Model) -> UUID | None:
        return obj.user_id if isinstance(obj, Enquiry) else None

    @admin.display(description=_("number"), ordering="id")
    def number(self, obj: Enquiry) -> str:
        return obj.number

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Enquiry], search_term: str
    ) -> tuple[QuerySet[Enquiry], bool]:
        """By its number alone: what leads to a person does not belong into an address line (G9)."""
        term = search_term.strip().upper().removeprefix("E-")
        if not term:
            return queryset, False
        return (queryset.filter(id__istartswith=term) if _NUMBER.fullmatch(term) else queryset.none()), False

    def get_urls(self) -> list[Any]:
        return [
            path("note/", self._guarded(NOTE, self.note_view), name="enquiries_enquiry_note"),
            path("<uuid:pk>/answer/", self._step(self.answer_view), name="enquiries_enquiry_answer"),
            path("<uuid:pk>/close/", self._step(self.close_view), name="enquiries_enquiry_close"),
            path("<uuid:pk>/request/", self._step(self.request_view), name="enquiries_enquiry_request"),
            *super().get_urls(),
        ]

    def _step(self, view: Callable[..., HttpResponse]) -> Any:
        return self._guarded(ANSWER, require_POST(view))

    def _guarded(self, permission: str, view: Callable[..., HttpResponse]) -> Any:
        def checked(request: HttpRequest, **options: Any) -> HttpResponse:
            if not may(request, permission):
                raise PermissionDenied
            return view(request, **options)

        return self.admin_site.admin_view(never_cache(checked))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        enquiry = options.get("obj")
        if enquiry is not None and is_revealed(request):
            context |= {
                "thread": enquiry.messages.all(),
                "contacts": enquiry.contacts.all(),
                "answer_form": AnswerForm(initial={"once": new_secret()}),
                "may_answer": may(request, ANSWER) and not enquiry.request,
                "has_address": bool(enquiry.email or enquiry.user_id),
            }
        return super().render_change_form(request, context, *args, **options)

    def answer_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Send the answer; what was written is not lost where it cannot be sent."""
        enquiry, form = self._seen(request, pk), AnswerForm(request.POST)
        if not form.is_valid():
            context = {"title": enquiry.number, "enquiry": enquiry, "form": form}
            return self._page(request, "enquiries/admin/answer.html", status=400, **context)
        typed = form.cleaned_data
        answered = partial(services.answer, pk, typed["text"], once=typed["once"], by=request.user, now=timezone.now())
        return self._taken(request, pk, answered, _("The answer is kept, and on its way where there is an address."))

    def close_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        self._seen(request, pk)
        closed = partial(services.close, pk, by=request.user, now=timezone.now())
        return self._taken(request, pk, closed, _("The enquiry is closed."))

    def request_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """It asks about personal data after all: the desk takes it over, due from its arrival."""
        self._seen(request, pk)
        handed = partial(services.hand_on_as_request, pk, by=request.user, now=timezone.now())
        return self._taken(request, pk, handed, _("It goes on as a request about personal data, as of its arrival."))

    def _seen(self, request: HttpRequest, pk: UUID) -> Enquiry:
        """An enquiry that this member of the staff may see: one of a restricted person stands still."""
        enquiry: Enquiry = get_object_or_404(self.get_queryset(request), pk=pk)
        return enquiry

    def _taken(self, request: HttpRequest, pk: UUID, step: Callable[[], Any], said: Text) -> HttpResponse:
        try:
            step()
        except (EnquiryError, NotTaken) as refusal:
            messages.error(request, str(refusal.message))
        else:
            messages.success(request, str(said))
        return redirect(reverse(_PAGE, args=[pk]))

    def note_view(self, request: HttpRequest) -> HttpResponse:
        """Note a contact by telephone, messenger or social page."""
        now = timezone.localtime()
        form = NoteForm(request.POST or None, initial={"once": new_secret(), "arrived_at": now})
        if request.method == "POST" and form.is_valid() and (enquiry := self._noted(request, form)):
            messages.success(request, _("Noted as %(number)s.") % {"number": enquiry.number})
            return redirect("admin:enquiries_enquiry_note")
        notice = absolute_url(reverse("privacy:notice"))
        context = {"title": _("Note a contact"), "form": form, "notice_url": notice}
        return self._page(request, "enquiries/admin/note.html", status=400 if form.errors else 200, **context)

    def _noted(self, request: HttpRequest, form: NoteForm) -> Enquiry | None:
        try:
            return note_contact(form.noted(), by=request.user, now=timezone.now())
        except NoSuchAccount as refusal:
            form.add_error("account_address", str(refusal))
        except InvalidAddress:
            form.add_error("email", _("This address cannot be written to. Please check it."))
        return None

    def _page(self, request: HttpRequest, template: str, *, status: int, **context: Any) -> HttpResponse:
        everything = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return render(request, template, everything, status=status)


@admin.register(SupportContact)
class SupportContactAdmin(RevealedAdmin, admin.ModelAdmin):
    """Numbers and handles: masked from the moment they are noted, changed by nobody, gone after their term."""

    list_display = ("id", "at", "channel", "contact")
    list_filter = ("channel",)
    search_fields = ("=contact",)
    ordering = ("-id",)

    def subject_of(self, obj: Model) -> UUID | None:
        return obj.user_id if isinstance(obj, SupportContact) else None


def may(request: HttpRequest, permission: str) -> bool:
    """Whether this member of the staff has the permission."""
    return request.user.is_active and request.user.has_perm(permission)
