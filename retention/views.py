"""The public check of a receipt's signature."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from retention.forms import ReceiptForm
from retention.receipts import verify_document
from vault import signing


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Say whether this site signed the receipt that was pasted or uploaded; nothing of it is stored."""
    form = ReceiptForm(request.POST, request.FILES) if request.method == "POST" else ReceiptForm()
    context = {"form": form, "public_key": signing.public_key_pem(), "key_id": signing.key_id()}
    if form.is_bound and form.is_valid():
        document = form.cleaned_data["document"]
        context |= {"checked": True, "valid": verify_document(document), "receipt": document}
    return render(request, "retention/verify.html", context)
