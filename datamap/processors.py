"""What every recipient of data must be able to do when a person uses a right (Art. 15, 16, 17, 18, 19, 28(3)(e))."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Protocol

from django.db.models import TextChoices
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from datamap.catalogue import catalogue
from datamap.terms import Text
from datamap.trace import Subject


class Outcome(TextChoices):
    """How a recipient answered. A request that was sent is not yet an erasure."""

    NOTHING_HELD = "nothing_held", _("nothing was ever sent there")
    NOTHING_LEFT = "nothing_left", _("nothing is held there: we looked twice")
    REQUESTED = "requested", _("requested, not yet confirmed")
    CONFIRMED = "confirmed", _("confirmed")
    NOTICE_SENT = "notice_sent", _("told; decides on its own")
    KEPT = "kept", _("kept there for a stated reason")
    NOT_POSSIBLE = "not_possible", _("not possible there")
    REFUSED = "refused", _("refused there; our staff look into it")
    WAITS = "waits", _("waits for a contract with it")
    UNKNOWN = "unknown", _("it did not answer")
    FAILED = "failed", _("failed; we go on trying")


FINAL: Final = frozenset(
    {
        Outcome.NOTHING_HELD,
        Outcome.NOTHING_LEFT,
        Outcome.CONFIRMED,
        Outcome.NOTICE_SENT,
        Outcome.KEPT,
        Outcome.NOT_POSSIBLE,
    }
)
"""After one of these nobody has to do anything more about a recipient."""


@dataclass(frozen=True, slots=True)
class RecipientResult:
    """The answer of one recipient, as the receipt prints it.

    `detail` says why, and what the person can do. `held` is what it holds about her, a line each; `until` the last day
    on which it keeps something; `reference` the number under which `probe` finds what became of it.
    """

    recipient: str
    outcome: Outcome
    detail: Text = ""
    held: tuple[str, ...] = ()
    until: date | None = None
    reference: str = ""


class RecipientHandler(Protocol):
    """The handler that `Recipient.handler` names: every verb of a citizen of the data map.

    What is impossible is answered as such, with the reason and what the person can do. `collect`, `probe` and `health`
    may ask over the network, outside any transaction, and never raise what it does to them; all the others only read
    our own rows and order effects.
    """

    def describe(self, subject: Subject) -> Text:
        """What this recipient got about the person, and when; empty where nothing."""

    def collect(self, subject: Subject, *, now: datetime) -> RecipientResult:
        """Asks what it holds about the person (Art. 15)."""

    def rectify(self, subject: Subject, *, now: datetime) -> RecipientResult:
        """Tells it that data about the person were corrected (Art. 16, 19)."""

    def erase(self, subject: Subject, *, now: datetime) -> RecipientResult:
        """Asks for erasure, or says why there is nothing to ask (Art. 17, 19)."""

    def restrict(self, subject: Subject, *, now: datetime) -> RecipientResult:
        """Tells it that processing is restricted (Art. 18, 19)."""

    def probe(self, reference: str, *, now: datetime) -> RecipientResult:
        """Looks up what became of something that was ordered."""

    def health(self, *, now: datetime) -> RecipientResult:
        """Asks whether it answers us: nothing about anybody is said to it."""


VERBS: Final = ("describe", "collect", "rectify", "erase", "restrict", "probe", "health")
"""What `manage.py check` looks for in every handler."""


NO_ACCOUNT: Final[Text] = _("This site has no account there now, so it cannot be asked.")
"""The detail of what a recipient cannot be asked because the settings name no way to it."""


def handlers() -> dict[str, RecipientHandler]:
    """The handler of every recipient that has one, by the recipient's code."""
    return {
        code: import_string(recipient.handler)()
        for code, recipient in catalogue().recipients.items()
        if recipient.handler
    }
