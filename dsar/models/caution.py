"""The wait after a change of address, telephone or password, before anything is delivered or erased (security I7)."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dsar.models.requests import SubjectRequest
from dsar.terms import CautionCause


class Caution(models.Model):
    """One request waits, because somebody may have taken the account over or asks in its owner's name: the addresses of
    the account were told, and whoever reads their mail can stop it. Only the digest of the stopping link is stored.
    """

    case = models.OneToOneField(SubjectRequest, models.CASCADE, related_name="caution")
    cause = models.CharField(_("why"), max_length=8, choices=CautionCause.choices, default=CautionCause.CHANGED)
    changed_at = models.DateTimeField(_("account changed"))
    placed_at = models.DateTimeField(_("older addresses told"))
    waits_until = models.DateTimeField(_("waits until"))
    stop_digest = models.CharField(max_length=64, unique=True, editable=False)
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    ends_at = models.DateTimeField(_("kept until"), null=True, blank=True)

    class Meta:
        verbose_name = _("wait after a change")
        verbose_name_plural = _("waits after a change")
        constraints = [
            models.CheckConstraint(condition=Q(waits_until__gt=F("placed_at")), name="dsar_caution_waits"),
            models.CheckConstraint(condition=Q(changed_at__lte=F("placed_at")), name="dsar_caution_follows_a_change"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
