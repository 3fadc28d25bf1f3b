"""Contact details that somebody wrote into a text for all: seen before it is published, blacked out when she leaves.

Who leaves does not leave her telephone number behind (Q14.9): the text stays, and nothing in it leads to her.
"""

import re
from typing import Any, Final

from django.db.models import F, Func, QuerySet, Value

# Read by Python and by PostgreSQL alike: only what both understand.
_MAIL: Final = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}"
_LATVIAN: Final = r"(?:(?:\+|00)371[ .-]?)?[26](?:[ .-]?[0-9]){7}"
_FOREIGN: Final = r"\+[0-9](?:[ .-]?[0-9]){7,14}"
_PROFILE: Final = r"(?:t\.me|wa\.me|m\.me|facebook\.com|instagram\.com|draugiem\.lv)/[A-Za-z0-9._+-]+"
CONTACT: Final = rf"{_MAIL}|{_PROFILE}|(?<![0-9])(?:{_LATVIAN}|{_FOREIGN})(?![0-9])"

BLACKED_OUT: Final = "█████"
WRITTEN: Final = frozenset({"title", "description", "text"})
"""The fields of the marketplace in which somebody writes what he likes."""


def has_contacts(text: str) -> bool:
    """True where a text holds what looks like a telephone number, an e-mail address or a page of a person."""
    return re.search(CONTACT, text) is not None


def black_out(rows: QuerySet[Any]) -> None:
    """Take contact details out of what people wrote for all, in one statement however many rows."""
    names = {field.name for field in rows.model._meta.concrete_fields} & WRITTEN
    rows.order_by().update(**{name: _without_contacts(name) for name in names})


def _without_contacts(name: str) -> Func:
    return Func(F(name), Value(CONTACT), Value(BLACKED_OUT), Value("g"), function="regexp_replace")
