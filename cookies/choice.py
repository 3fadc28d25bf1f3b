"""What a visitor chose, read from and written to the consent cookie (policy clause 11.3; rules K9, K13).

The cookie is `1.<notice>.<choices>.<yyyymmdd>[.<receipt>]`; `choices` holds for each category asked its letter, 0 or 1,
and the six letters of its declarations, so that a changed purpose alone is asked again.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from cookies.registry import CHOICE_HOLDS, Category, Register

_LETTERS: Final = {Category.FUNCTIONAL: "f", Category.ANALYTICS: "a", Category.MARKETING: "m"}
_CATEGORIES: Final = {letter: category for category, letter in _LETTERS.items()}
_VALUE: Final = re.compile(
    r"1\.(?P<notice>[0-9a-f]{8})\.(?P<choices>(?:[fam][01][0-9a-f]{6}){1,3})\.(?P<day>[0-9]{8})(?:\.(?P<receipt>[0-9a-f]{32}))?"
)
_ONE: Final = re.compile(r"([fam])([01])([0-9a-f]{6})")


class State(StrEnum):
    """Where the visitor stands; only CHOSEN and a part of STALE switch anything on."""

    UNDECIDED = "undecided"
    REFUSED = "refused"
    REFUSED_BY_SIGNAL = "refused by signal"
    CHOSEN = "chosen"
    STALE = "stale"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class CookieConsent:
    """The choice of one visitor, as middleware, templates and views read it (`request.consent`)."""

    state: State
    accepted: frozenset[Category] = frozenset()
    asks: tuple[Category, ...] = ()
    chosen_on: date | None = None
    receipt: UUID | None = None

    @property
    def functional(self) -> bool:
        return Category.FUNCTIONAL in self.accepted

    @property
    def analytics(self) -> bool:
        return Category.ANALYTICS in self.accepted

    @property
    def marketing(self) -> bool:
        return Category.MARKETING in self.accepted

    def allows(self, category: Category) -> bool:
        return category is Category.NECESSARY or category in self.accepted

    @property
    def cache_key(self) -> str:
        """One of few values, for cached fragments: never the cookie itself."""
        return f"{'ask' if self.asks else 'set'}-{''.join(sorted(_LETTERS[found] for found in self.accepted))}"


def read_choice(value: str, *, register: Register, signal: bool, today: date) -> CookieConsent:
    """What the cookie says today. Anything malformed counts as no choice; `signal` is the browser's own refusal."""
    asked = register.asked
    found = _VALUE.fullmatch(value)
    chosen_on = _day(found["day"]) if found else None
    if found is None or chosen_on is None or chosen_on > today:
        return _undecided(asked, signal=signal)
    if today - chosen_on >= CHOICE_HOLDS:
        return CookieConsent(State.EXPIRED, asks=asked)
    said = {_CATEGORIES[letter]: (yes == "1", mark) for letter, yes, mark in _ONE.findall(found["choices"])}
    asks = tuple(item for item in asked if item not in said or said[item][1] != register.fingerprint(item))
    accepted = frozenset(item for item in asked if item not in asks and said[item][0])
    receipt = UUID(hex=found["receipt"]) if found["receipt"] else None
    return CookieConsent(_state(asks, accepted), accepted, asks, chosen_on, receipt)


def write_choice(choices: Mapping[Category, bool], *, register: Register, receipt: UUID | None, today: date) -> str:
    """The value of the cookie for a choice made today."""
    said = "".join(
        f"{_LETTERS[item]}{int(choices.get(item, False))}{register.fingerprint(item)}" for item in register.asked
    )
    parts = ["1", register.notice, said, f"{today:%Y%m%d}", *([receipt.hex] if receipt else [])]
    return ".".join(parts)


def today_utc(now: datetime) -> date:
    """The day on which a choice is dated."""
    return now.astimezone(UTC).date()


def _undecided(asked: Iterable[Category], *, signal: bool) -> CookieConsent:
    """A browser that signals a refusal is not asked (K13); a choice on the site still comes first."""
    return CookieConsent(State.REFUSED_BY_SIGNAL) if signal else CookieConsent(State.UNDECIDED, asks=tuple(asked))


def _state(asks: tuple[Category, ...], accepted: frozenset[Category]) -> State:
    if asks:
        return State.STALE
    return State.CHOSEN if accepted else State.REFUSED


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None
