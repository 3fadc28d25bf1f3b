"""Shows staff on the first page of the administration what is due."""

from typing import Any

from django import template

from dsar.admin.board import board

register = template.Library()


@register.inclusion_tag("dsar/admin/board.html", takes_context=True)
def desk_board(context: Any) -> dict[str, Any]:
    """The counts and the requests that are due first."""
    return {"board": board(context["request"])}
