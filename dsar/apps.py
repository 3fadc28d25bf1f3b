"""The app that serves the rights of data subjects (Art. 12-22)."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DsarConfig(AppConfig):
    name = "dsar"
    verbose_name = _("Requests of data subjects")
    default_auto_field = "django.db.models.BigAutoField"
