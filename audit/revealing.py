"""Pages of staff on which what identifies somebody is masked until a reason is given; each look in clear is on record
with it, and so in the person's access answer (Art. 25(2), 32; requirement G6)."""

from collections.abc import Callable
from copy import copy
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import TextChoices
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from audit.staff_views import RecordedAdmin
from datamap.in_place import InPlaceAdmin
from datamap.registry import registry
from datamap.terms import Category

MASK: Final = "••••••"
IDENTIFYING: Final = frozenset(
    {
        Category.IDENTITY,
        Category.EMAIL,
        Category.PHONE,
        Category.ADDRESS,
        Category.NETWORK,
        Category.DEVICE,
        Category.FREE_TEXT,
        Category.BANK_ACCOUNT,
    }
)
"""The declared categories by which somebody is named or reached."""


class RevealReason(TextChoices):
    """Why a member of the staff sees a record in clear; goes into the trail, and so into the person's access copy."""

    WORK = "to_answer", _("to answer the request")
    IDENTITY = "to_check_identity", _("to check the identity")
    REVIEW = "to_check_a_colleague", _("to check the work of a colleague")
    ASKED = "person_asked", _("the person asked about it")


class RevealForm(forms.Form):
    """Why somebody must see names, addresses and words."""

    reason = forms.ChoiceField(label=_("Why you must see it"), choices=RevealReason.choices)


class RevealedAdmin(InPlaceAdmin, RecordedAdmin):
    """Mixin for the `ModelAdmin` of a declared table whose fields name or reach a person.

    Lists always show the mask. The page of one row shows it too, and the values once for each reason that is given.
    `plain` are fields that by themselves lead to nobody; `revealed_to` is the permission that seeing the values needs
    besides seeing the page.
    """

    plain: frozenset[str] = frozenset()
    revealed_to = ""
    change_form_template = "audit/admin/revealed.html"

    def __init__(self, model: type[models.Model], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        for name in masked_fields(model):
            if name not in self.plain:
                self.put_in_place(name, f"masked_{name}", _mask_of(model._meta.get_field(name)))

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(never_cache(require_POST(self.reveal_view)))
        name = f"{self.opts.app_label}_{self.opts.model_name}_reveal"
        return [path("<path:object_id>/reveal/", view, name=name), *super().get_urls()]

    def reveal_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The page in clear, once; without a reason it stays masked."""
        if not self._may_reveal(request):
            raise PermissionDenied
        form = RevealForm(request.POST)
        page: Any = copy(request)
        page.method, page.reveal_form = "GET", form
        page.revealed_for = form.cleaned_data["reason"] if form.is_valid() else ""
        return self.changeform_view(page, object_id)

    def _may_reveal(self, request: HttpRequest) -> bool:
        return not self.revealed_to or request.user.has_perm(self.revealed_to)

    def shows_fields(self, request: HttpRequest) -> bool:
        return is_revealed(request)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return self.in_place(super().get_list_display(request))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        form = getattr(request, "reveal_form", None)
        context |= {
            "reveal_form": form or RevealForm(),
            "may_reveal": self._may_reveal(request) and not is_revealed(request),
        }
        response = super().render_change_form(request, context, *args, **options)
        if form is not None and not is_revealed(request):
            response.status_code = 400
        return response

    def _record(self, request: HttpRequest, action: str, obj: models.Model, *, given: str = "") -> None:
        if action == "viewed" and is_revealed(request):
            action, given = "revealed", request.revealed_for  # type: ignore[attr-defined]
        super()._record(request, action, obj, given=given)


def is_revealed(request: HttpRequest) -> bool:
    """Whether this request has said why it must see the values."""
    return bool(getattr(request, "revealed_for", ""))


def masked_fields(model: type[models.Model]) -> list[str]:
    """The fields of a declared table that name or reach somebody; numbers of accounts among them do not."""
    personal = registry().holding(model).personal
    return [name for name, item in personal.items() if item.category in IDENTIFYING and _is_text(model, name)]


def _is_text(model: type[models.Model], name: str) -> bool:
    return not isinstance(model._meta.get_field(name), models.UUIDField | models.ForeignKey)


def _mask_of(field: Any) -> Callable[[models.Model], str]:
    @admin.display(description=field.verbose_name, empty_value="–")
    def masked(row: models.Model) -> str:
        return MASK if getattr(row, field.attname) else ""

    return masked
