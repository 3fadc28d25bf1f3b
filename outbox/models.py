"""An effect on the outside world as a row: what is to be done, for whom it is ordered, and how far it got."""

from uuid import uuid4

from django.db import models
from django.db.models import Func, Q, Value
from django.utils.translation import gettext_lazy as _

SEQUENCE = "outbox_effect_sequence"


class State(models.TextChoices):
    """How far an effect got. Unknown is not failed: where the answer was lost, we look before we try again.

    A lease alone says nothing of it: whoever waits may stand in a worker's batch. Leased is what a worker has begun.
    """

    PENDING = "pending", _("waiting")
    LEASED = "leased", _("being carried out")
    DONE = "done", _("carried out")
    UNKNOWN = "unknown", _("answer lost, to be looked up")
    FAILED = "failed", _("given up, waits for staff")


WAITING = (State.PENDING, State.UNKNOWN)
UNFINISHED = (*WAITING, State.LEASED)


class Effect(models.Model):
    """One call to the outside. `payload` holds ids and counts only; words are fetched when it is carried out."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=80)
    aggregate = models.CharField(_("ordered within"), max_length=120)
    # The account that the effect is about, without a foreign key: an order to a processor must outlive the account.
    subject = models.UUIDField(_("account"), null=True, blank=True)
    payload = models.JSONField(_("ids"), default=dict)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.PENDING)
    sequence = models.BigIntegerField(_("place in the order"), db_default=Func(Value(SEQUENCE), function="nextval"))
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    created_at = models.DateTimeField(_("ordered at"))
    due_at = models.DateTimeField(_("due at"))
    leased_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    lease_token = models.UUIDField(_("lease"), null=True, blank=True)
    finished_at = models.DateTimeField(_("carried out at"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("effect")
        verbose_name_plural = _("effects")
        ordering = ["-sequence"]
        permissions = [("requeue_effect", _("Can put a failed effect back"))]
        constraints = [
            models.UniqueConstraint(fields=["sequence"], name="outbox_effect_sequence_unique"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="outbox_effect_state_known"),
            models.CheckConstraint(
                condition=Q(state=State.DONE, finished_at__isnull=False)
                | (~Q(state=State.DONE) & Q(finished_at__isnull=True)),
                name="outbox_effect_done_has_its_date",
            ),
            models.CheckConstraint(
                condition=Q(state__in=UNFINISHED, leased_until__isnull=False, lease_token__isnull=False)
                | (~Q(state=State.LEASED) & Q(leased_until__isnull=True, lease_token__isnull=True)),
                name="outbox_effect_begun_has_its_lease",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.FAILED) | ~Q(last_error=""), name="outbox_effect_failed_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["sequence"], condition=Q(state__in=UNFINISHED), name="outbox_effect_to_claim"),
            models.Index(
                fields=["aggregate", "sequence"], condition=Q(state__in=UNFINISHED), name="outbox_effect_order"
            ),
            models.Index(fields=["sequence"], condition=Q(state=State.FAILED), name="outbox_effect_dead_letters"),
            models.Index(fields=["finished_at"], condition=Q(finished_at__isnull=False), name="outbox_effect_finished"),
            models.Index(fields=["subject"], condition=Q(subject__isnull=False), name="outbox_effect_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class ProviderGate(models.Model):
    """Whether effects go to a service outside: shut for a time after failures in a row, or until staff open it.

    No row, or one without `shut_at`, is an open gate.
    """

    provider = models.CharField(_("service"), max_length=40, primary_key=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    closures = models.PositiveIntegerField(_("times shut in a row"), default=0)
    needs_staff = models.BooleanField(_("shut until staff open it"), default=False)
    shut_at = models.DateTimeField(_("shut since"), null=True, blank=True)
    shut_until = models.DateTimeField(_("shut until"), null=True, blank=True)
    trial_until = models.DateTimeField(_("being tried until"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("gate to a service")
        verbose_name_plural = _("gates to services")
        ordering = ["provider"]
        default_permissions = ("view",)
        permissions = [("open_gate", _("Can open the gate to a service again"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(shut_at__isnull=True, shut_until__isnull=True, needs_staff=False)
                | Q(shut_at__isnull=False) & (Q(shut_until__isnull=False) | Q(needs_staff=True)),
                name="outbox_gate_is_open_or_shut",
            )
        ]

    def __str__(self) -> str:
        return self.provider

    @property
    def is_shut(self) -> bool:
        """Whether not everything may go there."""
        return self.shut_at is not None
