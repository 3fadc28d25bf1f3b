"""Whether an identity was checked before something final happens: whoever keeps cases answers (rule 2, Art. 12(6))."""

from collections.abc import Callable

from django.utils.module_loading import import_string

from datamap.registry import registry
from datamap.trace import Subject

CaseCheck = Callable[[str, Subject], bool]
"""`(case number, person) -> bool`: True where an open request for erasure holds the identity of this person."""


def identity_is_recorded(case_number: str, subject: Subject) -> bool:
    """True where somebody keeps a case of this number that speaks of this person; nobody answering means no."""
    return any(import_string(path)(case_number, subject) for path in registry().case_checks)
