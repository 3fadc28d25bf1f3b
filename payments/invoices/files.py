"""A document as a file to download, made anew from the stored facts each time: none is kept."""

from typing import Final

from django.http import Http404, HttpResponse

from payments.invoices import pdf, ubl
from payments.models import Invoice

_TYPES: Final = {"pdf": "application/pdf", "xml": "application/xml"}


def as_file(invoice: Invoice, form: str, *, language: str) -> HttpResponse:
    """As "pdf" in a language of the site, or as "xml" in Latvian; Http404 for any other form."""
    if form not in _TYPES:
        raise Http404
    content = pdf.draw(invoice, language=language) if form == "pdf" else ubl.write(invoice)
    named = {"Content-Disposition": f'attachment; filename="{invoice.number}.{form}"'}
    return HttpResponse(content, content_type=_TYPES[form], headers=named)
