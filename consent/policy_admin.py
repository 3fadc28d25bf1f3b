"""How far the letter about a changed policy got, and whom it did not reach (Q20.2); staff change nothing here."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import admin
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from audit.staff_views import RecordedAdmin
from consent.models import PolicyMailing, PolicyNotice
from mailing.models import OutgoingMessage, State

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = admin.ModelAdmin

Outcome = PolicyNotice.Outcome
_NOT_SENT = (State.FAILED, State.REFUSED_BY_GATE)


@admin.register(PolicyMailing)
class PolicyMailingAdmin(RecordedAdmin, Base):
    list_display = (
        "text", "ordered_at", "people", "progress", "written", "bounced", "not_sent", "unverified", "inactive",
        "finished_at",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[PolicyMailing]:
        """With the counts of each letter; a message that was given up stands with the messages."""
        lost = OutgoingMessage.objects.filter(pk=OuterRef("policynotice__message_id"), state__in=_NOT_SENT)
        counts = {
            "total": Count("policynotice"),
            "written_count": _count(outcome=Outcome.WRITTEN),
            "bounced_count": _count(bounced_at__isnull=False),
            "unverified_count": _count(outcome=Outcome.UNVERIFIED),
            "inactive_count": _count(outcome=Outcome.INACTIVE),
            "not_sent_count": Count("policynotice", filter=Exists(lost)),
        }
        return super().get_queryset(request).select_related("text").annotate(**counts)

    @admin.display(description=_("dealt with"))
    def progress(self, obj: Any) -> str:
        return f"{obj.total} / {max(obj.people, obj.total)}"

    @admin.display(description=_("letters written"))
    def written(self, obj: Any) -> int:
        return int(obj.written_count)

    @admin.display(description=_("came back"))
    def bounced(self, obj: Any) -> int:
        return int(obj.bounced_count)

    @admin.display(description=_("written, but given up or refused"))
    def not_sent(self, obj: Any) -> int:
        return int(obj.not_sent_count)

    @admin.display(description=_("address not confirmed"))
    def unverified(self, obj: Any) -> int:
        return int(obj.unverified_count)

    @admin.display(description=_("account closed"))
    def inactive(self, obj: Any) -> int:
        return int(obj.inactive_count)


class CameBack(admin.SimpleListFilter):
    """Letters that came back, and those that did not."""

    title = _("came back")
    parameter_name = "came_back"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("yes")), ("no", _("no"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in {"yes", "no"}:
            return queryset.filter(bounced_at__isnull=self.value() == "no")
        return queryset


@admin.register(PolicyNotice)
class PolicyNoticeAdmin(RecordedAdmin, Base):
    """By the number of the account: who must be told another way is looked up there, with a reason."""

    list_display = ("user_id", "outcome", "at", "bounced_at")
    list_filter = ("outcome", CameBack, "mailing")

    def subject_of(self, obj: models.Model) -> UUID | None:
        return obj.user_id if isinstance(obj, PolicyNotice) else None


def _count(**which: Any) -> Count:
    return Count("policynotice", filter=Q(**{f"policynotice__{name}": value for name, value in which.items()}))
