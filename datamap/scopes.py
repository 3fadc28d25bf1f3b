"""What within a purpose a consent is about: one contact detail of one listing, one survey (rule K7, policy 5, 9)."""

import re
from typing import Final
from uuid import UUID

_NUMBER: Final = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
CONTACT: Final = re.compile(rf"listing:{_NUMBER}:[a-z]{{2,20}}")
SURVEY: Final = re.compile(rf"survey:{_NUMBER}")


class ScopeRefused(ValueError):
    """A consent that is given piece by piece was named as a whole, or the other way round."""

    def __init__(self) -> None:
        super().__init__("This is not what a consent of this kind can be about.")


def contact_scope(listing: UUID, channel: str) -> str:
    """The scope of a consent to publish one contact detail with one listing; `channel` is a word such as `phone`.

    Raises ScopeRefused for anything else.
    """
    scope = f"listing:{listing}:{channel}"
    if not CONTACT.fullmatch(scope):
        raise ScopeRefused
    return scope


def survey_scope(survey: UUID) -> str:
    """The scope of a consent to keep and use the answers to one survey, promotion or draw."""
    return f"survey:{survey}"


def survey_in(scope: str) -> UUID:
    """The number of the survey that a scope is about. Raises ScopeRefused for anything else."""
    if not SURVEY.fullmatch(scope):
        raise ScopeRefused
    return UUID(scope.partition(":")[2])
