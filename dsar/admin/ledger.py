"""The ledger of what happened in requests, as it stands."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from audit.lists import RecentWordFilter, WordFilter
from audit.models import ActorKind
from audit.staff_views import RecordedAdmin
from datamap.in_place import InPlaceAdmin
from dsar.desk_words import action_words, stage_words
from dsar.models import CaseEvent


class ActionFilter(RecentWordFilter):
    """What happened, in the words of the desk."""

    title = _("action")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(action, action_words(action)) for action, _label in super().lookups(request, model_admin)]


class WhoFilter(WordFilter):
    """Who did it."""

    title = _("done by")
    parameter_name = "actor_kind"
    words = tuple(ActorKind.choices)


@admin.register(CaseEvent)
class CaseEventAdmin(InPlaceAdmin, RecordedAdmin, admin.ModelAdmin[CaseEvent]):
    """The ledger of what happened; who of the staff acted, and why, stays sealed here."""

    list_display = ["at", "case_number", "action", "stage_before", "stage_after", "actor_kind"]
    list_filter = [ActionFilter, WhoFilter]
    search_fields = ["case_number"]
    spoken = {
        "action": action_words,
        "stage_before": stage_words,
        "stage_after": stage_words,
        "actor_kind": lambda code: ActorKind(code).label,
    }
    exclude = ["sealed_note", "salt"]
