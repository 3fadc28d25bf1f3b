"""The app of enquiries: whoever asks gets an answer, and what was asked ends with its term (policy clause 5)."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EnquiriesConfig(AppConfig):
    name = "enquiries"
    verbose_name = _("Enquiries")
    default_auto_field = "django.db.models.BigAutoField"
