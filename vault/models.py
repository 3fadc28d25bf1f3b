"""One data key for each owner, wrapped by a master key that never enters the database (Art. 32)."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class DataKey(models.Model):
    """A wrapped AES-256 key. The row outlives the key, so that a destroyed key is never made again."""

    owner = models.UUIDField(_("owner"), unique=True, editable=False)
    wrapped = models.BinaryField(_("wrapped key"), null=True)
    master_key_id = models.CharField(_("master key"), max_length=64)
    # `seal` takes no time of its own: the key is as old as its row.
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    destroyed_at = models.DateTimeField(_("destroyed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("data key")
        verbose_name_plural = _("data keys")
        indexes = [
            models.Index(
                fields=["master_key_id", "-id"], condition=Q(destroyed_at__isnull=True), name="vault_datakey_live"
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="vault_datakey_wrapped_or_destroyed",
                condition=Q(wrapped__isnull=True, destroyed_at__isnull=False)
                | Q(wrapped__isnull=False, destroyed_at__isnull=True),
            )
        ]
