"""How each recipient stands: may it get data, does it answer, what waits for it, what came of rights (Art. 19, 28)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from datamap.catalogue import catalogue
from datamap.processors import RecipientResult, handlers
from datamap.terms import Text
from dsar.queries import Came, came_of_notices
from outbox.gates import shut
from outbox.models import ProviderGate
from outbox.queries import effects_at


class NotAsked(LookupError):
    """No recipient of this code has an adapter that could ask."""


@dataclass(frozen=True, slots=True)
class Health:
    """What our own rows say of one recipient: `gate` where it is shut, how many orders wait, and what became of rights
    that people used there."""

    gate: ProviderGate | None
    waiting: int
    last_answer_at: datetime | None
    came: list[Came]


def health_of(codes: Collection[str]) -> dict[str, Health]:
    """How each of them stands, without asking it."""
    gates = {gate.provider: gate for gate in shut()}
    effects, came = effects_at(codes), came_of_notices([catalogue().recipients[code].name for code in codes])
    return {
        code: Health(
            gate=gates.get(code),
            waiting=effects[code].waiting,
            last_answer_at=effects[code].last_answer_at,
            came=came[str(catalogue().recipients[code].name)],
        )
        for code in codes
    }


def ask_now(code: str, *, now: datetime) -> tuple[RecipientResult, Text]:
    """Ask it over the network whether it answers us; and its name. Raises NotAsked."""
    asked = handlers()
    if code not in asked:
        raise NotAsked(code)
    return asked[code].health(now=now), catalogue().recipients[code].name
