"""What staff see of sealed fields: that something is there, not what it says (Art. 25(2), 32; clause Q15.2)."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.functional import Promise

from datamap.in_place import InPlaceAdmin
from vault.fields import UNREADABLE, SealedTextField, Unreadable, sealed_fields

MASK: Final = "••••••"


class MaskedAdmin(InPlaceAdmin):
    """Mixin for the read-only `ModelAdmin` of a table with sealed fields, named before all others.

    Lists always show the mask. The page of one row shows the value to those who have the permission `opened_by`.
    """

    opened_by: str = ""

    def __init__(self, model: type[models.Model], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        for field in sealed_fields(model):
            self.put_in_place(field.name, f"masked_{field.name}", _mask_of(field))

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return self.in_place(super().get_list_display(request))

    def shows_fields(self, request: HttpRequest) -> bool:
        return bool(self.opened_by) and request.user.has_perm(self.opened_by)


def _mask_of(field: SealedTextField) -> Callable[[models.Model], str | Promise]:
    @admin.display(description=field.verbose_name, empty_value="–")
    def masked(row: models.Model) -> str | Promise:
        value = getattr(row, field.attname)
        if isinstance(value, Unreadable):
            return UNREADABLE
        return MASK if value else ""

    return masked
