"""What staff fill in to make a survey; once somebody has answered, it stays as it was shown (policy clause 5)."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from surveys.in_use import is_answered
from surveys.models import Survey
from surveys.terms import LANGUAGES

if TYPE_CHECKING:
    Base = forms.ModelForm[Survey]
else:
    Base = forms.ModelForm


class SurveyForm(Base):
    """Texts, times and term. Whoever answers at the same moment is waited for, and is in time or is first."""

    class Meta:
        model = Survey
        fields = (
            *("kind", "slug", "audience", "winners", "opens_at", "closes_at", "term"),
            *(f"{part}_{language}" for language in LANGUAGES for part in ("title", "intro", "prize")),
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.instance._state.adding:
            survey = Survey.objects.select_for_update().get(pk=self.instance.pk)
            if is_answered(survey):
                raise forms.ValidationError(
                    _("Somebody has answered meanwhile: it cannot be changed any more. Close it, or make a copy.")
                )
        return data


class ExportForm(forms.Form):
    """Why somebody needs the single answers; the trail keeps it."""

    reason = forms.CharField(
        label=_("Why you need the single answers"),
        help_text=_("It is recorded with your name. Do not name anybody whose answers they are."),
        min_length=10,
        max_length=200,
    )
