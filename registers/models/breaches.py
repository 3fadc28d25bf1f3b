"""The breach register: every personal data breach, reported or not (Art. 33(5)). No row speaks of a data subject."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.ledger import LedgerRow
from datamap.terms import Text
from registers.terms import Exemption, ReportedBy, Risk, action_words


class Breach(models.Model):
    """One breach as it is known now; `BreachEntry` keeps every change. The clock runs from `aware_at` (Art. 33(1))."""

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    facts = models.TextField(_("what happened"), max_length=8000)
    confidentiality = models.BooleanField(_("somebody saw data who must not"), default=False)
    integrity = models.BooleanField(_("data were changed"), default=False)
    availability = models.BooleanField(_("data were lost or out of reach"), default=False)
    started_at = models.DateTimeField(_("began"), null=True, blank=True)
    discovered_at = models.DateTimeField(_("discovered"))
    aware_at = models.DateTimeField(_("we became aware"))
    reported_by = models.CharField(_("reported by"), max_length=12, choices=ReportedBy)
    processor = models.CharField(_("processor concerned"), max_length=40, blank=True)
    processor_notice_at = models.DateTimeField(_("notice of the processor arrived"), null=True, blank=True)
    subject_groups = models.TextField(_("categories of people"), max_length=1000, blank=True)
    subject_count = models.PositiveBigIntegerField(_("approximate number of people"), null=True, blank=True)
    record_count = models.PositiveBigIntegerField(_("approximate number of records"), null=True, blank=True)
    data_categories = models.JSONField(_("categories of data"), default=list, blank=True)
    consequences = models.TextField(_("likely consequences"), max_length=4000, blank=True)
    measures_taken = models.TextField(_("measures taken"), max_length=4000, blank=True)
    measures_proposed = models.TextField(_("measures proposed"), max_length=4000, blank=True)
    contact = models.CharField(_("contact for the authority"), max_length=200, blank=True)

    risk = models.CharField(_("outcome of the assessment"), max_length=4, choices=Risk, blank=True, default="")
    risk_reasons = models.TextField(_("reasons of the assessment"), max_length=4000, blank=True)
    assessed_at = models.DateTimeField(_("assessed"), null=True, editable=False)

    notified_at = models.DateTimeField(_("authority told"), null=True, editable=False)
    notified_completely_at = models.DateTimeField(_("all phases told"), null=True, editable=False)
    late_reason = models.TextField(_("why later than 72 hours"), max_length=2000, blank=True)
    phases = models.JSONField(_("phases of the notice"), default=list, blank=True, editable=False)
    authority_reference = models.CharField(_("reference of the authority"), max_length=80, blank=True)

    told_at = models.DateTimeField(_("people told"), null=True, editable=False)
    told_text = models.TextField(_("what the people were told"), max_length=8000, blank=True)
    exemption = models.CharField(_("why the people are not told"), max_length=1, choices=Exemption, blank=True)
    exemption_reason = models.TextField(_("reasons of the exemption"), max_length=2000, blank=True)

    lessons = models.TextField(_("lessons"), max_length=4000, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)

    class Meta:
        verbose_name = _("personal data breach")
        verbose_name_plural = _("breach register")
        ordering = ["-aware_at"]
        default_permissions = ("view", "change")
        constraints = [
            models.CheckConstraint(
                name="registers_breach_has_a_nature",
                condition=Q(confidentiality=True) | Q(integrity=True) | Q(availability=True),
            ),
            models.CheckConstraint(
                name="registers_breach_dates_in_order",
                condition=(Q(started_at=None) | Q(started_at__lte=F("discovered_at")))
                & Q(discovered_at__lte=F("aware_at")),
            ),
            models.CheckConstraint(
                name="registers_breach_assessed_with_reasons",
                condition=Q(risk="", assessed_at=None)
                | (~Q(risk="") & ~Q(risk_reasons="") & Q(assessed_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="registers_breach_high_risk_is_told_or_exempt",
                condition=Q(closed_at=None)
                | ~Q(risk=Risk.HIGH)
                | (Q(told_at__isnull=False) & ~Q(told_text=""))
                | (~Q(exemption="") & ~Q(exemption_reason="")),
            ),
            models.CheckConstraint(
                name="registers_breach_closed_complete",
                condition=Q(closed_at=None)
                | (
                    Q(assessed_at__isnull=False)
                    & ~Q(lessons="")
                    & ~Q(consequences="")
                    & ~Q(measures_taken="")
                    & (Q(risk=Risk.NONE) | Q(notified_completely_at__isnull=False))
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class BreachEntry(LedgerRow):
    """One step in one breach: what was entered, and when. Who did it stands in the audit trail."""

    number = models.CharField(_("breach"), max_length=20, db_index=True)
    action = models.CharField(_("step"), max_length=40)
    values = models.JSONField(_("entered"), default=dict)

    class Meta(LedgerRow.Meta):
        verbose_name = _("entry of the breach register")
        verbose_name_plural = _("entries of the breach register")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.number}: {self.action}"

    @property
    def label(self) -> Text:
        """The step in words."""
        return action_words(self.action)

    @property
    def columns(self) -> list[str]:
        """The columns that the step filled in, in words."""
        fields = {field.name: field for field in Breach._meta.concrete_fields}
        return [str(fields[name].verbose_name) for name in self.values if name in fields and name != "number"]
