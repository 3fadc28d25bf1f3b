"""What is filled in to comment, to dispute what somebody wrote, and to decide about it (policy clause 14)."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.signs import no_hidden_signs
from marketplace.comment_terms import Ground
from marketplace.commenting import Said
from marketplace.contacts_in_text import has_contacts
from marketplace.disputing import Complaint
from marketplace.models.comments import AUTHOR_LENGTH, COMMENT_LENGTH, EMAIL_LENGTH, NAME_LENGTH
from marketplace.models.removable import REASON_LENGTH


class _Once(forms.Form):
    once = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


class CommentForm(_Once):
    """A comment, and the name under which it stands: chosen anew each time, and taken from nowhere (Q14.1)."""

    author_name = forms.CharField(
        label=_("Name shown beside it"),
        help_text=_("Choose one. It need not be yours, and nothing leads from it to your account."),
        max_length=AUTHOR_LENGTH,
        validators=[no_hidden_signs],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    text = forms.CharField(
        label=_("Your comment"),
        help_text=_("Everybody can read it, and it stays without the name if you delete your account one day."),
        max_length=COMMENT_LENGTH,
        validators=[no_hidden_signs],
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Please write something first.")},
    )

    def clean_author_name(self) -> str:
        name = " ".join(self.cleaned_data["author_name"].split())
        if has_contacts(name) or "@" in name:
            raise ValidationError(_("Please choose a name without a telephone number or an address."))
        if "qlekta" in name.casefold():
            raise ValidationError(_("Under this name only Qlekta itself writes. Please choose another one."))
        return name

    def said(self) -> Said:
        """The comment that the form describes."""
        return Said(**self.cleaned_data)


class NoticeForm(_Once):
    """Why something is disputed; who is not logged in says where the decision goes (2022/2065 Art. 16(2))."""

    ground = forms.ChoiceField(label=_("What is wrong with it"), choices=Ground.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("Please explain"),
        help_text=_("What in it is not true or not allowed, and why."),
        max_length=COMMENT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_("We write to it what was decided, and use it for nothing else."),
        max_length=EMAIL_LENGTH,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    name = forms.CharField(
        label=_("Your name"),
        required=False,
        max_length=NAME_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def __init__(self, *args: Any, has_account: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if has_account:
            del self.fields["email"], self.fields["name"]

    def complaint(self, language: str) -> Complaint:
        """The notice that the form describes."""
        typed = self.cleaned_data
        return Complaint(
            ground=Ground(typed["ground"]),
            text=typed["text"],
            language=language,
            address=typed.get("email", ""),
            name=typed.get("name", ""),
            once=typed["once"],
        )


class DecisionForm(forms.Form):
    """A reason, and which of the two buttons was pressed."""

    reason = forms.CharField(
        label=_("The reason, as both sides read it"), max_length=REASON_LENGTH, widget=forms.Textarea(attrs={"rows": 4})
    )
    decision = forms.ChoiceField(choices=[("remove", ""), ("keep", "")])
