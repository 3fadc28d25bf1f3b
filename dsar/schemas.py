"""The published JSON schemas of the files that people get (Art. 15(3), 20(1))."""

from pathlib import Path
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

_DIRECTORY: Final = Path(__file__).parent / "access_copy"
_PUBLISHED: Final = {path.stem: path for path in _DIRECTORY.glob("*.json")}


@require_GET
def schema(_request: HttpRequest, name: str) -> HttpResponse:
    """One schema by its name and version; also what older copies point to stays published."""
    if name not in _PUBLISHED:
        raise Http404
    return HttpResponse(_PUBLISHED[name].read_text(encoding="utf-8"), content_type="application/schema+json")
