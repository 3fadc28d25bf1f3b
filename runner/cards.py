"""The emulated Braintree of `bin/run`: with it payment by card works in a fresh clone, and no card is ever charged."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

PORT: Final = 8026
MERCHANT: Final = "emulated"


@dataclass(frozen=True, slots=True)
class Cards:
    """Its keys, made anew with each start."""

    public_key: str = field(default_factory=lambda: secrets.token_hex(16))
    private_key: str = field(default_factory=lambda: secrets.token_hex(16))

    def words(self, descriptor: int, *, var: Path) -> list[str]:
        """What the process of the emulators must be told."""
        return [
            *("--braintree-fd", str(descriptor), "--braintree-keep", str(var / "braintree.json")),
            *("--braintree-merchant", MERCHANT),
            *("--braintree-public-key", self.public_key, "--braintree-private-key", self.private_key),
        ]

    def environment(self, address: str) -> Mapping[str, str]:
        """What the site must be told."""
        return {
            "BRAINTREE_EMULATOR_URL": address,
            "BRAINTREE_CARD_FORM": "emulated",
            "BRAINTREE_MERCHANT_ID": MERCHANT,
            "BRAINTREE_PUBLIC_KEY": self.public_key,
            "BRAINTREE_PRIVATE_KEY": self.private_key,
        }
