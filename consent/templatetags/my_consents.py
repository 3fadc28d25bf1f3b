"""Shows the consents of whoever is logged in on a page of another app, each with the way back (Art. 7(3))."""

from typing import Any

from django import template
from django.utils import timezone

from consent.queries import ConsentStatus, statuses_of

register = template.Library()


@register.simple_tag
def consents_of(user: Any) -> list[ConsentStatus]:
    """What the person agrees to now; one question."""
    return [status for status in statuses_of(user.pk, now=timezone.now()) if status.permits]
