"""The app of surveys, promotions and draws (policy clause 5)."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SurveysConfig(AppConfig):
    name = "surveys"
    verbose_name = _("Surveys, promotions and draws")
    default_auto_field = "django.db.models.BigAutoField"
