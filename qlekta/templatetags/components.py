"""Parts of pages that hold what a template puts between their tags; those that hold nothing are plain includes."""

from django import template
from django.template.loader import render_to_string

register = template.Library()


@register.simple_block_tag
def table(content: str, label: str) -> str:
    """A table that scrolls where it is wide and is a list of cards on a phone (each cell with a `data-label`)."""
    return render_to_string("components/table.html", {"content": content, "label": label})
