"""The registers of the controller: processing, processors, disclosures, balancing tests, breaches (Art. 28, 30, 33)."""

from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _


class RegistersConfig(AppConfig):
    """Registers the checks E001-E003."""

    name = "registers"
    verbose_name = _("Registers")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from registers.checks import check_catalogue  # noqa: PLC0415 -- models must be loaded first

        register(check_catalogue)
