"""Lists of very many rows for staff: they are counted only so far, and the words of a filter are known beforehand."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from datamap.catalogue import purpose_words
from datamap.terms import Text


class CappedPaginator(Paginator[Any]):
    """Counts no further than anybody turns pages: counting a whole ledger would read the whole ledger."""

    most = 100_000

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: self.most].count())


class WordFilter(admin.SimpleListFilter):
    """A filter of one column that knows its words; to ask the table for them would read all of it."""

    words: tuple[tuple[str, Text], ...] = ()

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(self.words)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        word = self.value()
        return queryset.filter(**{self.parameter_name: word}) if word and self.parameter_name else queryset


class RecentWordFilter(WordFilter):
    """The same where the words are nowhere declared: those of the newest rows. Any other still works in an address."""

    newest = 2_000

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        rows = model_admin.model._default_manager
        newest = rows.order_by("-pk").values("pk")[: self.newest]
        words = rows.filter(pk__in=newest).order_by(self.parameter_name)
        return [(word, word) for word in words.values_list(self.parameter_name, flat=True).distinct() if word]


class PurposeFilter(RecentWordFilter):
    """For which purpose, by its name."""

    title = _("purpose")
    parameter_name = "purpose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(code, purpose_words(code)) for code, _label in super().lookups(request, model_admin)]
