"""The pages on which staff hand in a list of an earlier system and watch it being read; no address is shown (K12)."""

from typing import Any, Final
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.trail import Actor
from consent.services import NotPublishedError
from newsletters.lists import hand_in
from newsletters.models import ListImport
from newsletters.old_lists import COLUMNS, LARGEST, WAYS, UnfitFile
from vault.tokens import new_secret

_SHOWN: Final = 100
"""Refused lines on one page."""
_LATEST: Final = 10
"""Lists under the form."""


class ImportForm(forms.Form):
    """The file, and whether it is only looked at; `once` makes of two presses one import."""

    file = forms.FileField(
        label=_("List as a CSV file"), help_text=_("UTF-8, at most 10 MB. The first line names the columns.")
    )
    check_only = forms.BooleanField(label=_("Only check, take nothing over"), required=False)
    once = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(_("The file may have at most 10 MB."))
        return file


def handle_upload(request: HttpRequest) -> tuple[ListImport | None, dict[str, Any]]:
    """The list that was handed in, or none; and what the page with the form shows."""
    form = ImportForm(request.POST or None, request.FILES or None, initial={"once": new_secret()})
    taken = _taken(form, request.user) if request.method == "POST" and form.is_valid() else None
    shown = {"form": form, "columns": ", ".join(COLUMNS), "ways": ", ".join(sorted(WAYS))}
    return taken, shown | {"latest": ListImport.objects.all()[:_LATEST]}


def shown_list(request: HttpRequest, list_id: UUID) -> dict[str, Any]:
    """What the page of one list shows: how far it is, and the refused lines, a hundred at a time."""
    row = get_object_or_404(ListImport, pk=list_id)
    lines = Paginator(row.refused_lines.all(), _SHOWN).get_page(request.GET.get("page"))
    return {"row": row, "refused": lines, "title": _("List of an earlier system")}


def _taken(form: ImportForm, user: Any) -> ListImport | None:
    typed = form.cleaned_data
    try:
        return hand_in(
            typed["file"].read(),
            once=typed["once"] or new_secret(),
            check_only=typed["check_only"],
            actor=Actor.of(user),
            now=timezone.now(),
        )
    except UnfitFile as unfit:
        form.add_error("file", str(unfit.sentence))
    except NotPublishedError:
        form.add_error(None, _("The wording of this consent is not published yet."))
    return None
