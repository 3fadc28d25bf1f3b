"""Words of the case desk: a language by its name, a fee in euros."""

from decimal import Decimal

from django import template
from django.conf import settings
from django.utils.formats import number_format

from dsar.desk_words import action_words, right_words, stage_words
from dsar.terms import ground_words

register = template.Library()


@register.simple_tag
def spoken_language(code: str) -> str:
    """The name of a language in itself, so that whoever answers reads which one it is."""
    return str(dict(settings.LANGUAGES).get(code, code))


@register.simple_tag
def fee_in_euros(cents: int) -> str:
    """A fee as the person reads it."""
    return f"{number_format(Decimal(cents) / 100, decimal_pos=2)} €"


register.filter("ground_words", ground_words)
register.filter("right_words", right_words)
register.filter("stage_words", stage_words)
register.filter("action_words", action_words)
