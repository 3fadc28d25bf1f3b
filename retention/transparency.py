"""The public page with the signed heads of the ledgers: whoever keeps a copy can show that nothing was rewritten."""

from typing import Any, Final

from django.apps import apps
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from retention.heads import TYPE
from retention.published import PublishedHead
from vault import signing

SHOWN: Final = 31
"""Statements on the page; the file has all."""


@never_cache
@require_safe
def transparency(request: HttpRequest) -> HttpResponse:
    """What the ledgers ended with, day by day, our key and how to check; for everybody."""
    statements = [_readable(row.document) for row in PublishedHead.objects.order_by("-id")[:SHOWN]]
    context = {"statements": statements, "keys": signing.published_keys()}
    return render(request, "retention/transparency.html", context)


@never_cache
@require_safe
def transparency_file(request: HttpRequest) -> HttpResponse:
    """All statements as they were signed, the oldest first, and the key."""
    statements = PublishedHead.objects.order_by("id").values_list("document", flat=True)
    content = {
        "type": TYPE,
        "key_id": signing.key_id(),
        "public_key": signing.public_key_pem(),
        "keys": [
            {"key_id": key.key_id, "since": key.since, "until": key.until, "public_key": key.pem}
            for key in signing.published_keys()
        ],
        "statements": list(statements),
    }
    disposition = 'attachment; filename="qlekta-ledger-heads.json"'
    return JsonResponse(
        content, headers={"Content-Disposition": disposition}, json_dumps_params={"ensure_ascii": False}
    )


def _readable(document: dict[str, Any]) -> dict[str, Any]:
    heads = [{**head, "name": _name(head["ledger"])} for head in document["heads"]]
    return {**document, "heads": heads, "moment": parse_datetime(document["at"])}


def _name(ledger: str) -> str:
    try:
        return str(apps.get_model(ledger)._meta.verbose_name_plural)
    except LookupError:
        return ledger  # a ledger that a later release gave up
