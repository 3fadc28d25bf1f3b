"""The app of the marketplace: listings in four steps, and what people do about them (policy clauses 8.5, 14, 17)."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MarketplaceConfig(AppConfig):
    name = "marketplace"
    verbose_name = _("Marketplace")
    default_auto_field = "django.db.models.BigAutoField"
