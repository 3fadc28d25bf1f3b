"""The receipts of a person's consents as files (Art. 7(1), 15, 20)."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from consent.kantara import kantara_receipt
from consent.receipts import NothingOnRecord, receipt
from vault.tokens import subject_token


@never_cache
@require_safe
def receipt_file(request: HttpRequest, purpose: str) -> HttpResponse:
    """The signed receipt of one consent of the account (ISO/IEC TS 27560)."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.path)
    return receipt_response(subject_token(request.user.pk), purpose, scope=request.GET.get("scope", ""))


@never_cache
@require_safe
def kantara_file(request: HttpRequest, purpose: str) -> HttpResponse:
    """The same in the format of the Kantara Initiative."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.path)
    write = partial(kantara_receipt, scope=request.GET.get("scope", ""))
    return _file(write, subject_token(request.user.pk), purpose, "json")


def receipt_response(whose: str, purpose: str, *, scope: str = "") -> HttpResponse:
    """The signed receipt as a file to be saved. Raises Http404 where nothing is on record."""
    return _file(partial(receipt, scope=scope), whose, purpose, "jsonld")


def _file(write: Callable[..., dict[str, Any]], whose: str, purpose: str, kind: str) -> HttpResponse:
    try:
        document = write(whose, purpose, now=timezone.now())
    except NothingOnRecord:
        raise Http404 from None
    content_type = "application/ld+json" if kind == "jsonld" else "application/json"
    response = JsonResponse(document, json_dumps_params={"ensure_ascii": False, "indent": 2}, content_type=content_type)
    name = f"consent-{purpose.lower().replace('_', '-')}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Referrer-Policy"] = "no-referrer"
    return response
