"""Shows staff on the first page of the administration what the registers need at once or soon."""

from typing import Any

from django import template
from django.utils import timezone

from registers.alarms import alarms

register = template.Library()


@register.inclusion_tag("registers/admin/alarms.html")
def register_alarms() -> dict[str, Any]:
    """The list of alarms, nothing where none is raised."""
    return {"alarms": alarms(now=timezone.now())}
