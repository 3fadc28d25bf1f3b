"""What everybody reads holds no hidden signs; joiners that make a letter or a picture are none."""

import pytest
from django.core.exceptions import ValidationError

from accounts.signs import no_hidden_signs


@pytest.mark.parametrize(
    "text",
    [
        "Galds ar četriem krēsliem 🪑",
        "Zemniece \U0001f469\u200d\U0001f33e pārdod kartupeļus",
        "\U0001f469\U0001f3fd\u200d\U0001f33e \u2764\ufe0f\u200d\U0001f525",
        "می\u200cخواهم",
        "क्\u200dष",
        "Divas\nrindas\tun viena",
    ],
)
def test_letters_and_pictures_are_taken_as_they_are_typed(text: str) -> None:
    no_hidden_signs(text)


@pytest.mark.parametrize(
    "text",
    [
        "pa\u202eslēpts",
        "no\u200bslēpts",
        "Jā\u200dnis",
        "a\u0304\u200dn",
        "Ан\u200cна",
        "vārds\u200d",
        "\u200cvārds",
        "vārds\u200d\u200dvārds",
        "vārds \u200d vārds",
        "12\u200d34",
        "pa\u2066slēpts",
        "\ufeffvārds",
        "a\x00b",
    ],
)
def test_what_hides_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        no_hidden_signs(text)
