"""What a bank asks back for who paid (a chargeback), and how we answer, until Braintree's last day for it."""

from typing import Final
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from payments.amounts import MOST
from payments.models.cards import CardPayment
from vault.fields import SealedQuerySet, SealedTextField

OPEN: Final = "open"
"""What Braintree calls a dispute that it takes an answer to."""

EVIDENCE_LENGTH: Final = 4000


class AnswerState(models.TextChoices):
    """How far our answer got."""

    NONE = "none", pgettext_lazy("dispute", "not answered")
    PROPOSED = "proposed", pgettext_lazy("dispute", "waits for a second person")
    ORDERED = "ordered", pgettext_lazy("dispute", "the answer is on its way")
    DONE = "done", pgettext_lazy("dispute", "answered")
    REFUSED = "refused", pgettext_lazy("dispute", "Braintree did not take the answer")


ANSWERABLE: Final = (AnswerState.NONE, AnswerState.REFUSED)


class CardDispute(models.Model):
    """One dispute about one payment. What we say for ourselves is sealed, and goes when Braintree has it."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    payment = models.ForeignKey(
        CardPayment, models.SET_NULL, null=True, related_name="disputes", verbose_name=_("payment")
    )
    number = models.CharField(_("number at Braintree"), max_length=64, unique=True)
    kind = models.CharField(_("kind"), max_length=30, blank=True)
    why = models.CharField(_("reason that the bank gives"), max_length=60, blank=True)
    amount = models.DecimalField(_("amount in euro"), max_digits=9, decimal_places=2)
    status = models.CharField(_("status at Braintree"), max_length=20)
    reply_by = models.DateField(_("last day for an answer"), null=True, blank=True)
    state = models.CharField(_("our answer"), max_length=10, choices=AnswerState, default=AnswerState.NONE)
    accepts = models.BooleanField(_("we accept it"), default=False)
    evidence = SealedTextField(_("what we say"), max_length=EVIDENCE_LENGTH, blank=True, owner="id")
    refusal = models.CharField(_("why it was not taken"), max_length=60, blank=True)
    proposed_by = models.UUIDField(_("proposed by"), null=True, blank=True, editable=False)
    decided_by = models.UUIDField(_("decided by"), null=True, blank=True, editable=False)
    heard_at = models.DateTimeField(_("heard of at"))
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)

    objects = SealedQuerySet.as_manager()

    class Meta:
        verbose_name = _("dispute about a payment by card")
        verbose_name_plural = _("disputes about payments by card")
        base_manager_name = "objects"
        ordering = [F("reply_by").asc(nulls_last=True), "-heard_at"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0, amount__lte=MOST), name="card_dispute_amount_in_range"),
            models.CheckConstraint(condition=Q(state__in=AnswerState.values), name="card_dispute_state_known"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")), name="card_dispute_by_two"
            ),
            models.CheckConstraint(
                condition=Q(state=AnswerState.DONE, answered_at__isnull=False, evidence="")
                | ~Q(state=AnswerState.DONE),
                name="card_dispute_answered_keeps_no_words",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def takes_an_answer(self) -> bool:
        """Whether there is something to decide."""
        return self.status == OPEN and self.state in ANSWERABLE
