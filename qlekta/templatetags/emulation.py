"""Says on every page that a service outside is emulated; asks the settings, so that no view can forget it."""

from typing import Any

from django import template
from django.conf import settings

register = template.Library()


@register.inclusion_tag("qlekta/emulation.html")
def emulation_banner() -> dict[str, Any]:
    """Nothing on a real site."""
    return {"is_emulated": settings.PROCESSORS_EMULATED, "inbox": settings.EMULATED_INBOX_URL}
