"""The database's side of the journal: what was written there, and how far this database has come."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class JournalHead(models.Model):
    """How far this database knows its journal; a restored one knows less than the files do (security O1).

    `journal` names the journal of this database: another database beside it has another.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    journal = models.UUIDField(default=uuid4)
    position = models.PositiveBigIntegerField(default=0)
    line_hash = models.CharField(max_length=64, default="0" * 64)

    class Meta:
        verbose_name = _("position in the journal")
        verbose_name_plural = _("position in the journal")
        constraints = [models.CheckConstraint(name="replay_one_head", condition=Q(id=1))]

    def __str__(self) -> str:
        return f"{self.journal} {self.position}"


class JournalEntry(models.Model):
    """One decision that a restore must not undo: opaque ids, never an address or its hash (security X2).

    Written with the decision, in its transaction; `position` is empty until the line stands in the file. `born` is when
    the account was made: an id that somebody else has got later is told apart by it.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    kind = models.CharField(_("what"), max_length=40)
    at = models.DateTimeField(_("when"), db_index=True)
    subject = models.UUIDField(_("whose"), null=True, db_index=True)
    born = models.DateTimeField(_("account made"), null=True)
    details = models.JSONField(_("details"), default=dict, blank=True)
    position = models.PositiveBigIntegerField(_("line"), null=True, unique=True)

    class Meta:
        verbose_name = _("entry of the journal")
        verbose_name_plural = _("entries of the journal")
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["at"], condition=Q(position=None), name="replay_entry_unwritten")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
