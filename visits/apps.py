"""Names the app of the visit log."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VisitsConfig(AppConfig):
    name = "visits"
    verbose_name = _("Visits")

    def ready(self) -> None:
        from visits import standing  # noqa: F401, PLC0415 - registers the check once the models are loaded
