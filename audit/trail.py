"""Writes the audit trail; details are field names, counts and codes, never the values of a person (Art. 5(2))."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, Self
from uuid import UUID

from django.db import models

from audit.ledger import append
from audit.models import ActorKind, Entry

_LONGEST_DETAIL: Final = 200


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account by its id, or a part of the site by its name."""

    kind: Literal["person", "staff", "system"]
    id: str

    @classmethod
    def system(cls, name: str) -> Self:
        """A command, a task or a visitor without an account, by a name of ours."""
        return cls("system", name)

    @classmethod
    def of(cls, user: Any) -> Self:
        """The account that acts; an anonymous visitor has none and acts as the system's `anonymous`."""
        if not user.is_authenticated:
            return cls.system("anonymous")
        return cls("staff" if user.is_staff else "person", str(user.pk))


def record(
    action: str,
    *,
    actor: Actor,
    subject: UUID | None = None,
    about: models.Model | None = None,
    kind: str = "",
    reason: str = "",
    details: Mapping[str, str | int] | None = None,
    now: datetime,
) -> Entry:
    """Append one entry in the caller's transaction: `subject` is the account concerned, `about` the row,
    `reason` why; `kind` names the table where the act was about no single row.

    Raises ValueError for a detail that looks like a personal value.
    """
    return append(
        Entry(
            at=now,
            action=action,
            actor_kind=ActorKind(actor.kind),
            actor_id=actor.id,
            subject=subject,
            object_type=kind if about is None else about._meta.label,
            object_id="" if about is None else str(about.pk),
            reason=reason,
            details=_harmless(details or {}),
        )
    )


def _harmless(details: Mapping[str, str | int]) -> dict[str, str | int]:
    for name, value in details.items():
        if isinstance(value, str) and ("@" in value or len(value) > _LONGEST_DETAIL):
            raise ValueError(
                f"The detail {name!r} looks like a personal value; the trail takes names, counts and codes."
            )
    return dict(details)
