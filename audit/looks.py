"""Which entries of the trail speak of a person by the number of a row only: looks at what is hers (Q3.1, Art. 15).

Who has no account has no number in the trail, and a row may be looked at before anybody knows whose account it is of.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet

from datamap.registry import registry
from datamap.terms import SubjectKey
from datamap.trace import numbers_of


def of_accounts(user_ids: Iterable[Any]) -> Mapping[str, QuerySet[Any, str]]:
    """Table -> the numbers of the rows of these accounts at which staff can have looked."""
    return _rows(SubjectKey.USER, user_ids)


def of_addresses(emails: Iterable[Any]) -> Mapping[str, QuerySet[Any, str]]:
    """The same for these addresses."""
    return _rows(SubjectKey.EMAIL, emails)


def _rows(kind: SubjectKey, values: Iterable[Any]) -> Mapping[str, QuerySet[Any, str]]:
    known = frozenset(values)
    looked_at = (holding for holding in registry().holdings if holding.looks and kind in holding.about)
    return {holding.model: numbers_of(holding, kind, known) for holding in looked_at}
