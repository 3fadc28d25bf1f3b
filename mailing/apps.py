"""Mailing as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MailingConfig(AppConfig):
    """Outgoing messages and the list of addresses that get no advertising."""

    name = "mailing"
    verbose_name = _("Mail")
