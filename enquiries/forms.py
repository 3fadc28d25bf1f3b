"""What people and staff fill in: as little as an answer needs, and each form says what is mandatory (Q5.8)."""

import re
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.addresses import clean_path, one_line
from enquiries.contacts import Contact
from enquiries.models import CONTACT_LENGTH, EMAIL_LENGTH, NAME_LENGTH, PAGE_LENGTH
from enquiries.services import Written
from enquiries.terms import LONGEST_TEXT, CameBy, Kind

# Letters that nobody sees but that turn, hide or break what stands beside them.
_UNSEEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_NUMBER: Final = re.compile(r"\+?[0-9]{5,15}")
_HANDLE: Final = re.compile(r"@?[\w.-]{2,64}(?:@[\w.-]{3,60})?")


def readable(text: str) -> str:
    """The words of a person without letters that are not seen."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n")).strip()


class WordsField(forms.CharField):
    """What somebody writes to somebody."""

    def __init__(self, **options: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 7})
        missing = {"required": _("Please write something first.")}
        super().__init__(max_length=LONGEST_TEXT, widget=widget, error_messages=missing, **options)

    def to_python(self, value: Any) -> str:
        return readable(super().to_python(value) or "")


class OnceForm(forms.Form):
    """A form that counts once, however often its button is pressed."""

    once = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


class AskForm(OnceForm):
    """One kind of enquiry. Of an account nothing but the words is asked; without one an address for the answer.

    A problem can be reported without any address: then nobody can answer, and the form says so.
    """

    text = WordsField(label=_("What would you like to know?"))
    page = forms.CharField(
        label=_("On which page"),
        help_text=_("Filled in if you came from there. Correct it, or leave it empty."),
        required=False,
        max_length=1000,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "url"}),
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_("We answer to it, and use it for nothing else."),
        max_length=EMAIL_LENGTH,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    name = forms.CharField(
        label=_("How we may address you"),
        required=False,
        max_length=NAME_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def __init__(self, *args: Any, kind: Kind, has_account: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.kind = kind
        self.fields["text"].label = _ASKED[kind]
        if kind != Kind.PROBLEM:
            del self.fields["page"]
        else:
            self.fields["email"].required = False
            self.fields["email"].help_text = _("Only if you want an answer. We use it for nothing else.")
        if has_account:
            del self.fields["email"], self.fields["name"]

    def clean_name(self) -> str:
        return one_line(" ".join(readable(self.cleaned_data["name"]).split()), NAME_LENGTH)

    def clean_page(self) -> str:
        return page_path(self.cleaned_data["page"])

    def written(self, language: str) -> Written:
        """What was filled in, to be answered in this language."""
        typed = self.cleaned_data
        return Written(
            kind=self.kind,
            text=typed["text"],
            language=language,
            once=typed["once"],
            address=typed.get("email", ""),
            name=typed.get("name", ""),
            page=typed.get("page", ""),
        )


_ASKED: Final = {
    Kind.QUESTION: _("What would you like to know?"),
    Kind.OFFER: _("For what would you like an offer?"),
    Kind.PROBLEM: _("What happened, and what had you expected?"),
}


def page_path(typed: str) -> str:
    """The path of a page of ours: without query, secrets and e-mail addresses, whatever was typed or pasted."""
    try:
        path = urlsplit(readable(typed)).path
    except ValueError:
        raise ValidationError(_("This is no address of a page. You can leave the field empty.")) from None
    return clean_path(path, limit=PAGE_LENGTH)


class ReplyForm(OnceForm):
    """A message to the staff who work on the enquiry."""

    text = WordsField(label=_("Your message"))


class AnswerForm(OnceForm):
    """What staff answer."""

    text = WordsField(label=_("Our answer"))


class NoteForm(OnceForm):
    """A contact by telephone, messenger or social page, as it was."""

    came_by = forms.ChoiceField(
        label=_("By which way"), choices=[(way, way.label) for way in CameBy if way != CameBy.FORM]
    )
    contact = forms.CharField(
        label=_("Number or handle"),
        help_text=_("Deleted after 20 weeks, unless the enquiry is still open then. Write it here only, not below."),
        max_length=CONTACT_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    arrived_at = forms.DateTimeField(
        label=_("When it reached us"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    kind = forms.ChoiceField(label=_("What is asked"), choices=Kind.choices)
    text = WordsField(label=_("What was said"))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    account_address = forms.EmailField(
        label=_("Address of the person's account"),
        help_text=_("Only where you know for sure whose account it is. Then the enquiry stands on the person's page."),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    email = forms.EmailField(
        label=_("E-mail address to answer to"),
        help_text=_("Where there is no account and an answer by e-mail is wanted."),
        max_length=EMAIL_LENGTH,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    name = forms.CharField(label=_("Name, if it was said"), required=False, max_length=NAME_LENGTH)

    field_order = ("came_by", "contact", "arrived_at", "kind", "text", "language", "account_address", "email", "name")

    def clean_arrived_at(self) -> datetime:
        at: datetime = self.cleaned_data["arrived_at"]
        if at > timezone.now():
            raise ValidationError(_("A message cannot have arrived in the future. Please check day and time."))
        return at

    def clean_name(self) -> str:
        return one_line(" ".join(readable(self.cleaned_data["name"]).split()), NAME_LENGTH)

    def clean(self) -> dict[str, Any]:
        """The number in one spelling, so that it is found; of a handle its name, no address of a page."""
        cleaned = super().clean() or {}
        contact = readable(str(cleaned.get("contact", "")))
        if cleaned.get("came_by") in _BY_NUMBER and not contact.startswith("@"):
            contact, rule = re.sub(r"[ ()-]", "", contact), _NUMBER
            sentence = _("Write the number in digits, for example +371 20000000.")
        else:
            rule, sentence = _HANDLE, _("Write the handle alone, for example @anna.")
        if contact and not rule.fullmatch(contact):
            self.add_error("contact", sentence)
        return cleaned | {"contact": contact}

    def noted(self) -> Contact:
        """The contact that the form describes."""
        typed = self.cleaned_data
        written = Written(
            kind=Kind(typed["kind"]),
            text=typed["text"],
            language=typed["language"],
            once=typed["once"],
            address=typed["email"],
            name=typed["name"],
        )
        return Contact(
            written=written,
            by_way_of=CameBy(typed["came_by"]),
            at=typed["arrived_at"],
            contact=typed["contact"],
            account_address=typed["account_address"],
        )


_BY_NUMBER: Final = {CameBy.PHONE, CameBy.WHATSAPP, CameBy.SIGNAL}
