"""Signs that a reader does not see: they turn lines around, hide words and forge names."""

import unicodedata
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_HIDDEN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
_LINES: Final = frozenset("\n\r\t")
_JOINERS: Final = frozenset("\u200c\u200d")
"""Between two letters they shape Persian and Indian words, between two pictures they make one of them."""
_JOINED: Final = ("L", "M", "So", "Sk")
_NOT_JOINED: Final = ("LATIN", "GREEK", "CYRILLIC", "COMBINING")
"""Letters that nobody joins: a joiner between them is there to make one name look like another."""


def no_hidden_signs(text: str) -> None:
    """Raise ValidationError where a text holds signs that turn its direction or cannot be seen."""
    if any(_is_hidden(text, place) for place in range(len(text))):
        raise ValidationError(_("The text holds signs that cannot be seen. Please type it anew instead of pasting it."))


def _is_hidden(text: str, place: int) -> bool:
    sign = text[place]
    if sign in _JOINERS:
        around = text[max(place - 1, 0) : place] + text[place + 1 : place + 2]
        return len(around) < 2 or not all(map(_is_joined, around))
    return unicodedata.category(sign) in _HIDDEN and sign not in _LINES


def _is_joined(sign: str) -> bool:
    return unicodedata.category(sign).startswith(_JOINED) and not unicodedata.name(sign, "").startswith(_NOT_JOINED)


def one_alphabet(name: str) -> None:
    """Raise ValidationError where letters of different alphabets stand in one name: а and a are two letters that look
    the same, and whoever mixes them makes himself look like somebody else."""
    alphabets = {unicodedata.name(sign, "").partition(" ")[0] for sign in name if sign.isalpha()}
    if len(alphabets) > 1:
        raise ValidationError(_("The name mixes letters of different alphabets. Please write it in one."))
