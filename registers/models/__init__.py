"""The rows of the registers."""

from registers.models.balancing import BalancingVersion
from registers.models.breaches import Breach, BreachEntry
from registers.models.contracts import ContractVersion
from registers.models.disclosures import AuthorityRequest, Disclosure
from registers.models.processing import RegisterVersion
from registers.models.reminders import Reminder

__all__ = [
    "AuthorityRequest",
    "BalancingVersion",
    "Breach",
    "BreachEntry",
    "ContractVersion",
    "Disclosure",
    "RegisterVersion",
    "Reminder",
]
