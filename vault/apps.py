"""The Django application `vault`."""

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _

from vault.checks import check_keys


class VaultConfig(AppConfig):
    name = "vault"
    verbose_name = _("Keys")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        checks.register(check_keys, checks.Tags.security)
