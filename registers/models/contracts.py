"""Contracts with processors as they were entered, one row for each version (Art. 28)."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.ledger import LedgerRow


class ContractVersion(LedgerRow):
    """What the contract with one recipient says from `at` on; the latest row counts. Never changed: a new row follows.

    The columns are those of Art. 28(2)-(4); `recipient` is a code of the catalogue.
    """

    recipient = models.CharField(_("recipient"), max_length=40)
    reference = models.CharField(_("contract"), max_length=120)
    contact = models.CharField(_("contact"), max_length=200)
    signed_on = models.DateField(_("signed"))
    starts_on = models.DateField(_("in force from"))
    ends_on = models.DateField(_("in force until"), null=True, blank=True)
    transfer = models.CharField(_("transfer mechanism"), max_length=200)
    transfer_ends_on = models.DateField(_("transfer mechanism until"), null=True, blank=True)
    review_on = models.DateField(_("to be looked at again by"))
    instructions = models.TextField(_("instructions"), max_length=2000)
    confidentiality = models.TextField(_("confidentiality"), max_length=2000)
    measures = models.TextField(_("security measures"), max_length=2000)
    subprocessors = models.TextField(_("sub-processors"), max_length=2000)
    assistance = models.TextField(_("assistance"), max_length=2000)
    at_end = models.TextField(_("deletion or return at the end"), max_length=2000)
    audits = models.TextField(_("audits"), max_length=2000)
    file_sha256 = models.CharField(_("SHA-256 of the signed file"), max_length=64, blank=True)
    note = models.CharField(_("what changed"), max_length=200)

    class Meta(LedgerRow.Meta):
        verbose_name = _("contract with a processor")
        verbose_name_plural = _("contracts with processors")
        ordering = ["-id"]
        permissions = [("keep_contracts", _("May enter contracts with processors"))]
        constraints = [
            *LedgerRow.Meta.constraints,
            models.CheckConstraint(
                name="registers_contract_dates_in_order",
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
            ),
            models.CheckConstraint(
                name="registers_contract_is_complete",
                condition=~(
                    Q(reference="")
                    | Q(instructions="")
                    | Q(confidentiality="")
                    | Q(measures="")
                    | Q(subprocessors="")
                    | Q(assistance="")
                    | Q(at_end="")
                    | Q(audits="")
                    | Q(note="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipient}: {self.reference}"
