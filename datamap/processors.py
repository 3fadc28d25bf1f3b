"""What every recipient of data must be able to do when a person uses a right (Art. 19, 28(3)(e))."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.db.models import TextChoices
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from datamap.catalogue import catalogue
from datamap.terms import Text
from datamap.trace import Subject


class Outcome(TextChoices):
    """How a recipient answered. A request that was sent is not yet an erasure."""

    NOTHING_HELD = "nothing_held", _("nothing was ever sent there")
    REQUESTED = "requested", _("requested, not yet confirmed")
    CONFIRMED = "confirmed", _("confirmed")
    NOTICE_SENT = "notice_sent", _("told; decides on its own")
    KEPT = "kept", _("kept there for a stated reason")
    FAILED = "failed", _("failed; we go on trying")


@dataclass(frozen=True, slots=True)
class RecipientResult:
    """The answer of one recipient, as the receipt prints it."""

    recipient: str
    outcome: Outcome
    detail: Text = ""


class RecipientHandler(Protocol):
    """The handler that `Recipient.handler` names.

    It never touches the network itself: effects go through the outbox.
    """

    def describe(self, subject: Subject) -> Text:
        """What this recipient got about the person, and when; empty where nothing."""

    def erase(self, subject: Subject, *, now: datetime) -> RecipientResult:
        """Asks for erasure, or says why there is nothing to ask."""


def handlers() -> dict[str, RecipientHandler]:
    """The handler of every recipient that has one, by the recipient's code."""
    return {
        code: import_string(recipient.handler)()
        for code, recipient in catalogue().recipients.items()
        if recipient.handler
    }
