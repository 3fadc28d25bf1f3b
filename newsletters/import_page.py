"""The page on which staff hand in a list of an earlier system; it names broken lines and shows no address (K12)."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.trail import Actor
from consent.services import NotPublishedError
from newsletters.importing import Report, import_list
from newsletters.old_lists import COLUMNS, LARGEST, BrokenList, Fault


class ImportForm(forms.Form):
    """The file, and whether it is only looked at."""

    file = forms.FileField(
        label=_("List as a CSV file"), help_text=_("UTF-8, at most 10 MB. The first line names the columns.")
    )
    check_only = forms.BooleanField(label=_("Only check, take nothing over"), required=False)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(_("The file may have at most 10 MB."))
        return file


def handle_upload(request: HttpRequest) -> dict[str, Any]:
    """What the page shows: the form, and the report or the faults once a list was handed in."""
    form = ImportForm(request.POST or None, request.FILES or None)
    shown: dict[str, Any] = {"form": form, "columns": ", ".join(COLUMNS)}
    if request.method == "POST" and form.is_valid():
        shown |= _outcome(form, request.user)
    return shown


def _outcome(form: ImportForm, user: Any) -> dict[str, list[Fault] | Report | bool]:
    checked = form.cleaned_data["check_only"]
    try:
        data = form.cleaned_data["file"].read()
        report = import_list(data, actor=Actor.of(user), now=timezone.now(), apply=not checked)
    except BrokenList as broken:
        form.add_error("file", _("The list has broken lines. Nothing of it was taken over."))
        return {"faults": broken.faults}
    except NotPublishedError:
        form.add_error(None, _("The wording of this consent is not published yet."))
        return {}
    return {"report": report, "checked": checked}
