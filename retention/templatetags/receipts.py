"""Shows the instants and days of a receipt, which are plain text in its JSON, the way people read them."""

from datetime import datetime

from django import template
from django.utils.formats import date_format
from django.utils.timezone import is_aware, localtime

register = template.Library()


@register.filter
def instant(text: str) -> str:
    """An ISO instant as local date and time, an ISO day as a date; anything else as it is."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return str(text)
    if not is_aware(moment):
        return date_format(moment, "DATE_FORMAT")
    return date_format(localtime(moment), "DATETIME_FORMAT")
