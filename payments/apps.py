"""The app of payments: it finds what can be paid for in every app's `payables.py`."""

from django.apps import AppConfig
from django.core import checks
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

from payments.cards.checks import check_braintree
from payments.escrow.checks import check_escrow


class PaymentsConfig(AppConfig):
    """Loads what can be paid for once all models are there."""

    name = "payments"
    verbose_name = _("Payments")

    def ready(self) -> None:
        autodiscover_modules("payables")
        checks.register(check_braintree, checks.Tags.security)
        checks.register(check_escrow, checks.Tags.security)
