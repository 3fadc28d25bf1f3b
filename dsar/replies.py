"""Reply texts in the person's language, begun from what was done; staff fill the blanks (never more than was done)."""

from collections.abc import Callable
from datetime import datetime

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from datamap.periods import RIGA
from datamap.terms import Right
from dsar.models import SubjectRequest
from dsar.queries import events_of
from dsar.terms import ACTIONS, PERSON_ERASED

CARRIED_OUT = (
    "restricted",
    "copy_made_available",
    "corrected",
    "objected",
    "consents_withdrawn",
    "marketing_stopped",
    "erased",
)
DONE = (*CARRIED_OUT, "authority_checked", "extended")
"""Steps that an answer may name because the ledger of the request has them; every other word is the staff's own."""

Reply = Callable[[SubjectRequest], str]


def answer(case: SubjectRequest) -> str:
    """The beginning of an answer: what was asked for, what the ledger says was done, and blanks."""
    with translation.override(case.language):
        return _joined(_opening(case), *_what_we_did(case))


def refusal(case: SubjectRequest) -> str:
    """The beginning of a refusal; for a part of a request it says both what was done and what was not."""
    with translation.override(case.language):
        if gone := events_of(case).filter(action=PERSON_ERASED).first():
            return _joined(_opening(case), _gone(gone.at))
        done = [_("What we did: [[what was done; take this out if nothing was]]"), *_done(case)]
        missing = _("What we did not do: [[what, and the facts of this case that lead to it]]")
        return _joined(_opening(case), "\n".join(done), missing)


def question_of_identity(case: SubjectRequest) -> str:
    """Asks for facts that we hold already, never for a document (clauses.md D8)."""
    with translation.override(case.language):
        return _joined(
            _opening(case),
            _("To be sure that the request is yours, please tell us: [[two facts that we hold already]]"),
            _("Please send no copy of an identity document."),
        )


def question_of_document(case: SubjectRequest) -> str:
    """Asks for a masked copy of a document, with what happens to it; the last step (clauses.md D8)."""
    with translation.override(case.language):
        return _joined(
            _opening(case),
            _("What you told us was not enough to be sure, because: [[what remained in doubt]]"),
            _(
                "Please show us a copy of an identity document in which everything is masked but your name and"
                " [[what else is needed to compare, for example the date of birth]]. Cover the picture, the personal"
                " code, the number of the document and the signature."
            ),
            _(
                "Hand it in on the page of the request: there it is sealed at once, opened only for this check, and"
                " destroyed as soon as the check is over. You can refuse; then tell us what else could show who you"
                " are."
            ),
        )


def question_of_meaning(case: SubjectRequest) -> str:
    """Asks what is meant."""
    with translation.override(case.language):
        return _joined(_opening(case), _("Please tell us: [[what you need to know]]"))


def message(case: SubjectRequest) -> str:
    """A message that is neither question nor answer."""
    with translation.override(case.language):
        return _joined(_opening(case), "[[…]]")


def _opening(case: SubjectRequest) -> str:
    words = {
        "day": date_format(case.received_at.astimezone(RIGA), "DATE_FORMAT"),
        "right": Right(case.right).label,
        "number": case.number,
    }
    return _("Your request %(number)s of %(day)s: %(right)s.") % words


def _gone(at: datetime) -> str:
    day = date_format(at.astimezone(RIGA), "DATE_FORMAT")
    return _(
        "We erased your data meanwhile (day: %(day)s). We hold nothing any more that this request could be about; what "
        "had to stay stands in the receipt of the erasure."
    ) % {"day": day}


def _what_we_did(case: SubjectRequest) -> list[str]:
    """What the ledger knows; the blank asks for the rest, and for all of it where the ledger knows of nothing done."""
    done = _done(case)
    if not events_of(case).filter(action__in=CARRIED_OUT).exists():
        return ["\n".join([_("What we did: [[what was done, and when]]"), *done])]
    return ["\n".join([_("What we did:"), *done]), _("[[What else the person should know; take this out if nothing]]")]


def _done(case: SubjectRequest) -> list[str]:
    events = events_of(case).filter(action__in=DONE)
    return [f"– {date_format(item.at.astimezone(RIGA), 'DATE_FORMAT')}: {ACTIONS[item.action]}" for item in events]


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)
