"""What staff type for a campaign: plain text in up to three languages, Latvian always (Q0.3, Q13.1)."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from newsletters.models import Campaign
from newsletters.wording import UnfitText, tidy

if TYPE_CHECKING:
    Base = forms.ModelForm[Campaign]
else:
    Base = forms.ModelForm


class CampaignForm(Base):
    """Name, subjects and texts. What stands in them is never evaluated and leads nowhere but to this site."""

    class Meta:
        model = Campaign
        fields = ("name", "subject_lv", "body_lv", "subject_en", "body_en", "subject_ru", "body_ru")
        widgets = {name: forms.Textarea(attrs={"rows": 12}) for name in ("body_lv", "body_en", "body_ru")}
        help_texts = {
            "body_lv": _("Plain text. An empty line begins a paragraph. Links of this site become links in the letter.")
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for language in ("lv", "en", "ru"):
            for name in (f"subject_{language}", f"body_{language}"):
                self._tidy(name)
            if language != "lv" and bool(data.get(f"subject_{language}")) != bool(data.get(f"body_{language}")):
                self.add_error(f"body_{language}", _("Subject and text belong together: fill in both, or none."))
        return data

    def _tidy(self, name: str) -> None:
        try:
            self.cleaned_data[name] = tidy(self.cleaned_data.get(name, ""))
        except UnfitText as refusal:
            self.add_error(name, str(refusal))
