"""Shows whoever sends money, on the first page of the administration, what about it waits for a decision."""

from typing import Any

from django import template
from django.utils import timezone

from payments.alarms import alarms

register = template.Library()


@register.inclusion_tag("payments/admin/alarms.html")
def payment_alarms() -> dict[str, Any]:
    """The list of alarms, nothing where none is raised."""
    return {"alarms": alarms(now=timezone.now())}
