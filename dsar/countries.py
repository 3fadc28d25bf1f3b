"""Countries by their names: who reads where data went should not have to know codes (Art. 12(1))."""

from babel import Locale
from django.utils.translation import get_language


def country_name(code: str) -> str:
    """The name in the active language; the code where it has none."""
    return Locale.parse(get_language() or "lv").territories.get(code, code)
