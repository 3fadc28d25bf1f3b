"""The app that keeps the proof of every consent."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsentConfig(AppConfig):
    name = "consent"
    verbose_name = _("Consents and published texts")
    default_auto_field = "django.db.models.BigAutoField"
