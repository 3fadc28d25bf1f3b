"""What Google Analytics got about a person, and what it can do when she uses a right (Art. 15-19; ADR 0020)."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from consent.models import ConsentEvent
from consent.queries import receipt_tokens
from consent.terms import PERMITTING
from cookies.google import CODE, Google, is_ordered
from cookies.third_parties import GOOGLE_ANALYTICS, GOOGLE_ANALYTICS_KEY
from datamap.processors import NO_ACCOUNT, Outcome, RecipientResult
from datamap.terms import Text
from datamap.trace import Subject
from outbox.questions import ask
from vault.tokens import subject_token


class GoogleHandler:
    """Answers from the record of consents; which browser was whose, neither side can tell from an account."""

    def describe(self, subject: Subject) -> Text:
        if not _ever_agreed(subject):
            return ""
        return _("which public pages you opened in browsers where you agreed to Google Analytics, under their numbers")

    def collect(self, subject: Subject, *, now: datetime) -> RecipientResult:
        """Neither side can tell which browser was hers."""
        return _impossible(subject, _NOT_TOLD)

    def rectify(self, subject: Subject, *, now: datetime) -> RecipientResult:
        """It counts visits, and was given nothing that she could have said wrongly."""
        return _impossible(subject, _NOT_CORRECTED)

    def restrict(self, subject: Subject, *, now: datetime) -> RecipientResult:
        """It counts until the agreement is taken back, in each browser."""
        return _impossible(subject, _NOT_SET_ASIDE)

    def erase(self, subject: Subject, *, now: datetime) -> RecipientResult:
        """Nothing can be ordered: the number of a browser is read when its consent is withdrawn, and never kept."""
        return _impossible(subject, _ORDERED if is_ordered() else _BY_ITSELF)

    def probe(self, reference: str, *, now: datetime) -> RecipientResult:
        """What a withdrawal orders bears no number that leads to anybody, so none can be looked up."""
        return RecipientResult(CODE, Outcome.NOT_POSSIBLE, _NOT_TOLD, reference=reference)

    def health(self, *, now: datetime) -> RecipientResult:
        """Whether it takes our account, by which deletions are ordered."""
        if not is_ordered():
            return RecipientResult(CODE, Outcome.NOT_POSSIBLE, NO_ACCOUNT)
        return ask(CODE, lambda: _answering_property(now), now=now)


def _answering_property(now: datetime) -> tuple[str, ...]:
    google = Google.of_settings()
    google.token(now=now)
    return (google.property,)


def _impossible(subject: Subject, why: Text) -> RecipientResult:
    if not _ever_agreed(subject):
        return RecipientResult(CODE, Outcome.NOTHING_HELD)
    return RecipientResult(CODE, Outcome.NOT_POSSIBLE, why)


_NOT_TOLD: Text = _(
    "Google counts browsers by numbers that we do not keep, so neither of us can tell which of them were yours."
)
_NOT_CORRECTED: Text = _("Google counts which pages were opened. It was given nothing that could be corrected.")
_NOT_SET_ASIDE: Text = _(
    "Google counts browsers by numbers that we do not keep. Take back your agreement in each browser where you gave it:"
    " nothing is counted there any more."
)
_ORDERED: Text = _(
    "Google counts browsers by numbers that we do not keep. Take back your agreement in each browser where you gave it:"
    " Google is then told at once to delete what it counted there."
)
_BY_ITSELF: Text = _(
    "Google counts browsers by numbers that we do not keep, so we cannot have it deleted there. What was counted goes"
    " when Google's own storage time ends."
)


def _ever_agreed(subject: Subject) -> bool:
    whose = list(receipt_tokens(subject.visitors))
    if subject.user_id is not None:
        whose.append(subject_token(subject.user_id))
    given = ConsentEvent.objects.filter(subject_token__in=whose, state__in=PERMITTING)
    return given.filter(purpose=GOOGLE_ANALYTICS.category.purpose, scope=GOOGLE_ANALYTICS_KEY).exists()
