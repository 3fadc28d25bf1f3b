"""What goes into the arithmetic of a deadline and what comes out of it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class BadMoment(ValueError):
    """A moment that no deadline can be computed from; the text is a sentence for a person."""


class Channel(TextChoices):
    """The way a request came in; each is official (policy clause 19)."""

    PORTAL_AUTH = "portal_auth", _("privacy portal, logged in")
    PORTAL_TOKEN = "portal_token", _("privacy portal, by e-mail link")
    EMAIL = "email", _("e-mail")
    MESSENGER = "messenger", _("messenger or social network")
    POST = "post", _("letter")
    ORAL = "oral", _("spoken")
    API = "api", _("programming interface")


class PauseKind(TextChoices):
    """Why the clock stands still."""

    IDENTITY = "id", _("waiting for proof of identity – Art. 12(6) GDPR")
    CLARIFICATION = "clar", _("waiting for your clarification")


class Clock(TextChoices):
    """Whether the deadline runs."""

    RUNNING = "RUNNING", _("running")
    PAUSED = "PAUSED", _("paused until we hear from you")


class Extension(StrEnum):
    """What became of a notice of extension (Art. 12(3), second sentence)."""

    NONE = "none"
    VALID = "valid"
    LATE = "late"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Pause:
    """We asked the person something; `answered_at` is None while we wait."""

    kind: PauseKind
    asked_at: datetime
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """The dates of one request in Riga, with the sentences that explain them.

    target           the day without pause and without roll-over, which the desk aims at
    first_due, due   the last day for a first answer, and after an extension; None while an open pause runs.
                     For a breach `due` is the very moment, Riga time
    ends_before_utc  the answer is in time strictly before this instant
    """

    target: date | None
    first_due: date | None
    due: date | datetime | None
    ends_before_utc: datetime | None
    status: Clock
    extension: Extension | None
    paused_days: int | None
    steps: tuple[str, ...]

    def is_overdue(self, now: datetime) -> bool:
        """True from the instant on at which the last day has ended."""
        return self.ends_before_utc is not None and now >= self.ends_before_utc
