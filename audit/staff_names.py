"""Who of the staff took a step, by the address that colleagues know her by, and a history in words (Art. 5(2))."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import models
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from audit.staff_views import RecordedAdmin
from audit.words import ACTS
from datamap.in_place import InPlaceAdmin
from datamap.registry import registry
from datamap.terms import Category, Text
from datamap.words import moment

_STEPS: Final[dict[str, Text]] = {
    "restriction.told": _("the person was told that it will be lifted"),
    "hold.placed": _("placed"),
    "hold.confirmed": _("confirmed by a second person"),
    "hold.reviewed": _("looked at again"),
    "hold.release_proposed": _("release proposed"),
    "hold.release_declined": _("release declined"),
    "hold.released": _("released"),
}
"""Steps as colleagues read them; the rest is called what the person reads."""


class StaffNamedAdmin(InPlaceAdmin, RecordedAdmin):
    """Mixin for the `ModelAdmin` of a table whose rows name members of the staff by their numbers."""

    def __init__(self, model: type[models.Model], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        for name in staff_fields(model):
            self.put_in_place(name, f"named_{name}", _address_in(model._meta.get_field(name)))
        if "history" in {field.name for field in model._meta.concrete_fields}:
            self.put_in_place("history", "told_history")

    @admin.display(description=_("what was decided and why"), empty_value="–")
    def told_history(self, row: Any) -> str:
        """One sentence for each step: when, what, by whom, why."""
        people = addresses({entry["by"] for entry in row.history if entry["by"]})
        lines = (
            (moment(item["at"]), _word(item["action"]), people.get(item["by"], "–"), item["reason"])
            for item in row.history
        )
        return format_html_join("", "<p>{}: {} ({}). {}</p>", lines)


def staff_fields(model: type[models.Model]) -> list[str]:
    """The declared fields that hold the number of a member of the staff."""
    found = {holding.model: holding for holding in registry().holdings}
    holding = found.get(model._meta.label)
    personal = holding.personal if holding else {}
    return [
        name
        for name, item in personal.items()
        if item.category is Category.IDENTITY and isinstance(model._meta.get_field(name), models.UUIDField)
    ]


def addresses(ids: set[str]) -> dict[str, str]:
    """The addresses of members of the staff by their numbers, in one query; who has left is not among them."""
    people = get_user_model()._default_manager.filter(pk__in=ids, is_staff=True)
    return {str(pk): address for pk, address in people.values_list("pk", get_user_model().get_email_field_name())}


def _address_in(field: Any) -> Callable[[models.Model], str]:
    @admin.display(description=field.verbose_name, empty_value="–")
    def named(row: models.Model) -> str:
        number: UUID | None = getattr(row, field.attname)
        return addresses({str(number)}).get(str(number), str(number)) if number else ""

    return named


def _word(action: str) -> Text:
    return _STEPS.get(action) or ACTS.get(action, action)
