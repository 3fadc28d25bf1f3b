"""The door at which Escrow.com rings. Nobody signs its calls, so nothing in them is believed: it is asked how the
payment stands, and what it answers decides (Q9.11)."""

import json
from http import HTTPStatus
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from payments.escrow.client import is_open
from payments.escrow.settling import order_reading
from payments.models.escrow import EscrowDeal

_LARGEST: Final = 64 * 1024
_MOST: Final = 2**63


@csrf_exempt
@require_POST
def ring(request: HttpRequest) -> HttpResponse:
    """Have the payment read again, if it is one of ours. The answer tells a stranger nothing.

    Of what comes in only the number is read, and nothing is kept: whatever else stands there is dropped (Q9.9).
    """
    if not is_open():
        raise Http404
    if int(request.META.get("CONTENT_LENGTH") or 0) > _LARGEST:
        return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        called = json.loads(request.body)
    except (ValueError, RecursionError):
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)
    match called:
        case {"transaction_id": int(number)} if 0 < number < _MOST:
            deal = EscrowDeal.objects.filter(provider_id=number).first()
            if deal is not None:
                order_reading(deal, now=timezone.now())
    return HttpResponse()
