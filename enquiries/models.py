"""What people ask us, what was written about it, and from which number or handle they turned to us (clause 5)."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enquiries.terms import LONGEST_TEXT, CameBy, Direction, Kind, State
from vault.fields import SealedQuerySet, SealedTextField

NAME_LENGTH = 100
EMAIL_LENGTH = 254
PAGE_LENGTH = 200
TOKEN_LENGTH = 43
CONTACT_LENGTH = 80


class Enquiry(models.Model):
    """A question, a wish for an offer or a report of a problem, of an account or of an address.

    An account answers for itself: then neither name nor address is kept here. Everything readable is sealed under keys
    of the rows themselves, which go with them, in backups too. `ends_at` is set as soon as nobody waits any more.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="enquiries",
        verbose_name=_("account"),
    )
    kind = models.CharField(_("what is asked"), max_length=12, choices=Kind.choices)
    came_by = models.CharField(_("came by"), max_length=12, choices=CameBy.choices)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.OPEN)
    email_token = models.CharField(_("token of the address"), max_length=TOKEN_LENGTH, blank=True, db_index=True)
    email = SealedTextField(_("e-mail"), max_length=EMAIL_LENGTH, blank=True, owner="id")
    name = SealedTextField(_("person's name"), max_length=NAME_LENGTH, blank=True, owner="id")
    page = models.CharField(_("page"), max_length=PAGE_LENGTH, blank=True)
    language = models.CharField(_("language"), max_length=8)
    arrived_at = models.DateTimeField(_("arrived at"))
    entered_by = models.UUIDField(_("entered by"), null=True, blank=True, editable=False)
    key_digest = models.CharField(_("digest of the link"), max_length=TOKEN_LENGTH, unique=True, editable=False)
    once = models.CharField(_("token of the form"), max_length=TOKEN_LENGTH, unique=True, editable=False)
    # The number of the request about personal data that this turned out to be.
    request = models.CharField(_("handed on as request"), max_length=20, blank=True)
    ends_at = models.DateTimeField(_("kept until"), null=True, blank=True, db_index=True)

    objects = SealedQuerySet.as_manager()

    class Meta:
        verbose_name = _("enquiry")
        verbose_name_plural = _("enquiries")
        ordering = ["-arrived_at", "id"]
        base_manager_name = "objects"
        default_permissions = ("view",)
        permissions = [("answer_enquiry", _("Can read and answer enquiries"))]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="enquiries_kind"),
            models.CheckConstraint(condition=Q(came_by__in=CameBy.values), name="enquiries_came_by"),
            models.CheckConstraint(
                condition=Q(state=State.OPEN, ends_at__isnull=True)
                | Q(state__in=[State.ANSWERED, State.CLOSED], ends_at__isnull=False),
                name="enquiries_term_runs_once_nobody_waits",
            ),
        ]
        indexes = [models.Index(fields=["state", "arrived_at"], name="enquiries_turn")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What people and staff call it; the page of an enquiry is never found by it."""
        return f"E-{self.id.hex[:8].upper()}"

    @property
    def is_open(self) -> bool:
        return self.state == State.OPEN


class Message(models.Model):
    """What one side wrote, sealed under a key of its own."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    enquiry = models.ForeignKey(Enquiry, models.CASCADE, related_name="messages")
    direction = models.CharField(_("direction"), max_length=12, choices=Direction.choices)
    text = SealedTextField(_("text"), max_length=LONGEST_TEXT, owner="id")
    at = models.DateTimeField(_("written"))
    by = models.UUIDField(_("written by"), null=True, blank=True, editable=False)
    once = models.CharField(_("token of the form"), max_length=TOKEN_LENGTH, unique=True, editable=False)
    ends_at = models.DateTimeField(_("kept until"), null=True, blank=True, db_index=True)

    objects = SealedQuerySet.as_manager()

    class Meta:
        verbose_name = _("message of an enquiry")
        verbose_name_plural = _("messages of enquiries")
        ordering = ["at", "id"]
        base_manager_name = "objects"
        default_permissions = ()
        indexes = [models.Index(fields=["enquiry", "at"], name="enquiries_thread")]

    def __str__(self) -> str:
        return f"{self.direction} {self.pk}"

    @property
    def is_ours(self) -> bool:
        return self.direction == Direction.TO_PERSON


class SupportContact(models.Model):
    """From which number or under which handle somebody turned to us: visit data by policy clause 5.2 (Q5.15).

    It goes after twenty weeks, unless its enquiry is still open; what was said stays with the enquiry.
    """

    enquiry = models.ForeignKey(
        Enquiry, models.SET_NULL, null=True, blank=True, related_name="contacts", verbose_name=_("enquiry")
    )
    at = models.DateTimeField(_("at"))
    channel = models.CharField(_("by way of"), max_length=12, choices=CameBy.choices)
    contact = models.CharField(_("number or handle"), max_length=CONTACT_LENGTH)
    user_id = models.UUIDField(_("account"), null=True, blank=True, db_index=True)

    class Meta:
        verbose_name = _("contact with our support")
        verbose_name_plural = _("contacts with our support")
        default_permissions = ("view",)
        permissions = [("note_supportcontact", _("May note who turned to our support"))]
        indexes = [models.Index(fields=["at"], name="enquiries_contact_at")]

    def __str__(self) -> str:
        return f"#{self.pk}"
