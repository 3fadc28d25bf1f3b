"""Dated versions of the record of processing activities (Art. 30): what it said on which day."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.ledger import LedgerRow
from datamap.periods import RIGA


class RegisterVersion(LedgerRow):
    """The whole register as it stood from `at` on, until the next version; `document` holds it in each language."""

    digest = models.CharField(_("digest"), max_length=64)
    activities = models.PositiveIntegerField(_("activities"))
    document = models.JSONField(_("register"))

    class Meta(LedgerRow.Meta):
        verbose_name = _("version of the record of processing")
        verbose_name_plural = _("record of processing activities")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.at.astimezone(RIGA):%Y-%m-%d %H:%M}"
