"""The page of figures for staff: what every app declared for it, drawn on the server."""

from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from datamap.dashboard import boards_for
from datamap.drawing import draw

TITLE: Final = _("Figures")


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """The boards that this member of the staff may see; whoever may see none is refused."""
    boards = boards_for(request.user)
    if not boards:
        raise PermissionDenied
    now = timezone.now()
    shown: list[dict[str, Any]] = [
        {"key": item.key, "heading": item.heading, "plots": [draw(figure) for figure in item.figures(now=now)]}
        for item in boards
    ]
    context = {**admin.site.each_context(request), "title": TITLE, "boards": shown}
    return TemplateResponse(request, "qlekta/dashboard.html", context)
