"""The form that the questions of a survey make, and what stands under it: the box of the consent (Q5.2, Q5.8, Q6.3)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from consent.rendering import Wording
from surveys.models import EMAIL_LENGTH, Question, Survey
from surveys.terms import QuestionKind, Said, spoken_language
from surveys.wordings import Answers, Value

SHORT_LENGTH: Final = 200
LONG_LENGTH: Final = 2000
OLD_ENOUGH: Final = _("I am 16 or older.")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one person is asked: the questions, what she answered before, and the consent where it is still to be given.

    `says_age` where no account says that she is old enough.
    """

    survey: Survey
    questions: tuple[Question, ...]
    before: Answers
    wording: Wording | None = None
    says_age: bool = False


class AnswerForm(forms.Form):
    """One field for each question, named by its place; then the boxes, all unticked."""

    def __init__(self, *args: Any, sheet: Sheet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sheet = sheet
        for name, question in self._named():
            self.fields[name] = _field(question)
            self.initial[name] = sheet.before.get(str(question.pk))
        if sheet.wording is not None:
            self.fields["agreed"] = forms.BooleanField(
                label=_marked(Said(sheet.wording.text, sheet.wording.language)),
                error_messages={"required": _("Without your consent we keep no answers: tick the box.")},
            )
        if sheet.says_age:
            self.fields["old_enough"] = forms.BooleanField(
                label=OLD_ENOUGH, error_messages={"required": _("Only people who are 16 or older can take part.")}
            )

    def answers(self) -> dict[str, Value]:
        """What was answered, under the numbers of the questions; what was left out is not there."""
        found = {str(question.pk): self.cleaned_data[name] for name, question in self._named()}
        return {number: _plain(value) for number, value in found.items() if value not in (None, "", [])}

    def _named(self) -> Iterator[tuple[str, Question]]:
        for place, question in enumerate(self.sheet.questions, start=1):
            yield f"q{place}", question


class AskForm(forms.Form):
    """The address to which the link goes; nothing else is asked before its holder has opened it."""

    email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_("We send a link to it. The questions stand behind the link."),
        max_length=EMAIL_LENGTH,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class LongText(forms.CharField):
    """A text of several lines: browsers count the end of a line as one letter, and send two."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return text.replace("\r\n", "\n") if isinstance(text, str) else text


def _field(question: Question) -> forms.Field:
    said, needed = question.said(spoken_language()), question.is_mandatory
    label = _marked(said)
    match question.kind:
        case QuestionKind.SHORT:
            return forms.CharField(label=label, required=needed, max_length=SHORT_LENGTH)
        case QuestionKind.LONG:
            return LongText(label=label, required=needed, max_length=LONG_LENGTH)
        case QuestionKind.NUMBER:
            number = forms.TextInput(attrs={"inputmode": "decimal"})
            form: dict[str, Any] = {"max_digits": 12, "decimal_places": 2, "localize": True, "widget": number}
            return forms.DecimalField(label=label, required=needed, **form)
    return _choice(question, label if needed else format_html("{} ({})", label, gettext("optional")))


def _choice(question: Question, label: str) -> forms.Field:
    said, needed = question.said(spoken_language()), question.is_mandatory
    options = enumerate(question.options(said.language), start=1)
    choices = [(str(number), _marked(Said(option, said.language))) for number, option in options]
    if question.kind == QuestionKind.SEVERAL:
        return forms.TypedMultipleChoiceField(
            label=label, required=needed, choices=choices, coerce=int, widget=forms.CheckboxSelectMultiple
        )
    if not needed:
        choices.append(("", gettext("no answer")))
    return forms.TypedChoiceField(
        label=label, required=needed, choices=choices, coerce=int, empty_value=None, widget=forms.RadioSelect
    )


def _marked(said: Said) -> str:
    """Words in another language than the page say so, for whoever has them read out."""
    if said.language == spoken_language():
        return said.text
    return format_html('<span lang="{}">{}</span>', said.language, said.text)


def _plain(value: Any) -> Value:
    return value if isinstance(value, str | int | list) else str(value)
