"""What two people write to each other about a listing (policy clause 17)."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.models.listings import TITLE_LENGTH, Listing

TEXT_LENGTH = 4000


class Conversation(models.Model):
    """Two people about one listing; who they are stands in `Participant`, so that one can leave and the other stay.

    It goes with its last message.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    listing = models.ForeignKey(Listing, models.SET_NULL, null=True, related_name="conversations")
    title = models.CharField(_("what about"), max_length=TITLE_LENGTH)
    started_at = models.DateTimeField(_("begun at"))

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")

    def __str__(self) -> str:
        return str(self.pk)


class Participant(models.Model):
    """One of the two; the row goes with the account, and with it the person's own copy of what was written (Q17.2)."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="participants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="conversations")
    is_buyer = models.BooleanField(_("asks about the listing of the other"))
    blocked_at = models.DateTimeField(_("takes no more messages since"), null=True)

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        constraints = [
            models.UniqueConstraint(fields=["conversation", "is_buyer"], name="participant_one_of_each_side"),
            models.UniqueConstraint(fields=["conversation", "user"], name="participant_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Message(models.Model):
    """One message. Without a sender it was written by somebody who has left; it stays with the other of the two.

    The database itself notes when the second of them is gone too: from then on nobody has a copy of it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages")
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    text = models.TextField(_("message"), max_length=TEXT_LENGTH)
    at = models.DateTimeField(_("sent at"))
    silent_since = models.DateTimeField(_("without a reader since"), null=True, editable=False, db_index=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["conversation", "-at"], name="message_in_conversation"),
            models.Index(fields=["sender", "-at"], name="message_of_sender"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
