"""Mailing as a Django app."""

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _

from mailing.checks import check_emulation, check_webhooks


class MailingConfig(AppConfig):
    """Outgoing messages and the list of addresses that get no advertising."""

    name = "mailing"
    verbose_name = _("Mail")

    def ready(self) -> None:
        checks.register(check_webhooks, checks.Tags.security)
        checks.register(check_emulation, checks.Tags.security)
