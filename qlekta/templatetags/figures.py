"""The way from the first page of the administration to the figures."""

from typing import Any

from django import template

from datamap.dashboard import boards_for

register = template.Library()


@register.simple_tag(takes_context=True)
def may_see_figures(context: Any) -> bool:
    """Whether there is a board for this member of the staff."""
    return bool(boards_for(context["request"].user))
