"""What a button of the case desk is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django import forms

from datamap.terms import Text
from dsar.models import SubjectRequest
from dsar.steps import Step

WORK: Final = "dsar.change_subjectrequest"
APPROVE: Final = "dsar.approve_subjectrequest"

Run = Callable[[UUID, dict[str, Any], Step], object]
Offered = Callable[[SubjectRequest], bool]


def _nothing(_case: SubjectRequest) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class DeskStep:
    """One button: what it asks, what it does, when it is offered, and the permission that it needs.

    A `grave` step gives, refuses or erases: it asks for the password again (security G7). A `harsh` one takes something
    from the person: it is shown in red.
    """

    label: Text
    form: type[forms.Form]
    run: Run
    is_offered: Offered
    permission: str = WORK
    grave: bool = False
    harsh: bool = False
    initial: Callable[[SubjectRequest], dict[str, Any]] = field(default=_nothing)
