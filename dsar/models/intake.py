"""What arrived, in which channel and when: one message opens one or more linked requests (clauses.md D1, D2)."""

from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dsar.deadlines import Channel


class Intake(models.Model):
    """One message to us. Its day of arrival is the receipt of every request in it, whenever it was entered.

    `dedupe_key` lets a message that comes twice (a mail server's retry, a double click, a repeated call) be one
    message: `mail:<token>`, `api:<client>:<token>`. `raw_file` names the sealed original, under the key `id`.
    `origin` is a hint about the sender's mail server ("spf=pass dkim=fail"); nothing is decided by it.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    channel = models.CharField(_("channel"), max_length=20, choices=Channel.choices)
    sender = models.EmailField(_("sender"), max_length=254, blank=True)
    arrived_at = models.DateTimeField(_("arrived"))
    entered_at = models.DateTimeField(_("entered"))
    entered_by = models.UUIDField(_("entered by"), null=True, blank=True, editable=False)
    dedupe_key = models.CharField(max_length=120, null=True, blank=True, unique=True, editable=False)
    raw_file = models.CharField(max_length=120, blank=True, editable=False)
    raw_size = models.BigIntegerField(_("size in bytes"), default=0)
    origin = models.CharField(_("what the mail server found out"), max_length=60, blank=True)
    raw_sha256 = models.CharField(_("SHA-256 of the original"), max_length=64, blank=True)
    ends_at = models.DateTimeField(_("kept until"), null=True, blank=True)

    class Meta:
        verbose_name = _("message received")
        verbose_name_plural = _("messages received")
        ordering = ["-arrived_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(arrived_at__lte=F("entered_at")), name="dsar_nothing_arrives_after_its_entry"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.arrived_at:%Y-%m-%d}"
