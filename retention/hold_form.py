"""The form of a new legal hold: rows named by their numbers, or as one person's of certain days (Q5.19; Art. 17(3))."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from datamap.declarations import Holding
from datamap.periods import RIGA
from datamap.registry import model_of, registry
from datamap.terms import SubjectKey
from datamap.words import moment
from retention.holds import HoldRefused, is_holdable
from retention.standing import HoldGround, LegalHold

_SEPARATORS: Final = re.compile(r"[\s,;]+")
_LONGEST: Final = 12_000
_DIGITS: Final = 19
_FIND: Final = ("numbers", "person", "since", "until")


class StepForm(forms.Form):
    """Every step says why."""

    reason = forms.CharField(label=_("Why"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class ReviewForm(StepForm):
    review_on = forms.DateField(
        label=_("To be looked at again by"),
        help_text=_("Within half a year."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )


class HoldForm(ReviewForm):
    """Which rows of which table are held, on which ground."""

    table = forms.ChoiceField(label=_("Table"))
    numbers = forms.CharField(
        label=_("Numbers of the rows"),
        help_text=_("As the lists of the staff show them, with commas or each on a line of its own."),
        max_length=_LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    person = forms.CharField(
        label=_("Or whose rows"),
        help_text=_("The e-mail address or the number of an account, with the days below."),
        max_length=254,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    since = forms.DateField(label=_("From this day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(
        label=_("To this day, with it"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    case_number = forms.CharField(label=_("Case"), max_length=40)
    ground = forms.ChoiceField(label=_("Ground"), choices=HoldGround.choices)
    act = forms.CharField(label=_("Act"), max_length=120)
    secrecy = forms.CharField(
        label=_("Secret under"),
        help_text=_("Only where an act forbids to tell the person: its article."),
        max_length=120,
        required=False,
    )
    field_order = ["table", *_FIND, "case_number", "ground", "act", "review_on", "secrecy", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["table"] = forms.ChoiceField(label=_("Table"), choices=_tables())
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        """Turn what names the rows into lookups, as `query`; the service judges them."""
        cleaned = super().clean() or {}
        found = {name: cleaned.pop(name, None) for name in _FIND}
        if not self.errors:
            try:
                cleaned["query"] = query_of(registry().holding(cleaned["table"]), **found)
            except HoldRefused as refusal:
                self.add_error(refusal.field, str(refusal))
        return cleaned

    def refuse(self, refusal: HoldRefused) -> None:
        """The sentence of the service at the field that it speaks of; which rows is said by several."""
        field = refusal.field
        if field == "query":
            field = "numbers" if self.cleaned_data["query"].keys() <= {"pk", "pk__in"} else None
        self.add_error(field, str(refusal))


def query_of(
    holding: Holding, *, numbers: str | None, person: str | None, since: date | None, until: date | None
) -> dict[str, Any]:
    """The lookups that name these rows: by number, by whose they are, by their days in Riga. Raises HoldRefused."""
    query: dict[str, Any] = {}
    if named := [_number(item) for item in _SEPARATORS.split(numbers or "") if item]:
        query |= {"pk": named[0]} if len(named) == 1 else {"pk__in": named}
    if person:
        query |= _of_person(holding, person.strip())
    if since or until:
        query |= _of_days(holding, since, until)
    return query


def _number(text: str) -> int | str:
    return int(text) if text.isdecimal() and len(text) < _DIGITS else text


def _of_person(holding: Holding, person: str) -> dict[str, Any]:
    for path in _plain_ways(holding, SubjectKey.USER):
        return {path: str(_account(person))}
    for path in _plain_ways(holding, SubjectKey.EMAIL):
        return {path: person.lower()}
    raise HoldRefused(_("The rows of this table are named by their numbers alone."), field="person")


def _plain_ways(holding: Holding, kind: SubjectKey) -> Iterator[str]:
    names = {field.name for field in model_of(holding)._meta.concrete_fields}
    yield from (way for found, way in holding.ways if found == kind and isinstance(way, str) and way in names)


def _account(person: str) -> UUID:
    model: Any = get_user_model()
    try:
        known: dict[str, Any] = {"pk": UUID(person)}
    except ValueError:
        known = {f"{model.get_email_field_name()}__iexact": person}
    found: UUID | None = model._default_manager.filter(**known).values_list("pk", flat=True).first()
    if found is None:
        raise HoldRefused(_("There is no account with this address or number."), field="person")
    return found


def _of_days(holding: Holding, since: date | None, until: date | None) -> dict[str, Any]:
    field = _field_of_days(holding)
    if field is None:
        raise HoldRefused(_("The rows of this table have no day. Name them by their numbers."), field="since")
    if since and until and since > until:
        raise HoldRefused(_("The end lies before the beginning."), field="until")
    if not isinstance(field, models.DateTimeField):
        ends = {"gte": since, "lte": until}
        return {f"{field.name}__{lookup}": day.isoformat() for lookup, day in ends.items() if day}
    moments = {"gte": since and _moment(since, time.min), "lte": until and _moment(until, time.max)}
    return {f"{field.name}__{lookup}": moment for lookup, moment in moments.items() if moment}


def _moment(day: date, at: time) -> str:
    return datetime.combine(day, at, RIGA).isoformat()


def _field_of_days(holding: Holding) -> models.Field[Any, Any] | None:
    """What a row's day is: what its term counts from, or else the first day that is declared to be about the person."""
    fields = {field.name: field for field in model_of(holding)._meta.concrete_fields}
    days = [name for name, field in fields.items() if isinstance(field, models.DateField) and name in holding.personal]
    return next((fields[name] for name in (holding.clock, *days) if name in fields), None)


def _tables() -> list[tuple[str, str]]:
    holdable = (item for item in registry().holdings if is_holdable(item))
    choices = [(item.model, staff_name(item)) for item in holdable]
    return sorted(choices, key=lambda choice: choice[1].casefold())


def staff_name(holding: Holding) -> str:
    """What staff call a table. Its label speaks to the person, so it names only tables that have no words of ours."""
    meta = model_of(holding)._meta
    is_ours = Path(meta.app_config.path).parent == settings.BASE_DIR if meta.app_config else False
    return f"{capfirst(str(meta.verbose_name_plural if is_ours else holding.label))} ({holding.model})"


def worded_query(hold: LegalHold) -> list[str]:
    """Which rows a hold names, in words: one line for each condition."""
    meta = model_of(registry().holding(hold.table))._meta
    fields = {field.name: field for field in meta.concrete_fields}
    return [_worded(key, value, fields) for key, value in hold.query.items()]


def _worded(key: str, value: Any, fields: dict[str, models.Field[Any, Any]]) -> str:
    name, _separator, lookup = key.partition("__")
    field = fields.get(name)
    is_number = name == "pk" or (field is not None and field.primary_key)
    label = gettext("Numbers of the rows") if is_number else str(field.verbose_name if field else name)
    values = ", ".join(map(_shown, value if isinstance(value, list) else [value]))
    sign = {"gte": "≥ ", "gt": "> ", "lte": "≤ ", "lt": "< "}.get(lookup, "")
    return f"{label}: {sign}{values}"


def _shown(value: Any) -> str:
    return moment(value) or str(value)
