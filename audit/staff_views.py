"""Admin pages whose every look is recorded: who saw which person's record, when and why (policy clause 3; Art. 32)."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db import models
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from audit.lists import CappedPaginator
from audit.trail import Actor, record
from datamap.standstill import without_restricted

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = object


class RecordedAdmin(Base):
    """Mixin for a `ModelAdmin` of records about people: read-only, no deleting, and nobody looks unseen.

    Name it before `admin.ModelAdmin`. Override `subject_of` to name the person, `reason_for` to say why staff may look,
    the `has_…_permission` methods to allow more. Recording comes before the page is rendered: no record, no page.
    """

    paginator = CappedPaginator
    show_full_result_count = False

    def subject_of(self, obj: Any) -> UUID | None:
        """The account that a row speaks of, None where it speaks of none."""
        return None

    def reason_for(self, request: HttpRequest, obj: Any) -> str:
        """Why staff open this row, or the list where `obj` is None: by default the work the table is for."""
        return f"work on {self.opts.label}"

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Every field of the row that is not left out, besides what the subclass computes."""
        fields = (*self.opts.concrete_fields, *self.opts.many_to_many)
        own = [field.name for field in fields if field.name not in (self.exclude or ())]
        return list(dict.fromkeys([*map(str, self.readonly_fields), *own]))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Rows of restricted people are stored and not shown, but for what the GDPR itself demands (Art. 18)."""
        return without_restricted(super().get_queryset(request))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Whatever the subclass offers, but never the deletion of rows in bulk."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Django's own log would copy the row's name and outlive it: the trail takes its place (G10)."""
        self._record(request, "added", obj)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The same: that a row was changed, not what into."""
        self._record(request, "changed", obj)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """The same for each row that goes."""
        for obj in queryset:
            self._record(request, "deleted", obj)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        """The one place every page of a single row goes through, once the permission is checked."""
        obj = args[3] if len(args) > 3 else options.get("obj")
        if obj is not None:
            self._record(request, "viewed", obj)
        return super().render_change_form(request, context, *args, **options)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().history_view(request, object_id, extra_context)
        if isinstance(response, TemplateResponse) and (obj := self.get_object(request, unquote(object_id))):
            self._record(request, "viewed_history", obj)
        return response

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        """A row that is not there is a 404; Django would write a message into the session instead."""
        raise Http404

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """A list is one act with its counts; what was searched for may be a value and is not kept."""
        response = super().changelist_view(request, extra_context)
        listed = (getattr(response, "context_data", None) or {}).get("cl")
        if listed is not None:
            shown = {
                "shown": len(listed.result_list),
                "found": listed.result_count,
                "searched": int(bool(listed.query)),
            }
            record(
                "listed",
                actor=Actor.of(request.user),
                kind=self.opts.label,
                reason=self.reason_for(request, None),
                details={"model": self.opts.label, **shown},
                now=timezone.now(),
            )
        return response

    def _record(self, request: HttpRequest, action: str, obj: models.Model, *, given: str = "") -> None:
        """Write the look down; `given` is what the member of the staff said why."""
        record(
            action,
            actor=Actor.of(request.user),
            subject=self.subject_of(obj),
            about=obj,
            reason=": ".join(filter(None, [self.reason_for(request, obj), given])),
            now=timezone.now(),
        )
