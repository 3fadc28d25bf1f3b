"""One page for one request: what happened, what was written, what comes next; masked until a reason is given (G6)."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from audit.revealing import RevealForm
from audit.staff_views import RecordedAdmin
from audit.trail import Actor, record
from datamap.catalogue import catalogue
from datamap.once import looking_once
from datamap.periods import RIGA
from datamap.terms import Right
from dsar import letters
from dsar.admin.filters import bucket_of, today_in_riga
from dsar.attachments import EXTENSIONS, is_readable
from dsar.buttons import WORK, DeskStep
from dsar.cases import note_of
from dsar.conflicts import is_in_conflict
from dsar.corrections import spoken_name
from dsar.desk import GROUPS, STEPS, steps_for
from dsar.documents import open_file, open_original
from dsar.erasure import waits_for_copy
from dsar.folder import (
    asks_of,
    attachments_of,
    checks_of,
    corrections_of,
    notices_of,
    objections_of,
    restrictions_in_force,
    unfold,
)
from dsar.help import topic_of
from dsar.models import Objection, SubjectRequest
from dsar.next_step import is_second, next_step
from dsar.queries import events_of, linked_to, newest, older_than, viewed
from dsar.refusals import AccessComesFirst, CaseError, FileGone
from dsar.staff_erasure import planned_erasure
from dsar.steps import Step
from dsar.terms import FileKind
from retention.erasure import ErasureRefused

Route = tuple[str, Any, str]


class CasePage(RecordedAdmin, admin.ModelAdmin[SubjectRequest]):
    """The page of a request and its steps."""

    def subject_of(self, obj: models.Model) -> UUID | None:
        return obj.user_id if isinstance(obj, SubjectRequest) else None

    def reason_for(self, request: HttpRequest, obj: models.Model | None) -> str:
        return f"work on request {obj}" if obj is not None else "work on requests"

    def case_urls(self) -> list[Route]:
        return [
            ("<uuid:case_id>/steps/<slug:name>/", self._guarded(self.step_view), "step"),
            ("<uuid:case_id>/reveal/", self._guarded(require_POST(self.reveal_view)), "reveal"),
            ("<uuid:case_id>/files/<uuid:file_id>/", self._guarded(require_POST(self.file_view)), "file"),
            ("<uuid:case_id>/original/", self._guarded(require_POST(self.original_view)), "original"),
        ]

    def _guarded(self, view: Any) -> Any:
        """Staff only, and nothing kept on the way."""
        return self.admin_site.admin_view(never_cache(view))

    def may_work(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.has_perm(WORK)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page as everybody sees it at first: without a name, an address or a word of the person."""
        if request.method != "GET":
            raise PermissionDenied
        case = self._case(request, unquote(object_id))
        self._record_look(request, "viewed", case, self.reason_for(request, case))
        return self._page(request, case, revealed=False)

    def reveal_view(self, request: HttpRequest, case_id: UUID) -> HttpResponse:
        """The same page in clear, once for each reason that is given; the next look is masked again."""
        case = self._case(request, str(case_id))
        form = RevealForm(request.POST)
        if not self.may_work(request):
            raise PermissionDenied
        if not form.is_valid():
            return self._page(request, case, revealed=False, form=form)
        self._record_look(request, "revealed", case, f"{self.reason_for(request, case)}: {form.cleaned_data['reason']}")
        with looking_once():
            return self._page(request, case, revealed=True)

    def file_view(self, request: HttpRequest, case_id: UUID, file_id: UUID) -> HttpResponseBase:
        """One file for one look, with a reason; an identity document for the check of the identity and nothing else."""
        case, step = self._to_open(request, case_id)
        try:
            file, frames = open_file(case.pk, file_id, step=step)
        except FileGone as refusal:
            return self._not_opened(request, case, refusal)
        self._record_look(request, "file_opened", case, f"{self.reason_for(request, case)}: {step.reason}")
        return inert_file(frames, name=f"{case.number}-{file.pk.hex[:8]}.{EXTENSIONS[FileKind(file.kind)]}")

    def original_view(self, request: HttpRequest, case_id: UUID) -> HttpResponseBase:
        """The message that opened the request, as it was kept, the same way."""
        case, step = self._to_open(request, case_id)
        try:
            original = open_original(case.pk, step=step)
        except FileGone as refusal:
            return self._not_opened(request, case, refusal)
        self._record_look(request, "original_opened", case, f"{self.reason_for(request, case)}: {step.reason}")
        return inert_file([original], name=f"{case.number}-original.bin")

    def _to_open(self, request: HttpRequest, case_id: UUID) -> tuple[SubjectRequest, Step]:
        case, form = self._case(request, str(case_id)), RevealForm(request.POST)
        if not self.may_work(request) or not form.is_valid():
            raise PermissionDenied(_("Please say why you must see it."))
        person: Any = request.user
        return case, Step(by=person, reason=form.cleaned_data["reason"], now=timezone.now())

    def _not_opened(self, request: HttpRequest, case: SubjectRequest, refusal: FileGone) -> HttpResponse:
        messages.error(request, str(refusal))
        return redirect(self.address_of(case))

    def step_view(self, request: HttpRequest, case_id: UUID, name: str) -> HttpResponse:
        """One step: what it asks, and on POST its service; a grave one asks for the password again (security G7)."""
        if name not in STEPS:
            raise Http404
        if not (request.user.is_active and request.user.has_perm(STEPS[name].permission)):
            raise PermissionDenied
        view = reauthentication_required(self._step) if STEPS[name].grave else self._step
        response: HttpResponse = view(request, case_id=case_id, name=name)
        return response

    def _step(self, request: HttpRequest, *, case_id: UUID, name: str) -> HttpResponse:
        case, step = self._case(request, str(case_id)), STEPS[name]
        form: Any = step.form(request.POST or None, request.FILES or None, initial=step.initial(case))
        form.fit(case)
        if request.method == "POST" and form.is_valid():
            try:
                self._take(request, case, step, form)
            except (CaseError, ErasureRefused) as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(
                    request, gettext("%(number)s, done: %(step)s") % {"number": case.number, "step": step.label}
                )
                return redirect(self._after(request, case))
        else:
            self._record_look(request, "viewed", case, f"{self.reason_for(request, case)}: {name}")
        context = {**self._context(request), "case": case, "name": name, "step": step, "form": form}
        context |= {"title": step.label, **_shown_before(case, name)}
        return render(request, "dsar/admin/step.html", context, status=400 if form.errors else 200)

    def _take(self, request: HttpRequest, case: SubjectRequest, step: DeskStep, form: Form) -> None:
        person: Any = request.user
        data = form.cleaned_data
        step.run(case.pk, data, Step(by=person, reason=data["reason"], now=timezone.now()))

    def _after(self, request: HttpRequest, case: SubjectRequest) -> Any:
        """Back to the request, or to the queue where the step took it out of these hands."""
        if self.get_object(request, str(case.pk)) is None:
            return "admin:dsar_subjectrequest_changelist"
        return self.address_of(case)

    def address_of(self, case: SubjectRequest) -> str:
        return reverse("admin:dsar_subjectrequest_change", args=[case.pk])

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> SubjectRequest | None:
        """With it the rows that there is at most one of: its page shows them all."""
        single = ("user", "intake", "package", "representative", "caution", "visitor_number")
        rows = self.get_queryset(request).select_related(*single)
        try:
            found: SubjectRequest = rows.get(pk=object_id)
        except (SubjectRequest.DoesNotExist, ValidationError, ValueError):
            return None
        return found

    def _case(self, request: HttpRequest, case_id: str) -> SubjectRequest:
        """The request, for who may see it and whom it does not concern himself."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        case = self.get_object(request, case_id)
        if case is None:
            raise Http404
        me: Any = request.user
        if is_in_conflict(case, me.pk):
            raise PermissionDenied(_("This request concerns you. A colleague handles it."))
        return case

    def _record_look(self, request: HttpRequest, action: str, case: SubjectRequest, reason: str) -> None:
        record(
            action,
            actor=Actor.of(request.user),
            subject=self.subject_of(case),
            about=case,
            reason=reason,
            now=timezone.now(),
        )

    def _context(self, request: HttpRequest) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts}

    def _offered(self, request: HttpRequest, case: SubjectRequest) -> dict[str, DeskStep]:
        """The steps that are possible now and that this member of the staff may take."""
        me: Any = request.user
        return {
            name: step
            for name, step in steps_for(case).items()
            if me.has_perm(step.permission) and is_second(case, name, me.pk)
        }

    def _page(
        self, request: HttpRequest, case: SubjectRequest, *, revealed: bool, form: RevealForm | None = None
    ) -> HttpResponse:
        facts = page_facts(case, whole="all" in request.GET)
        offered = self._offered(request, case)
        me: Any = request.user
        coming = next_step(case, offered, me=me.pk)
        groups = [
            (label, [(name, step) for name, step in steps.items() if name in offered and name not in coming.steps])
            for label, steps in GROUPS.values()
        ]
        context = {
            **self._context(request),
            **facts,
            "bucket": "" if case.is_closed else bucket_of(case.due_on, today_in_riga()),
            "title": case.number,
            "revealed": revealed,
            "reveal_form": form or RevealForm(),
            "may_work": self.may_work(request),
            "coming": coming,
            "told": topic_of(Right(case.right)),
            "first_steps": [(name, offered[name]) for name in coming.steps],
            "groups": [(label, steps) for label, steps in groups if steps],
            "on_paper": letters.on_paper(case) if revealed and not case.email else [],
        }
        return render(request, "dsar/admin/case.html", context, status=400 if form is not None else 200)


def inert_file(content: Iterable[bytes], *, name: str) -> StreamingHttpResponse:
    """Bytes of a stranger as an attachment that no browser shows or runs, whatever they claim to be (security D5)."""
    response = StreamingHttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def page_facts(case: SubjectRequest, *others: QuerySet[Any], whole: bool = False) -> dict[str, Any]:
    """Everything the page of a request shows, in a fixed number of queries; of very much the latest, unless `whole`.

    What the rows of `others` are stands under "others".
    """
    events, messages = events_of(case), case.messages.order_by("at", "pk")
    shown = [newest(rows, all_of_them=whole) for rows in (events, messages)]
    happened, written, linked, *along = unfold(case, *shown, linked_to(case), *others)
    older = 0 if whole else older_than(happened, events) + older_than(written, messages)
    noted = [(event, note_of(event, case)) for event in reversed(happened)]
    objections = objections_of(case)
    decided = (case.assigned_to, case.complaint_about, case.refusal_proposed_by, case.erasure_proposed_by)
    checks, corrections = checks_of(case), corrections_of(case)
    judged = [by for row in objections for by in (row.proposed_by, row.overruled_by)]
    acted = [row.by for row in written] + [row.by for row in checks] + [row.by for row in corrections]
    ids = {note.by for _event, note in noted if note.by}
    ids |= {str(by) for by in (*decided, *judged, *acted) if by}
    staff = _addresses(ids)
    return {
        "case": case,
        "older": older,
        "view": viewed(case, now=timezone.now()),
        "events": [(event, note, staff.get(note.by, note.by)) for event, note in noted],
        "written": [(row, staff.get(str(row.by), "")) for row in reversed(written)],
        "checks": [(row, staff.get(str(row.by), "")) for row in checks],
        "representative": getattr(case, "representative", None),
        "linked": linked,
        "handler": staff.get(str(case.assigned_to), ""),
        "complained_of": staff.get(str(case.complaint_about), ""),
        "package": getattr(case, "package", None),
        "intake": case.intake,
        "files": [(file, is_readable(file)) for file in attachments_of(case)],
        "document_asks": asks_of(case),
        "notices": notices_of(case),
        "corrections": [(row, spoken_name(row), staff.get(str(row.by), "")) for row in corrections],
        "objections": [_spoken(row, staff) for row in objections],
        "restrictions": restrictions_in_force(case),
        "others": along,
    }


def _spoken(row: Objection, staff: dict[str, str]) -> dict[str, Any]:
    """An objection with its purpose in words, and who proposed grounds against it and who agreed."""
    return {
        "row": row,
        "purpose": catalogue().purposes[row.purpose].label,
        "proposed_by": staff.get(str(row.proposed_by), ""),
        "overruled_by": staff.get(str(row.overruled_by), ""),
    }


def _shown_before(case: SubjectRequest, name: str) -> dict[str, Any]:
    """What must be read before a step is taken: the refusal that is approved, the plan of an erasure."""
    if name in {"approve-refusal", "return-refusal"}:
        return {"text": case.answer}
    if name == "overrule":
        proposed = Objection.objects.filter(case_number=case.number, overruled_at__isnull=True).exclude(grounds="")
        purposes = catalogue().purposes
        return {"text": "\n\n".join(f"{purposes[row.purpose].label}: {row.grounds}" for row in proposed)}
    if name in {"propose-erasure", "approve-erasure"}:
        try:
            plan = planned_erasure(case, objection_to_archive=case.objects_to_archive, now=timezone.now())
        except CaseError as refusal:
            return {"text": str(refusal)}
        return {"plan": plan, "text": _declined(case) or _copy_first(case)}
    return {}


def _copy_first(case: SubjectRequest) -> str:
    """That a copy comes first, said before anything is pressed."""
    return str(AccessComesFirst.message) if waits_for_copy(case, now=timezone.now()) else ""


def _declined(case: SubjectRequest) -> str:
    """When the person said that she needs no copy, for whoever agrees that everything goes."""
    if case.copy_waived_at is None:
        return ""
    day = date_format(case.copy_waived_at.astimezone(RIGA), "DATETIME_FORMAT")
    return gettext("The person does not need the copy that lies ready; written down %(day)s.") % {"day": day}


def _addresses(ids: set[str]) -> dict[str, str]:
    """The addresses of members of the staff by their numbers; who has left stays a number."""
    people = get_user_model()._default_manager.filter(pk__in=ids)
    return {str(pk): address for pk, address in people.values_list("pk", get_user_model().get_email_field_name())}
