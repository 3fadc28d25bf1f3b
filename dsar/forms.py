"""What a person fills in: as little as possible, no reason is ever demanded (clauses.md D3)."""

import re
from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from datamap.terms import Right
from dsar.attachments import LARGEST, MOST_AT_ONCE, Incoming
from dsar.erasure import Preview
from dsar.filing import Form
from dsar.refusals import FileTooLarge, TooManyFiles
from dsar.terms import AttachmentPurpose, AuthorityKind

_LONGEST_TEXT: Final = 10_000
_MOST_NUMBERS: Final = 4
_NUMBER: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def one_line(text: str) -> str:
    """A name in one line, without letters that turn the direction of what follows."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


class RequestForm(forms.Form):
    """Which rights, one or more, and the person's own words where she likes to add some."""

    right = forms.MultipleChoiceField(
        label=_("What would you like us to do?"),
        help_text=_("Tick one or more."),
        choices=Right.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Please tick at least one."),
            "invalid_choice": _("There is no such right: please tick one of the boxes."),
        },
    )
    text = forms.CharField(
        label=_("Anything you want to add"),
        help_text=_("You need not give a reason."),
        required=False,
        max_length=_LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    young = forms.BooleanField(
        label=_("I am under 16, or whoever this is about"),
        help_text=_("Then we only store the data from now on, and staff look into it before anything else."),
        required=False,
    )

    @property
    def rights(self) -> tuple[Right, ...]:
        """What was ticked, in the order in which it is done: a copy comes before an erasure."""
        return tuple(right for right in Right if right in self.cleaned_data["right"])


class PublicRequestForm(RequestForm):
    """The same for who has no account, or asks for somebody else: the address is all that is compulsory."""

    email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_("We send a letter with a link and a code to it. Use the address that we know you by, if you can."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    language = forms.ChoiceField(label=_("Language of our letters"), choices=settings.LANGUAGES)
    acts_for = forms.BooleanField(
        label=_("I act for somebody else"),
        help_text=_(
            "Give your own address above, and say below whose data it is about. We check your authority first."
        ),
        required=False,
    )
    name = forms.CharField(label=_("Your name, if you act for somebody"), required=False, max_length=200)
    capacity = forms.ChoiceField(
        label=_("In which capacity"), required=False, choices=[("", _("please choose")), *AuthorityKind.choices]
    )
    numbers = forms.CharField(
        label=_("The receipt number of your cookie choice"),
        help_text=_("Only if you ask about a cookie choice without an account. It stands on our page about cookies."),
        required=False,
        max_length=200,
    )
    once = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    field_order = ("email", "right", "text", "language", "acts_for", "name", "capacity", "numbers", "young", "once")

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])

    def clean_numbers(self) -> str:
        numbers = self.cleaned_data["numbers"].split()
        if len(numbers) > _MOST_NUMBERS or not all(_NUMBER.fullmatch(number) for number in numbers):
            raise ValidationError(_("This is no such number. You can leave the field empty."))
        return " ".join(numbers)

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        if found.get("acts_for"):
            for name, sentence in (
                ("name", _("Please tell us your name, since you act for somebody.")),
                ("capacity", _("Please choose in which capacity you act.")),
            ):
                if name in found and not found[name]:
                    self.add_error(name, sentence)
        return found

    def filled(self) -> Form:
        """What was filled in, as the service takes it."""
        typed = self.cleaned_data
        acts_for = typed["acts_for"]
        return Form(
            address=typed["email"],
            rights=self.rights,
            language=typed["language"],
            text=typed["text"],
            once=typed["once"],
            name=typed["name"] if acts_for else "",
            capacity=AuthorityKind(typed["capacity"]) if acts_for else None,
            numbers=typed["numbers"],
            young=typed["young"],
        )


class CodeForm(forms.Form):
    """The code from the letter, with or without its hyphen."""

    code = forms.CharField(
        label=_("Code from the letter"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "characters"}),
    )


class MessageForm(forms.Form):
    """A message to the staff who work on the request."""

    text = forms.CharField(
        label=_("Your message"),
        max_length=_LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Please write something first.")},
    )


class _ManyFiles(forms.FileInput):
    """One field for several files."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.getlist(name)


class FilesField(forms.FileField):
    """Several files, each as it came; a file is judged by its content elsewhere, never by its name."""

    widget = _ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[Incoming]:
        """The files in memory. Nothing is read of one that is too large."""
        found = list(data or [])
        if not found:
            raise ValidationError(_("Please choose a file first. An empty one is none."))
        if len(found) > MOST_AT_ONCE:
            raise ValidationError(str(TooManyFiles.message))
        if any(file.size > LARGEST for file in found):
            raise ValidationError(str(FileTooLarge.message))
        if any(not file.size for file in found):
            raise ValidationError(_("One of the files is empty. Nothing was taken."))
        return [Incoming(file.name or "", file.read()) for file in found]


class FilesForm(forms.Form):
    """Files for the staff who work on the request, and what they are for."""

    chosen = FilesField(
        label=_("Files"),
        help_text=_("PDF, JPEG or PNG, at most five at once and 10 MB each, 30 MB together."),
        widget=_ManyFiles(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )
    purpose = forms.ChoiceField(label=_("What they are for"), choices=AttachmentPurpose.choices)

    def __init__(self, *args: Any, allowed: Sequence[AttachmentPurpose], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(item, item.label) for item in allowed]
        self.fields["purpose"] = forms.ChoiceField(
            label=_("What they are for"),
            choices=choices,
            initial=allowed[0],
            widget=forms.HiddenInput if len(choices) == 1 else forms.Select,
        )


class ErasureForm(forms.Form):
    """The confirmation names the plan that was shown, so that nothing else can be carried out (security E1)."""

    plan = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput)
    objection = forms.BooleanField(
        label=_("I object to the six-year archive"),
        help_text=_(
            "Without your objection we keep your name, e-mail address, account number and the dates of your account "
            "sealed for six years, to resolve disputes (Art. 6(1)(f), 17(3)(e) GDPR). "
            "With it we keep no archive at all."
        ),
        required=False,
    )
    waive_copy = forms.BooleanField(label=_("I do not need the copy that lies ready"), required=False)
    confirm = forms.BooleanField(
        label=_("Yes, delete my account and my data for good"),
        error_messages={"required": _("Please tick this box, so that nobody deletes an account by mistake.")},
    )

    def show_waiver_only_if_needed(self, shown: Preview) -> None:
        """A person without a waiting copy is not asked about one."""
        if not shown.copy_waits:
            del self.fields["waive_copy"]


class CaseErasureForm(ErasureForm):
    """The same without a log-in: a code from the letter stands for the password."""

    confirm = forms.BooleanField(
        label=_("Yes, erase my data for good"),
        error_messages={"required": _("Please tick this box, so that nobody erases data by mistake.")},
    )
    code = CodeForm.base_fields["code"]

    field_order = ("plan", "objection", "waive_copy", "confirm", "code")
