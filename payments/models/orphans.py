"""Money at Braintree that no payment of ours knows: found by the night, decided by people (Art. 5(1)(d))."""

from typing import Final
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from payments.models.cards import CardPayment, CardReconciliation


class OrphanState(models.TextChoices):
    """What was decided about it."""

    OPEN = "open", pgettext_lazy("orphan", "to be decided")
    PROPOSED = "proposed", pgettext_lazy("orphan", "waits for a second person")
    BOOKED = "booked", pgettext_lazy("orphan", "belongs to a payment")
    BACK = "back", pgettext_lazy("orphan", "goes back to the card")
    GONE = "gone", pgettext_lazy("orphan", "did not come about at Braintree")


UNDECIDED: Final = (OrphanState.OPEN, OrphanState.PROPOSED)


class CardOrphan(models.Model):
    """One charge, or one refund where `refund_of` names the charge, that stands at Braintree alone."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    transaction_id = models.CharField(_("transaction"), max_length=64, unique=True)
    refund_of = models.CharField(_("sends back the transaction"), max_length=64, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    status = models.CharField(_("status at Braintree"), max_length=40)
    order = models.CharField(_("order number there"), max_length=64, blank=True)
    made_at = models.DateTimeField(_("made there at"), null=True, blank=True)
    found_at = models.DateTimeField(_("found at"))
    found_in = models.ForeignKey(
        CardReconciliation,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("comparison with Braintree"),
    )
    state = models.CharField(_("state"), max_length=10, choices=OrphanState, default=OrphanState.OPEN)
    # The payment to which it belongs; of what is sent back, one of its own that is for nothing else.
    payment = models.ForeignKey(
        CardPayment, models.SET_NULL, null=True, blank=True, related_name="orphans", verbose_name=_("payment")
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    proposed_by = models.UUIDField(_("proposed by"), null=True, blank=True, editable=False)
    decided_by = models.UUIDField(_("decided by"), null=True, blank=True, editable=False)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("money that no payment knows")
        verbose_name_plural = _("money that no payment knows")
        ordering = ["-found_at"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(condition=Q(state__in=OrphanState.values), name="card_orphan_state_known"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")), name="card_orphan_by_two"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[OrphanState.BOOKED, OrphanState.BACK])
                | Q(decided_at__isnull=False) & ~Q(reason=""),
                name="card_orphan_decided_says_why",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
