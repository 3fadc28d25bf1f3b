"""The door at which Braintree rings: its calls are signed, their whole body is; of it only a number is read (Q9.11)."""

from http import HTTPStatus
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from payments.cards.gateway import Braintree, NotSigned, is_configured
from payments.cards.merging import hear

_LARGEST: Final = 256 * 1024


@csrf_exempt
@require_http_methods(["GET", "POST"])
def ring(request: HttpRequest) -> HttpResponse:
    """GET answers Braintree's challenge when the address is entered there; POST has a transaction read again."""
    if not is_configured():
        raise Http404
    braintree = Braintree.of_settings()
    if int(request.META.get("CONTENT_LENGTH") or 0) > _LARGEST:
        return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        if request.method == "GET":
            return HttpResponse(braintree.answer_to(request.GET.get("bt_challenge", "")), content_type="text/plain")
        payload = request.POST.get("bt_payload", "")
        called = braintree.heard(request.POST.get("bt_signature", ""), payload)
    except NotSigned:
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)
    hear(payload, called, now=timezone.now())
    return HttpResponse()
