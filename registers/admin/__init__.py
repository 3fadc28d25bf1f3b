"""The admin pages of the registers; each module registers its own."""

from registers.admin import balancing, breaches, contracts, disclosures, processing, requests

__all__ = ["balancing", "breaches", "contracts", "disclosures", "processing", "requests"]
