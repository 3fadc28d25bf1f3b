"""The app of the loyalty programme: no new points without consent, none taken away with it (policy clause 4)."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LoyaltyConfig(AppConfig):
    name = "loyalty"
    verbose_name = _("Loyalty programme")
    default_auto_field = "django.db.models.BigAutoField"
