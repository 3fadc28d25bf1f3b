"""System checks of cards: money goes to the real Braintree in production, and to an emulated one only in a demo."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error


def check_braintree(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """Keys are named all or none; an emulator only where everything is emulated, and never in production."""
    named: dict[str, Any] = settings.BRAINTREE
    is_emulated = bool(getattr(settings, "PROCESSORS_EMULATED", False))
    is_production = bool(getattr(settings, "PRODUCTION", False))
    keys = [bool(named[name]) for name in ("MERCHANT_ID", "PUBLIC_KEY", "PRIVATE_KEY")]
    found: list[CheckMessage] = []
    if any(keys) and not all(keys):
        sentence = "Set BRAINTREE_MERCHANT_ID, BRAINTREE_PUBLIC_KEY and BRAINTREE_PRIVATE_KEY, or none of them."
        found.append(Error(sentence, id="payments.E001"))
    if named["EMULATOR_URL"] and (is_production or not is_emulated):
        sentence = "BRAINTREE_EMULATOR_URL is named: money would go to an emulator or elsewhere."
        found.append(Error(sentence, hint="In development, say QLEKTA_PROCESSORS=emulated.", id="payments.E002"))
    if all(keys) and is_emulated and not named["EMULATOR_URL"]:
        found.append(Error("QLEKTA_PROCESSORS is emulated, but cards would really be charged.", id="payments.E003"))
    if named["CARD_FORM"] == "emulated" and (is_production or not is_emulated):
        found.append(Error("BRAINTREE_CARD_FORM is emulated: nobody could pay with a card.", id="payments.E005"))
    if all(keys) and is_production and named["ENVIRONMENT"] != "production":
        found.append(Error("BRAINTREE_ENVIRONMENT is the sandbox: nothing would be charged.", id="payments.E004"))
    return found
