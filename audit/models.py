"""The audit trail: who did or saw what, about whom, and why (Art. 5(2), 32(1)(d); policy clause 3)."""

from datetime import UTC
from hashlib import sha256
from typing import Any, Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.ledger import LedgerRow
from datamap.canonical import canonical_json

SEAL_TYPE: Final = "qlekta-ledger-seal/1"


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


class Seal(LedgerRow):
    """What joins leaves of a ledger: their numbers, the Merkle root over their commitments, the seal before, signed.

    Itself a row of a chain, so that seals cannot be taken away from the middle, and published with every head.
    """

    ledger = models.CharField(_("ledger"), max_length=100)
    number = models.PositiveBigIntegerField(_("number"))
    rows = models.PositiveIntegerField(_("rows"))
    first_id = models.BigIntegerField(_("first row"))
    last_id = models.BigIntegerField(_("last row"))
    ids = models.JSONField(_("numbers of the rows"))
    root = models.CharField(_("Merkle root"), max_length=64)
    previous_seal = models.CharField(_("hash of the seal before"), max_length=64)
    key_id = models.CharField(_("key"), max_length=32)
    signature = models.CharField(_("signature"), max_length=88)

    class Meta(LedgerRow.Meta):
        verbose_name = _("seal of a ledger")
        verbose_name_plural = _("seals of the ledgers")
        constraints = [
            *LedgerRow.Meta.constraints,
            models.UniqueConstraint(fields=["ledger", "number"], name="audit_seal_number_once"),
            models.CheckConstraint(
                condition=models.Q(number__gt=0, rows__gt=0, last_id__gte=models.F("first_id")),
                name="audit_seal_joins_rows",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ledger} {self.number}"

    def statement(self) -> dict[str, Any]:
        """What is signed; it names no content, and which numbers are missing between first and last is not told."""
        return {
            "type": SEAL_TYPE,
            "ledger": self.ledger,
            "number": self.number,
            "rows": self.rows,
            "first_id": self.first_id,
            "last_id": self.last_id,
            "root": self.root,
            "previous": self.previous_seal,
            "at": self.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "key_id": self.key_id,
        }

    def document(self) -> dict[str, Any]:
        """The statement with its signature: what a receipt carries."""
        return {**self.statement(), "signature": self.signature}

    @property
    def hash(self) -> str:
        """What the next seal names as the one before it, and what a published head names."""
        return sha256(canonical_json(self.document())).hexdigest()


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
        indexes = [
            models.Index(
                fields=["object_id", "object_type"], condition=~models.Q(object_id=""), name="audit_entry_by_object"
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.action}"
