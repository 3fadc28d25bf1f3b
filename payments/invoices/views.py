"""The pages of a person about her invoices: hers alone, read and downloaded, never changed (Art. 15; Q17.3)."""

from typing import cast
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from datamap.catalogue import period
from payments.invoices.files import as_file
from payments.models import Invoice


@login_required
@never_cache
@require_safe
def invoices(request: HttpRequest) -> HttpResponse:
    """All documents that name the person, the newest first."""
    found = Invoice.objects.filter(user_id=_person(request).pk)
    return render(request, "payments/invoices.html", {"invoices": found, "term": period("INVOICE")})


@login_required
@never_cache
@require_safe
def download(request: HttpRequest, number: UUID, form: str) -> HttpResponse:
    """One of hers as a file; anybody else's is not there."""
    invoice = get_object_or_404(Invoice, pk=number, user_id=_person(request).pk)
    return as_file(invoice, form, language=get_language() or settings.LANGUAGE_CODE)


def _person(request: HttpRequest) -> User:
    return cast("User", request.user)
