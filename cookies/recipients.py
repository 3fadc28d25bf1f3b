"""What Google Analytics got about a person, and what an erasure can do about it (Art. 15(1)(c), 19; ADR 0020)."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from consent.models import ConsentEvent
from consent.queries import receipt_tokens
from consent.terms import PERMITTING
from cookies.google import CODE, is_ordered
from cookies.third_parties import GOOGLE_ANALYTICS, GOOGLE_ANALYTICS_KEY
from datamap.processors import Outcome, RecipientResult
from datamap.terms import Text
from datamap.trace import Subject
from vault.tokens import subject_token


class GoogleHandler:
    """Answers from the record of consents; which browser was whose, neither side can tell from an account."""

    def describe(self, subject: Subject) -> Text:
        if not _ever_agreed(subject):
            return ""
        return _("which public pages you opened in browsers where you agreed to Google Analytics, under their numbers")

    def erase(self, subject: Subject, *, now: datetime) -> RecipientResult:
        """Nothing can be ordered: the number of a browser is read when its consent is withdrawn, and never kept."""
        if not _ever_agreed(subject):
            return RecipientResult(CODE, Outcome.NOTHING_HELD)
        return RecipientResult(CODE, Outcome.KEPT, _ORDERED if is_ordered() else _BY_ITSELF)


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
