"""Letters can be read before they leave."""

from collections.abc import Callable

import pytest

from mailing.composing import Letter
from mailing.models import OutgoingMessage
from mailing.sealing import open_letter

Letters = Callable[[str], list[Letter]]

SIGN_UP = {
    "email": "marta@example.lv",
    "password1": "Zilais-kalns-7",
    "given_name": "Marta",
    "family_name": "Liepa",
    "age_confirmed": "on",
}


@pytest.fixture
def letters_to() -> Letters:
    """The letters that wait for an address, oldest first."""

    def waiting(address: str) -> list[Letter]:
        return [open_letter(row) for row in OutgoingMessage.objects.filter(to_address=address).order_by("created_at")]

    return waiting
