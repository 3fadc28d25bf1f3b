"""Admin pages that show something else in place of some declared fields: a mask, or a name (Art. 25(2))."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from datamap.terms import Text

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = object


class InPlaceAdmin(Base):
    """Mixin for a `ModelAdmin`, named before all others: the page of one row shows the columns put in place of fields.

    A subclass calls `put_in_place` when it is made, overrides `shows_fields` where somebody may see the fields
    themselves, and names `in_place` in other lists of fields. `spoken` says what the codes of a field are called: with
    it everybody reads the words, in the list too.
    """

    spoken: Mapping[str, Callable[[str], Text]] = {}

    def __init__(self, model: type[models.Model], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        self._columns: dict[str, str] = {}
        for name, words in self.spoken.items():
            self.put_in_place(name, f"spoken_{name}", _spoken(model._meta.get_field(name), words))

    def put_in_place(self, field: str, column: str, show: Callable[[Any], Any] | None = None) -> None:
        """Show this column of the page, made by `show` where it is not a method of it, and never the field."""
        if show is not None:
            setattr(self, column, show)
        self._columns[field] = column

    def shows_fields(self, request: HttpRequest) -> bool:
        """Whether this request sees the fields themselves."""
        return False

    def in_place(self, names: Sequence[Any]) -> list[Any]:
        """The names with the columns in place of their fields, each once."""
        return list(dict.fromkeys(self._columns.get(name, name) for name in names))

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return [self._spoken_column(name) for name in super().get_list_display(request)]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return self._shown(request, super().get_fields(request, obj))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return self._shown(request, super().get_readonly_fields(request, obj))

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A field is not on the page a second time beside its column."""
        hidden = self.spoken if self.shows_fields(request) else self._columns
        return [*(super().get_exclude(request, obj) or ()), *hidden]

    def _shown(self, request: HttpRequest, names: Sequence[Any]) -> list[Any]:
        if not self.shows_fields(request):
            return self.in_place(names)
        return list(dict.fromkeys(map(self._spoken_column, names)))

    def _spoken_column(self, name: Any) -> Any:
        return self._columns[name] if name in self.spoken else name


def _spoken(field: Any, words: Callable[[str], Text]) -> Callable[[models.Model], Text]:
    @admin.display(description=field.verbose_name, ordering=field.name, empty_value="–")
    def spoken(row: models.Model) -> Text:
        code = getattr(row, field.attname)
        return words(code) if code else ""

    return spoken
