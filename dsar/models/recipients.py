"""Who was told of a correction, an erasure or a restriction, and what came of it (Art. 19)."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from datamap.processors import Outcome
from dsar.models.requests import SubjectRequest
from dsar.terms import NoticeArticle, NoticeChannel


class RecipientNotice(models.Model):
    """One recipient that got the data, and what it is told about; no request closes while an outcome is missing."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    case = models.ForeignKey(SubjectRequest, models.CASCADE, related_name="recipient_notices")
    recipient = models.CharField(_("recipient"), max_length=200)
    article = models.CharField(_("about"), max_length=2, choices=NoticeArticle.choices)
    ordered_at = models.DateTimeField(_("ordered"))
    told_at = models.DateTimeField(_("told"), null=True, blank=True)
    channel = models.CharField(_("how"), max_length=8, choices=NoticeChannel.choices, blank=True)
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome.choices, blank=True)
    detail = models.CharField(_("in words"), max_length=500, blank=True)
    reference = models.TextField(_("number of what was ordered there"), blank=True)
    evidence_sha256 = models.CharField(_("SHA-256 of the evidence"), max_length=64, blank=True)
    by = models.UUIDField(_("recorded by"), null=True, blank=True, editable=False)
    ends_at = models.DateTimeField(_("kept until"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice to a recipient")
        verbose_name_plural = _("notices to recipients")
        ordering = ["ordered_at", "recipient"]
        constraints = [
            models.UniqueConstraint(fields=["case", "recipient", "article"], name="dsar_one_notice_an_article"),
            models.CheckConstraint(
                condition=Q(outcome="") | Q(outcome=Outcome.FAILED) | Q(told_at__isnull=False),
                name="dsar_an_outcome_has_its_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipient} {self.article}"
