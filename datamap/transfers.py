"""Who gets data: may this recipient be handed any now, and who got some about this person? (Art. 15(1)(c), 28, 44)

The registers stand far above those who send; so senders ask here, and whoever keeps the contracts answers.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.module_loading import import_string

from datamap.catalogue import catalogue
from datamap.gate import Decision
from datamap.registry import registry
from datamap.terms import RecipientRole, Safeguard, Text
from datamap.trace import Subject

ContractKeeper = Callable[[str, datetime], Decision | None]
"""Answers for the recipients whose contracts it keeps, None for all others; named in `CONTRACT_KEEPERS`."""


class UnknownRecipient(ValueError):
    """Somebody asked for a recipient that the catalogue does not have."""


def may_hand_over(recipient: str, *, now: datetime) -> Decision:
    """Whether data may go to this recipient at this moment. A processor needs a contract in force (Q8.6), anybody in a
    third country a transfer mechanism (Q9.4): one refusal is enough to stop, and nobody answering means no. Raises
    UnknownRecipient for a code outside the catalogue.
    """
    try:
        declared = catalogue().recipients[recipient]
    except KeyError:
        raise UnknownRecipient(recipient) from None
    if declared.role is not RecipientRole.PROCESSOR and declared.safeguard is Safeguard.NONE_NEEDED:
        return Decision(True, "no processor and no third country: Art. 28 and 44 ask for nothing")
    answers = [
        answer for path in registry().contract_keepers if (answer := import_string(path)(recipient, now)) is not None
    ]
    refusals = [answer for answer in answers if not answer.allowed]
    return (refusals or answers or [Decision(False, "no contract on record")])[0]


@dataclass(frozen=True, slots=True)
class Received:
    """Somebody outside the catalogue who got data about a person: by name, as what, on which ground, what and when."""

    name: str
    role: Text
    ground: Text
    what: Text


def received_about(subject: Subject) -> Iterable[Received]:
    """Everybody who got data about this person by a recorded disclosure; those that must stay secret are left out.

    `DISCLOSERS` names functions `(subject) -> Iterable[Received]`.
    """
    for path in registry().disclosers:
        yield from import_string(path)(subject)
