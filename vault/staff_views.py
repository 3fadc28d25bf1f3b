"""What staff see of sealed fields: that something is there, not what it says (Art. 25(2), 32; clause Q15.2)."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.functional import Promise

from vault.fields import UNREADABLE, SealedTextField, Unreadable, sealed_fields

MASK: Final = "••••••"

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = object


class MaskedAdmin(Base):
    """Mixin for the read-only `ModelAdmin` of a table with sealed fields, named before all others.

    Lists always show the mask. The page of one row shows the value to those who have the permission `opened_by`.
    """

    opened_by: str = ""

    def __init__(self, model: type[models.Model], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        self._masked = {field.name: f"masked_{field.name}" for field in sealed_fields(model)}
        for field in sealed_fields(model):
            setattr(self, self._masked[field.name], _mask_of(field))

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return self._with_masks(super().get_list_display(request))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        found = super().get_fields(request, obj)
        return list(found) if self._may_open(request) else list(dict.fromkeys(self._with_masks(found)))

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> list[str]:
        excluded = list(super().get_exclude(request, obj) or ())
        return excluded if self._may_open(request) else [*excluded, *self._masked]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        found = super().get_readonly_fields(request, obj)
        return list(found) if self._may_open(request) else self._with_masks(found)

    def _may_open(self, request: HttpRequest) -> bool:
        return bool(self.opened_by) and request.user.has_perm(self.opened_by)

    def _with_masks(self, names: Sequence[Any]) -> list[Any]:
        return [self._masked.get(name, name) for name in names]


def _mask_of(field: SealedTextField) -> Callable[[models.Model], str | Promise]:
    @admin.display(description=field.verbose_name, empty_value="–")
    def masked(row: models.Model) -> str | Promise:
        value = getattr(row, field.attname)
        if isinstance(value, Unreadable):
            return UNREADABLE
        return MASK if value else ""

    return masked
