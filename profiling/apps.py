"""The app of the profile for personal offers: made on consent, gone with it (policy clause 7.1, Q7.5)."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProfilingConfig(AppConfig):
    name = "profiling"
    verbose_name = _("Personal offers")
    default_auto_field = "django.db.models.BigAutoField"
