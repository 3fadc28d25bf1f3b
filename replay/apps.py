"""The app that remembers outside the database; it finds every app's `replays.py`."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class ReplayConfig(AppConfig):
    """Loads the repeaters once all models are there."""

    name = "replay"
    verbose_name = _("Replay after a restore")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        autodiscover_modules("replays")
