"""Signs that a reader does not see: they turn lines around, hide words and forge names."""

import unicodedata
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_HIDDEN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
_LINES: Final = frozenset("\n\r\t")


def no_hidden_signs(text: str) -> None:
    """Raise ValidationError where a text holds signs that turn its direction or cannot be seen."""
    if any(unicodedata.category(sign) in _HIDDEN and sign not in _LINES for sign in text):
        raise ValidationError(_("The text holds signs that cannot be seen. Please type it anew instead of pasting it."))


def one_alphabet(name: str) -> None:
    """Raise ValidationError where letters of different alphabets stand in one name: а and a are two letters that look
    the same, and whoever mixes them makes himself look like somebody else."""
    alphabets = {unicodedata.name(sign, "").partition(" ")[0] for sign in name if sign.isalpha()}
    if len(alphabets) > 1:
        raise ValidationError(_("The name mixes letters of different alphabets. Please write it in one."))
