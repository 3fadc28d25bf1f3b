"""The published heads of the ledgers: what each of them ended with on a day, under one signature (Art. 5(2), 24)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.ledger import LedgerRow


class PublishedHead(LedgerRow):
    """One signed statement about all ledgers, itself a row of a ledger; `document` is what everybody may read."""

    document = models.JSONField(_("document"))

    class Meta(LedgerRow.Meta):
        verbose_name = _("published heads of the ledgers")
        verbose_name_plural = _("published heads of the ledgers")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
