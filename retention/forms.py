"""What somebody without an account hands in: a receipt to be checked, an address for an objection."""

import json
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

LIMIT: Final = 200_000
"""Letters or bytes of a receipt; a real one has some ten thousand."""


class ReceiptForm(forms.Form):
    """Text or file; `cleaned_data["document"]` is the JSON object in it."""

    text = forms.CharField(
        label=_("Text of the receipt"),
        required=False,
        max_length=LIMIT,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
        error_messages={"max_length": _("This is far longer than a receipt. Please paste the receipt only.")},
    )
    file = forms.FileField(label=_("or the file"), required=False)

    def clean_file(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data["file"]
        if file and (file.size or 0) > LIMIT:
            raise forms.ValidationError(_("This file is far larger than a receipt. Please choose the receipt only."))
        return file

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        content = cleaned["file"].read() if cleaned.get("file") else cleaned.get("text", "")
        if not content:
            raise forms.ValidationError(_("Please paste the receipt or choose its file."))
        return cleaned | {"document": _document(content)}


class ObjectionForm(forms.Form):
    """The address of the deleted account, and nothing else: no name, no reason."""

    email = forms.EmailField(
        label=_("E-mail address of the deleted account"),
        help_text=_("You need not give a reason."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


def _document(content: str | bytes) -> dict[str, Any]:
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content.removeprefix("\ufeff")
        document = json.loads(text, parse_constant=_refuse, object_pairs_hook=_each_name_once)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise forms.ValidationError(_("This is not a receipt: it cannot be read as JSON."))
    return document


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # A second member of the same name would be shown to a reader and be invisible to the signature.
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found
