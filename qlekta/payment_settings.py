"""Which services take money for the site, and with which keys; part of the settings."""

from typing import Any

from qlekta import env

BRAINTREE: dict[str, Any] = {
    "ENVIRONMENT": env.choice("BRAINTREE_ENVIRONMENT", ("sandbox", "production"), "sandbox"),
    "MERCHANT_ID": env.text("BRAINTREE_MERCHANT_ID", ""),
    "PUBLIC_KEY": env.text("BRAINTREE_PUBLIC_KEY", ""),
    "PRIVATE_KEY": env.text("BRAINTREE_PRIVATE_KEY", ""),
    # Of the accounts at Braintree the one in euro; empty for the merchant's only one.
    "MERCHANT_ACCOUNT": env.text("BRAINTREE_MERCHANT_ACCOUNT", ""),
    # An emulated Braintree on this machine; only with QLEKTA_PROCESSORS=emulated.
    "EMULATOR_URL": env.text("BRAINTREE_EMULATOR_URL", ""),
    # With an emulated Braintree there may be no fields to type a card into, but cards of its own to choose from.
    "CARD_FORM": env.choice("BRAINTREE_CARD_FORM", ("hosted", "emulated"), "hosted"),
    "TIMEOUT": 20,
}
ESCROW: dict[str, Any] = {
    # Without a key payments through Escrow.com are offered to nobody.
    "KEY": env.text("ESCROW_API_KEY", ""),
    "EMAIL": env.text("ESCROW_EMAIL", ""),
    "URL": env.text("ESCROW_API_URL", "https://api.escrow.com/2017-09-01"),
    # Where people identify themselves and pay: the pages of Escrow.com, or those of an emulated one.
    "PAGES_URL": env.text("ESCROW_PAGES_URL", "https://www.escrow.com"),
    # How long a buyer may look at what has arrived before Escrow.com accepts it by itself.
    "INSPECTION_SECONDS": env.number("ESCROW_INSPECTION_SECONDS", 3 * 24 * 3600, minimum=24 * 3600),
}
