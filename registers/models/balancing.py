"""Balancing tests of legitimate interests as they stood, one row for each version and each review (Art. 6(1)(f))."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.ledger import LedgerRow


class BalancingVersion(LedgerRow):
    """The assessment of one purpose from `at` on: its three parts in each language, and when it is looked at again.

    A row is added when the words change (`conclusion` empty) and when somebody looked at them again.
    """

    purpose = models.CharField(_("purpose"), max_length=40)
    digest = models.CharField(_("digest"), max_length=64)
    document = models.JSONField(_("test"))
    decided_on = models.CharField(_("decided"), max_length=10)
    review_on = models.DateField(_("to be looked at again by"))
    conclusion = models.TextField(_("conclusion"), max_length=2000, blank=True)

    class Meta(LedgerRow.Meta):
        verbose_name = _("balancing test")
        verbose_name_plural = _("balancing tests")
        ordering = ["-id"]
        permissions = [("review_balancing", _("May look at balancing tests again"))]

    def __str__(self) -> str:
        return f"{self.purpose} {self.at:%Y-%m-%d}"
