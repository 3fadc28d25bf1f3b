"""What a visitor chose, read from and written to the consent cookie (policy clause 11.3; rules K9, K13).

The cookie is `2.<answers>.<yyyymmdd>[.<receipt>]`; `answers` holds for each service decided 0 or 1 and the six letters
of its declaration, so that a service which has changed is asked about again, and only that one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from cookies.registry import CHOICE_HOLDS, Category, Register, Service

_VALUE: Final = re.compile(
    r"2\.(?P<answers>(?:[01][0-9a-f]{6}){1,40})\.(?P<day>[0-9]{8})(?:\.(?P<receipt>[0-9a-f]{32}))?"
)
_ONE: Final = re.compile(r"([01])([0-9a-f]{6})")


class State(StrEnum):
    """Where the visitor stands."""

    UNDECIDED = "undecided"
    REFUSED = "refused"
    REFUSED_BY_SIGNAL = "refused by signal"
    CHOSEN = "chosen"
    STALE = "stale"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class CookieConsent:
    """The choice of one visitor: `request.consent` in views, `cookies` in templates.

    `answers` are the services decided, by key: in this browser, or `by_account`; `asks` those still to be asked about.
    """

    state: State
    answers: Mapping[str, bool] = field(default_factory=dict)
    asks: tuple[Service, ...] = ()
    accepted: frozenset[Category] = frozenset()
    chosen_on: date | None = None
    receipt: UUID | None = None
    by_account: frozenset[str] = frozenset()

    @property
    def functional(self) -> bool:
        """Whether anything functional is switched on; a service of its own asks `accepts`."""
        return Category.FUNCTIONAL in self.accepted

    @property
    def analytics(self) -> bool:
        return Category.ANALYTICS in self.accepted

    @property
    def marketing(self) -> bool:
        return Category.MARKETING in self.accepted

    @property
    def services(self) -> frozenset[str]:
        """The keys of the optional services that are switched on."""
        return frozenset(key for key, yes in self.answers.items() if yes)

    def accepts(self, key: str) -> bool:
        """Whether an optional service is switched on."""
        return self.answers.get(key, False)

    def allows(self, service: Service) -> bool:
        return service.category is Category.NECESSARY or self.accepts(service.key)

    @property
    def cache_key(self) -> str:
        """One of few values, for cached fragments: never the cookie itself."""
        return f"{'ask' if self.asks else 'set'}-{'.'.join(sorted(self.services))}"


def read_choice(value: str, *, register: Register, signal: bool, today: date) -> CookieConsent:
    """What the cookie says today. Anything malformed counts as no choice; `signal` is the browser's own refusal."""
    found = _VALUE.fullmatch(value)
    chosen_on = _day(found["day"]) if found else None
    if found is None or chosen_on is None or chosen_on > today:
        return _undecided(register, signal=signal)
    if today - chosen_on >= CHOICE_HOLDS:
        return _undecided(register, signal=signal, state=State.EXPIRED)
    said = {mark: yes == "1" for yes, mark in _ONE.findall(found["answers"])}
    answers = {service.key: said.pop(service.mark) for service in register.asked if service.mark in said}
    receipt = UUID(hex=found["receipt"]) if found["receipt"] else None
    choice = decided(answers, register=register, chosen_on=chosen_on, receipt=receipt, overtaken=bool(said))
    return replace(choice, asks=()) if signal else choice


def decided(
    answers: Mapping[str, bool],
    *,
    register: Register,
    chosen_on: date | None,
    receipt: UUID | None,
    overtaken: bool = False,
    by_account: frozenset[str] = frozenset(),
) -> CookieConsent:
    """A choice for some of the services; `overtaken` where an answer was about a service as it no longer is."""
    asks = tuple(service for service in register.asked if service.key not in answers)
    accepted = frozenset(service.category for service in register.asked if answers.get(service.key))
    if overtaken and asks:
        state = State.STALE
    elif accepted:
        state = State.CHOSEN
    else:
        state = State.REFUSED if not asks else State.UNDECIDED
    return CookieConsent(state, answers, asks, accepted, chosen_on, receipt, by_account)


def write_choice(answers: Mapping[str, bool], *, register: Register, receipt: UUID | None, day: date) -> str:
    """The value of the cookie for answers by key; `day` is that of the oldest among them."""
    said = "".join(f"{int(answers[item.key])}{item.mark}" for item in register.asked if item.key in answers)
    return ".".join(["2", said, f"{day:%Y%m%d}", *([receipt.hex] if receipt else [])])


def today_utc(now: datetime) -> date:
    """The day on which a choice is dated."""
    return now.astimezone(UTC).date()


def _undecided(register: Register, *, signal: bool, state: State = State.UNDECIDED) -> CookieConsent:
    """A browser that signals a refusal is not asked (K13); a choice on the site still comes first."""
    return CookieConsent(State.REFUSED_BY_SIGNAL) if signal else CookieConsent(state, asks=register.asked)


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None
