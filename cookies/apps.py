"""The app that lets nothing optional into the browser before a choice."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CookiesConfig(AppConfig):
    name = "cookies"
    verbose_name = _("Cookies")

    def ready(self) -> None:
        from cookies import checks  # noqa: F401, PLC0415 - registers the system checks once the apps are ready
