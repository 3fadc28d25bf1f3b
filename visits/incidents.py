"""Finds the rows of one incident, so that a complaint about illegal use can hold them (policy clause 5.2; Q5.19)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext_lazy as _

from audit.trail import Actor
from visits.models import PATH_LENGTH, Visit
from visits.queries import read
from visits.terms import ReadingPurpose

MOST_ROWS: Final = 200
"""A hold covers named records and no more of them than this."""


@dataclass(frozen=True, slots=True)
class Found:
    """The visits of an incident, and whether there are more than a hold takes."""

    rows: list[Visit]
    is_too_much: bool

    @property
    def hold(self) -> str:
        """What the form of a new hold is to begin with, as the query of its address."""
        return urlencode({"table": Visit._meta.label, "numbers": ",".join(str(row.pk) for row in self.rows)})


class IncidentForm(forms.Form):
    """When it was, and what shows whose visits they were; one of the three at least."""

    since = forms.DateTimeField(label=_("From"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    until = forms.DateTimeField(label=_("Until"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    ip = forms.GenericIPAddressField(label=_("IP address"), required=False)
    visitor_key = forms.CharField(label=_("Visitor key"), max_length=64, required=False)
    path = forms.CharField(
        label=_("Page"), help_text=_("As it is stored, with its query."), max_length=PATH_LENGTH, required=False
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not any(cleaned.get(name) for name in ("ip", "visitor_key", "path")):
            raise forms.ValidationError(_("Name an address, a visitor key or a page: a time alone is everybody."))
        if (since := cleaned.get("since")) and (until := cleaned.get("until")) and since > until:
            raise forms.ValidationError(_("The end lies before the beginning."))
        return cleaned


def find_incident(asked: dict[str, Any], *, actor: Actor, now: datetime) -> Found:
    """The visits that fit all that was asked, the oldest first, at most 200; the reading is on record as for security.

    `asked` has the fields of the form: `since` and `until` (both inclusive), `ip`, `visitor_key`, `path`.
    """
    named = {name: asked[name] for name in ("ip", "visitor_key", "path") if asked.get(name)}
    visits = read(purpose=ReadingPurpose.SECURITY, actor=actor, now=now)
    found = visits.filter(at__gte=asked["since"], at__lte=asked["until"], **named).order_by("at", "id")
    rows = list(found[: MOST_ROWS + 1])
    return Found(rows[:MOST_ROWS], len(rows) > MOST_ROWS)
