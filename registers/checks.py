"""`manage.py check` refuses a catalogue whose registers would have holes (Art. 6(1)(f), 28, 46)."""

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error

from datamap.catalogue import catalogue
from datamap.terms import LawfulBasis, RecipientRole, Safeguard

EEA = frozenset(
    {"AT", "BE", "BG", "HR", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HU", "IE", "IS", "IT", "LI", "LT"}
    | {"LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", "EEA"}
)
"""The European Economic Area: nothing is transferred there in the sense of Art. 44."""


def check_catalogue(**_kwargs: Any) -> list[CheckMessage]:
    """E001: a legitimate interest without its balancing test. E002: a processor without a contract.
    E003: a recipient in a third country without a safeguard."""
    return [*_unbalanced(), *_without_contract(), *_without_safeguard()]


def _unbalanced() -> Iterator[CheckMessage]:
    for code, purpose in catalogue().purposes.items():
        if purpose.basis is LawfulBasis.LEGITIMATE_INTERESTS and purpose.balancing is None:
            yield Error(f"The purpose {code} rests on a legitimate interest and has no test.", id="registers.E001")


def _without_contract() -> Iterator[CheckMessage]:
    for code, recipient in catalogue().recipients.items():
        if recipient.role is RecipientRole.PROCESSOR and recipient.contract is None:
            yield Error(f"The processor {code} has no contract (Art. 28).", id="registers.E002")


def _without_safeguard() -> Iterator[CheckMessage]:
    for code, recipient in catalogue().recipients.items():
        if recipient.safeguard is Safeguard.NONE_NEEDED and recipient.country not in EEA:
            yield Error(f"The recipient {code} is in {recipient.country} without a safeguard.", id="registers.E003")
