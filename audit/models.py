"""The audit trail: who did or saw what, about whom, and why (Art. 5(2), 32(1)(d); policy clause 3)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.ledger import LedgerRow


class ActorKind(models.TextChoices):
    """Who acted: the person concerned or another account, somebody of the staff, or the site by itself."""

    PERSON = "person", _("person")
    STAFF = "staff", _("staff")
    SYSTEM = "system", _("system")


class Forgetting(LedgerRow):
    """The end of a term: the oldest rows of a ledger went, and this row keeps the hash that the rest follows."""

    ledger = models.CharField(_("ledger"), max_length=100)
    rows = models.PositiveBigIntegerField(_("rows"))
    last_id = models.BigIntegerField(_("last row"))
    last_hash = models.CharField(_("hash of the last row"), max_length=64)

    class Meta(LedgerRow.Meta):
        verbose_name = _("forgotten rows")
        verbose_name_plural = _("forgotten rows")


class Entry(LedgerRow):
    """One act. No foreign keys: the trail neither blocks a deletion nor follows it."""

    action = models.CharField(_("action"), max_length=64)
    actor_kind = models.CharField(_("actor kind"), max_length=8, choices=ActorKind.choices)
    actor_id = models.CharField(_("actor"), max_length=64)
    subject = models.UUIDField(_("person concerned"), null=True, blank=True, db_index=True)
    object_type = models.CharField(_("kind of object"), max_length=100, blank=True)
    object_id = models.CharField(_("object"), max_length=64, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    details = models.JSONField(_("details"), default=dict, blank=True)

    class Meta(LedgerRow.Meta):
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")

    def __str__(self) -> str:
        return f"{self.pk}: {self.action}"
