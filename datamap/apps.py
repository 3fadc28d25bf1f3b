"""The data map as a Django app: its checks run with every `manage.py check`, and it finds every app's `plots.py`."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.module_loading import autodiscover_modules


class DatamapConfig(AppConfig):
    """Registers the checks E001-E014, W001 and W002."""

    name = "datamap"

    def ready(self) -> None:
        from datamap.checks import check_declarations  # noqa: PLC0415 -- models must be loaded first
        from datamap.leftovers import check_server  # noqa: PLC0415 -- the same

        register(check_declarations)
        register(check_server, Tags.database)
        autodiscover_modules("plots")
